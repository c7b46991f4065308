// Wiring only: the doors, the cron trigger, and the classes that the runtime must find by name.

import { tickFleets } from "./cron/tick.ts";
import type { Env } from "./env.ts";

export { AccountKeeper } from "./durable/account-keeper.ts";
export { FleetKeeper } from "./durable/fleet-keeper.ts";
export { LogPoller } from "./poller.ts";

export default {
  fetch: () => new Response("not yet"),
  scheduled: (controller, env) => tickFleets(env, Number(controller.scheduledTime)),
} satisfies ExportedHandler<Env>;
