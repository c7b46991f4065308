// GET /api/events: what happened, newest first.

import { Hono } from "hono";
import { z } from "zod";
import { eventsList } from "../db/events.ts";
import { type EventKind, eventKinds, type FleetEvent, NO_FLEET } from "../fleet/event.ts";
import { forbidden } from "./auth.ts";
import type { DoorEnv } from "./door.ts";
import {
  DAY_MS,
  fromHistory,
  historyQuery,
  instant,
  iso,
  moreLine,
  pageOf,
  shortTime,
  wholeNumber,
} from "./history.ts";
import { answer } from "./present.ts";
import { invalidRequest } from "./problem.ts";
import { type Column, tableLines, textOf } from "./table.ts";
import { query } from "./validate.ts";

const KINDS = `one or more of ${eventKinds.join(", ")}, with commas between`;

const kinds = z.string().transform((text, context): readonly EventKind[] => {
  const wanted = text.split(",");
  const known = eventKinds.filter((kind) => wanted.includes(kind));
  if (wanted.every((kind) => known.some((one) => one === kind))) return known;
  context.addIssue({ code: "custom", message: KINDS, input: text });
  return z.NEVER;
});

/** Who wrote is asked for by name: what the write did has an event of its own. */
const EVERYDAY = eventKinds.filter((kind) => kind !== "audit");

/**
 * Without `since`: the last 24 hours, of one instance or machine seven days, where no `until` lies before them. A slot is a
 * fleet's.
 */
const eventsQuery = historyQuery.extend({
  until: instant.optional(),
  kind: kinds.optional(),
  slot: wholeNumber(0, 999_999).optional(),
  instance: wholeNumber(1, 9_999_999_999).optional(),
  machine: wholeNumber(1, 9_999_999_999).optional(),
});
const ABOUT_ONE_DAYS = 7;

const columns: readonly Column[] = [
  { head: "At", width: 20 },
  { head: "Fleet", width: 12 },
  { head: "Kind", width: 12 },
  { head: "What", width: 40 },
];

export const events = new Hono<DoorEnv>().get("/", query(eventsQuery), async (c) => {
  const { fleet, since, until, kind = EVERYDAY, slot, instance, machine, before, limit } = c.req.valid("query");
  // Addresses and habits of people are for those who run the deployment.
  if (kind.includes("audit") && c.get("role") !== "admin") return forbidden(c.env);
  if (slot !== undefined && fleet === undefined)
    return invalidRequest([{ field: "fleet", expected: "the fleet that the slot is of" }]);
  const spanMs = instance === undefined && machine === undefined ? DAY_MS : ABOUT_ONE_DAYS * DAY_MS;
  const sinceMs = since ?? Math.min(Date.now(), until ?? Infinity) - spanMs;
  const about = { fleet, slot, instanceId: instance, machineId: machine, kinds: kind };
  const terms = { ...about, sinceMs, untilMs: until, before, limit: limit + 1 };
  const rows = await fromHistory(() => eventsList(c.env.DB, terms));
  if (rows instanceof Response) return rows;
  const { page, nextBefore } = pageOf(rows, limit, ({ atMs, id }) => ({ atMs, key: id }));
  const documents = page.map(eventDocument);
  return answer(c, { events: documents, since: iso(sinceMs), nextBefore }, () =>
    textOf([...tableLines(columns, documents.map(cells)), ...moreLine(nextBefore)]),
  );
});

/** `fleet` is `null` where the event concerns all alike. */
function eventDocument({ id, fleet, atMs, ...facts }: FleetEvent) {
  return { id, at: iso(atMs), fleet: fleet === NO_FLEET ? null : fleet, ...facts };
}

function cells({ at, fleet, kind, message }: ReturnType<typeof eventDocument>): string[] {
  return [shortTime(at), fleet ?? "-", kind, message];
}
