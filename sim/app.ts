/**
 * One server for everything: Vast's API, the log store, the Hub, and the steering, told apart by path alone.
 */
import { Hono } from "hono";
import { failure, json } from "./answers.ts";
import { addVastRoutes } from "./door.ts";
import type { Market } from "./market.ts";
import { accountRoutes } from "./routes-account.ts";
import { addHubRoutes } from "./routes-hub.ts";
import { instanceListRoutes } from "./routes-instance-list.ts";
import { instanceRoutes } from "./routes-instances.ts";
import { addLogStore, logRoutes } from "./routes-logs.ts";
import { offerRoutes } from "./routes-offers.ts";
import { addSimRoutes } from "./routes-sim.ts";

export function createApp(market: Market): Hono {
  // Paths are served with and without the trailing slash, as both are in use (Vast API reference §1).
  const app = new Hono({ strict: false });
  addLogStore(app, market);
  addSimRoutes(app, market);
  // Named paths come before those with an id in the same place.
  const routes = [...logRoutes, ...accountRoutes, ...offerRoutes, ...instanceListRoutes, ...instanceRoutes];
  const isNamed = (path: string): boolean => !path.endsWith("/:id");
  addVastRoutes(app, market, [
    ...routes.filter((one) => isNamed(one.path)),
    ...routes.filter((one) => !isNamed(one.path)),
  ]);
  addHubRoutes(app, market);
  app.get("/", () =>
    json({ service: "simulated market", steering: ["/sim/state", "/sim/faults", "/sim/clock", "/sim/reset"] }),
  );
  app.notFound(() => failure(404, "not_found", "No such endpoint"));
  app.onError((error) => {
    console.error(error);
    return failure(500, "simulator_error", String(error));
  });
  return app;
}
