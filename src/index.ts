// Wiring only: the doors, the cron trigger, and the classes that the runtime must find by name.

import { exports } from "cloudflare:workers";
import { storeDailyReports } from "./cron/daily-report.ts";
import { pruneWhenDue } from "./cron/retention.ts";
import { tickFleets } from "./cron/tick.ts";
import { pollerStub } from "./durable/stubs.ts";
import type { Env } from "./env.ts";
import { createApp } from "./routes/app.ts";

export { AccountKeeper } from "./durable/account-keeper.ts";
export { FleetKeeper } from "./durable/fleet-keeper.ts";
export { LogPoller } from "./poller.ts";

const app = createApp({ readLog: (instanceId, wish) => pollerStub({ exports }).read(instanceId, wish) });

export default {
  fetch: app.fetch,
  scheduled: async (controller, env) => {
    const scheduledAtMs = Number(controller.scheduledTime);
    await Promise.all([tickFleets(env, scheduledAtMs), pruneWhenDue(env, scheduledAtMs)]);
    await storeDailyReports(env, scheduledAtMs);
  },
} satisfies ExportedHandler<Env>;
