// Who changed what, from where, and with what outcome: one event for each write that somebody known has asked for, refused
// ones too. It goes to D1 beside the answer; the log has it at once, also while D1 is down.

import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { writeOutbox } from "../db/outbox-writer.ts";
import { withDeadline } from "../deadline.ts";
import { type FleetEvent, NO_FLEET } from "../fleet/event.ts";
import { fleetNameProblem } from "../fleet/label.ts";
import { logEvent, maskSecrets } from "../log.ts";
import { agentKind } from "./agent-kind.ts";
import type { DoorEnv, Identity } from "./door.ts";
import { addressOf, isOverLimit, isWrite } from "./limits.ts";
import { bodyText } from "./validate.ts";

/** A spec has some 30 fields. */
const FIELDS_MAX = 40;
const TEXT_MAX = 600;
const TRIES = 3;

type Outcome = "done" | "replayed" | "refused" | "failed";

export interface AuditFacts {
  readonly who: Identity;
  /** Of the table of doors, such as "POST /api/fleets/:fleet/up"; never text from outside. */
  readonly operation: string;
  readonly outcome: Outcome;
  readonly status: number;
  readonly fleet?: string | null;
  /** What stood in the path beside the fleet, and which fields were given; values are not told. */
  readonly about?: Readonly<Record<string, string>>;
}

/** After `authenticate`. A tool call of /mcp tells what it does by `recordAudit` itself. */
export const audit: MiddlewareHandler<DoorEnv> = async (c, next) => {
  if (!isWrite(c) || c.req.path === "/mcp") return next();
  const who = c.get("who");
  await next();
  const { status } = c.res;
  const outcome = outcomeOf(c.res);
  // Whoever may not, or too often, could fill the history with it.
  if ((status === 403 || status === 429) && (await isOverLimit(c.env.LIMIT_REFUSALS, `refused ${who.name}`))) return;
  const route = routePath(c, -1);
  const operation = `${c.req.method} ${route}`;
  const { fleet = null, ...path } = pathValues(route, c.req.path);
  const fields = outcome === "refused" ? "" : await fieldsOf(c);
  const about = { ...path, ...(fields === "" ? {} : { fields }) };
  recordAudit(c, { who, operation, outcome, status, fleet, about });
};

/** Tells the history and the log about a write; never in the way of its answer. */
export function recordAudit(
  c: Context<DoorEnv>,
  { who, operation, outcome, status, fleet = null, about = {} }: AuditFacts,
): void {
  const from = { address: addressOf(c), agent: agentKind(c.req.header("User-Agent")) };
  const said = Object.fromEntries(Object.entries(about).map(([name, value]) => [name, shown(value)]));
  const evidence = { by: who.name, role: who.role, via: who.via, operation, status, ...from, ...said };
  const details = Object.entries(said).map(([name, value]) => `, ${name} ${value}`);
  const row: FleetEvent = {
    id: crypto.randomUUID(),
    fleet: fleet ?? NO_FLEET,
    atMs: Date.now(),
    kind: "audit",
    slot: null,
    instanceId: null,
    machineId: null,
    message: `AUDIT: ${who.name} (${who.role}, ${who.via}, ${from.address ?? "this machine"}, ${from.agent}): ${operation}${details.join("")}: ${outcome} (${status})`,
    evidence: { ...evidence, outcome },
  };
  logEvent({ event: "audit", ...evidence, outcome: logOutcome(outcome), fleet: row.fleet });
  c.executionCtx.waitUntil(deliver(c.env.DB, row));
}

async function deliver(db: D1Database, row: FleetEvent): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      // The id makes a second delivery harmless.
      return await withDeadline(writeOutbox(db, [{ kind: "event", row }]));
    } catch (error) {
      if (tried === TRIES) return logEvent({ event: "audit.undelivered", outcome: "failed", id: row.id, error });
    }
  }
}

function outcomeOf({ status, headers }: Response): Outcome {
  if (headers.has("Idempotent-Replayed")) return "replayed";
  if (status >= 500) return "failed";
  return status >= 400 ? "refused" : "done";
}

function logOutcome(outcome: Outcome): "ok" | "refused" | "failed" {
  return outcome === "refused" || outcome === "failed" ? outcome : "ok";
}

/** What stands where the route has a name; what cannot be the name of a fleet is left out. */
function pathValues(route: string, path: string): Record<string, string> {
  const given = path.split("/");
  const values = route.split("/").flatMap((part, index): [string, string][] => {
    const value = given[index];
    if (!part.startsWith(":") || value === undefined) return [];
    const isNoFleet = part === ":fleet" && fleetNameProblem(value) !== null;
    return isNoFleet ? [] : [[part.slice(1), value]];
  });
  return Object.fromEntries(values);
}

/** The names of the body's fields, which a door that did not refuse them knows. */
async function fieldsOf(c: Context<DoorEnv>): Promise<string> {
  try {
    const body: unknown = JSON.parse(await bodyText(c));
    if (typeof body !== "object" || body === null || Array.isArray(body)) return "";
    return Object.keys(body).slice(0, FIELDS_MAX).join(" ");
  } catch {
    // No body, or one that is not JSON, as a list of bad hosts.
    return "";
  }
}

function shown(text: string): string {
  return maskSecrets(text).slice(0, TEXT_MAX);
}
