// The operations of the app, read from the app itself, so that no test of "every door" can forget one.

import { createApp } from "../../src/routes/app.ts";

export interface Route {
  readonly method: string;
  /** As it was written, such as `/api/fleets/:fleet`. */
  readonly path: string;
}

/** Each once, in the order of the app; middleware, which stands on `*`, is none. */
export function appRoutes(): readonly Route[] {
  const app = createApp({
    readLog: () => Promise.reject(new Error("nobody asks")),
  });
  const seen = new Map(
    app.routes
      .filter(({ path }) => !path.endsWith("*"))
      .map(({ method, path }) => [`${method} ${path}`, { method, path }]),
  );
  return [...seen.values()];
}
