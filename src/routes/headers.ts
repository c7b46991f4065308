// What every answer of ours carries for browsers: nothing may be framed, sniffed, run or kept. A door that answers a page
// sets its own policy, which stays. There is no CORS: pages of other sites read nothing.

import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { DoorEnv } from "./door.ts";

const secure = secureHeaders({
  overwrite: false,
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
  },
  // A year, and not for the owner's other hosts.
  strictTransportSecurity: "max-age=31536000",
  xFrameOptions: "DENY",
});

export const safeAnswers: MiddlewareHandler<DoorEnv> = async (c, next) => {
  // The answer to an upgrade is a socket, and its headers cannot be changed.
  if (c.req.header("Upgrade") !== undefined) return next();
  await secure(c, next);
  if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
};
