/**
 * The simulated market inside workerd, for tests: a hand-moved clock, and `POST /sim/reset` at the start of each test.
 */
import { createApp } from "./app.ts";
import { handClock } from "./clock.ts";
import { createMarket } from "./market.ts";

let app: ReturnType<typeof createApp> | null = null;

export default {
  fetch(request: Request): Response | Promise<Response> {
    app ??= createApp(createMarket({ clock: handClock() }));
    return app.fetch(request);
  },
};
