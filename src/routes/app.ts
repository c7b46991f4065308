// The doors, put together: who may enter, what a body may weigh, and one place where whatever was not foreseen ends.

import { Hono } from "hono";
import { logEvent } from "../log.ts";
import { alerts, fleetAlerts } from "./alerts.ts";
import { audit } from "./audit.ts";
import { authenticate } from "./auth.ts";
import { checks } from "./checks.ts";
import { cost } from "./cost.ts";
import { costDays } from "./cost-days.ts";
import { docs } from "./docs.ts";
import type { DoorEnv } from "./door.ts";
import { fleetDown, prefixDown } from "./down.ts";
import { events } from "./events.ts";
import { fleetActions } from "./fleet-actions.ts";
import { fleets } from "./fleets.ts";
import { safeAnswers } from "./headers.ts";
import { healthz } from "./healthz.ts";
import { hooks } from "./hooks.ts";
import { hosts } from "./hosts.ts";
import { idempotent } from "./idempotency.ts";
import { instancesLedger } from "./instances-ledger.ts";
import { createInstances, type ReadLog } from "./instances.ts";
import { limitRequests } from "./limits.ts";
import { createMcp } from "./mcp/mcp-door.ts";
import { metrics } from "./metrics.ts";
import { live } from "./live.ts";
import { offers } from "./offers.ts";
import { oneInstance } from "./one-instance.ts";
import { openApiDoor } from "./openapi.ts";
import { noSuchDoor } from "./other-method.ts";
import { presetList } from "./presets.ts";
import { problem } from "./problem.ts";
import { reports } from "./reports.ts";
import { session } from "./session.ts";
import { fleetSeriesDoor, series } from "./series.ts";
import { stats } from "./stats.ts";
import { status } from "./status.ts";
import { strays } from "./strays.ts";
import { limitBody } from "./validate.ts";
import { workers } from "./workers.ts";
import { workloadDoors } from "./workloads.ts";

export interface AppDeps {
  readonly readLog: ReadLog;
}

/** All doors as a type: what `client.ts` speaks. */
export type AppType = ReturnType<typeof createApp>;

export function createApp({ readLog }: AppDeps) {
  const app = new Hono<DoorEnv>();
  app.notFound(({ req }) => noSuchDoor(app.routes, req.method, req.path));
  app.onError((error, c) => {
    const id = crypto.randomUUID();
    logEvent({ event: "door.failed", outcome: "failed", id, method: c.req.method, path: c.req.path, error });
    return problem({
      code: "internal-error",
      detail: `the log has it under ${id}`,
      hint: "what had been begun may have been done: look at GET /api/status before asking again",
      more: { id },
    });
  });
  return app
    .use("*", safeAnswers)
    .route("/healthz", healthz)
    .route("/docs", docs)
    .route("/api/session", session)
    .use("/hooks/*", limitBody)
    .route("/hooks", hooks)
    .use("*", authenticate, audit, limitRequests, limitBody)
    .route("/metrics", metrics)
    .route(
      "/mcp",
      createMcp(async (c, request) => app.fetch(request, c.env, c.executionCtx)),
    )
    .route("/", openApiDoor(app))
    .use("/api/*", idempotent)
    .route("/api/status", status)
    .route("/api/cost", cost)
    .route("/api/cost/days", costDays)
    .route("/api/fleets", fleets)
    .route("/api/fleets", fleetActions)
    .route("/api/fleets", fleetAlerts)
    .route("/api/fleets", fleetDown)
    .route("/api/fleets", workers)
    .route("/api/fleets", live)
    .route("/api/fleets", fleetSeriesDoor)
    .route("/api/series", series)
    .route("/api/down", prefixDown)
    .route("/api/instances", createInstances(readLog))
    .route("/api/instances", instancesLedger)
    .route("/api/instances", oneInstance)
    .route("/api/strays", strays)
    .route("/api/alerts", alerts)
    .route("/api/events", events)
    .route("/api/checks", checks)
    .route("/api/hosts", hosts)
    .route("/api/stats", stats)
    .route("/api/offers", offers)
    .route("/api/reports", reports)
    .route("/api/presets", presetList)
    .route("/api/workloads", workloadDoors);
}
