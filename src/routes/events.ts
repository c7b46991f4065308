// GET /api/events: what happened, newest first.

import { Hono } from "hono";
import { z } from "zod";
import { eventsList } from "../db/events.ts";
import { type EventKind, eventKinds, type FleetEvent, NO_FLEET } from "../fleet/event.ts";
import { forbidden } from "./auth.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import {
  DAY_MS,
  fromHistory,
  historyQuery,
  INSTANT_WORDS,
  instant,
  iso,
  moreLine,
  pageOf,
  shortTime,
  wholeNumber,
} from "./history.ts";
import { answer } from "./present.ts";
import { invalidRequest } from "./problem.ts";
import { eventsSchema } from "./schemas/history.ts";
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
  until: instant.optional().meta(INSTANT_WORDS),
  kind: kinds.optional().meta({ description: KINDS, examples: ["strike,destroy"] }),
  slot: wholeNumber(0, 999_999).optional().meta({ description: "One slot of the fleet that is named" }),
  instance: wholeNumber(1, 9_999_999_999)
    .optional()
    .meta({ description: "One instance; the last 7 days without `since`" }),
  machine: wholeNumber(1, 9_999_999_999)
    .optional()
    .meta({ description: "One machine; the last 7 days without `since`" }),
});
const ABOUT_ONE_DAYS = 7;

const columns: readonly Column[] = [
  { head: "At", width: 20 },
  { head: "Fleet", width: 12 },
  { head: "Kind", width: 12 },
  { head: "What", width: 40 },
];

const words = describe("listEvents", {
  chapter: "History",
  summary: "What happened, newest first",
  description:
    "Without `since`: the last 24 hours, of one instance or machine 7 days, where no `until` lies before them.",
  answers: { 200: both(eventsSchema) },
  refusals: ["history-unreachable", "forbidden"],
});

export const events = new Hono<DoorEnv>().get("/", words, query(eventsQuery), async (c) => {
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

export type EventDocument = ReturnType<typeof eventDocument>;

/** `fleet` is `null` where the event concerns all alike. */
function eventDocument({ id, fleet, atMs, ...facts }: FleetEvent) {
  return { id, at: iso(atMs), fleet: fleet === NO_FLEET ? null : fleet, ...facts };
}

function cells({ at, fleet, kind, message }: EventDocument): string[] {
  return [shortTime(at), fleet ?? "-", kind, message];
}
