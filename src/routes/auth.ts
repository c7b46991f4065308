// Who asks, and what they may do. A role belongs to an operation and not to an HTTP method: a dry run is a read.

import type { MiddlewareHandler } from "hono";
import { type Config, readConfig } from "../env.ts";
import type { DoorEnv, Role } from "./door.ts";
import { problem } from "./problem.ts";

/** Lets nobody through without one of the deployment's tokens, and notes which. */
export const authenticate: MiddlewareHandler<DoorEnv> = async (c, next) => {
  const config = readConfig(c.env);
  if (config.adminToken === null && config.viewerToken === null) return noTokenSet(config);
  const token = bearerToken(c.req.header("Authorization"));
  const role = token === null ? null : await roleOf(token, config);
  if (role === null) return unauthorized(token !== null);
  c.set("role", role);
  return next();
};

/** For operations that change something, always. */
export const adminOnly: MiddlewareHandler<DoorEnv> = async (c, next) =>
  c.get("role") === "admin" ? next() : forbidden(c.env);

/** For operations that change something unless `?dryRun=true`. */
export const adminUnlessDryRun: MiddlewareHandler<DoorEnv> = async (c, next) =>
  c.get("role") === "admin" || c.req.query("dryRun") === "true" ? next() : forbidden(c.env);

function bearerToken(header: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1] ?? null;
}

/** Both tokens are always compared, so that the time taken tells nothing. */
async function roleOf(token: string, config: Config): Promise<Role | null> {
  const [isAdmin, isViewer] = await Promise.all([
    isSameToken(token, config.adminToken),
    isSameToken(token, config.viewerToken),
  ]);
  if (isAdmin) return "admin";
  return isViewer ? "viewer" : null;
}

/** Constant-time over hashes, which are of equal length. A token that is not set equals nothing. */
async function isSameToken(given: string, expected: string | null): Promise<boolean> {
  const [a, b] = await Promise.all([sha256(given), sha256(expected ?? "")]);
  return crypto.subtle.timingSafeEqual(a, b) && expected !== null;
}

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

function noTokenSet(config: Config): Response {
  const odd = config.problems.filter((sentence) => /^(ADMIN|VIEWER)_TOKEN\b/.test(sentence));
  return problem({
    code: "token-not-set",
    detail: ["the secret ADMIN_TOKEN is missing", ...odd].join("; "),
    hint: "set it with `wrangler secret put ADMIN_TOKEN` (16 characters or more), or in .dev.vars for a local run",
  });
}

function unauthorized(wasGiven: boolean): Response {
  return problem({
    code: "unauthorized",
    detail: wasGiven ? "the token is not one of this deployment's" : "the request carries no bearer token",
    hint: "send the header `Authorization: Bearer <ADMIN_TOKEN or VIEWER_TOKEN>`",
    headers: { "WWW-Authenticate": `Bearer realm="fleetkeeper"${wasGiven ? ', error="invalid_token"' : ""}` },
  });
}

export function forbidden(env: DoorEnv["Bindings"]): Response {
  const hasAdmin = readConfig(env).adminToken !== null;
  return problem({
    code: "forbidden",
    detail: "the viewer's token reads and does dry runs; this needs the admin's",
    hint: hasAdmin ? "use ADMIN_TOKEN, or ?dryRun=true where the door has it" : "the secret ADMIN_TOKEN is not set",
  });
}
