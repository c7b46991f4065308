// /api/hosts: who is struck and who is blocked, and what a person decides about it. Every decision leaves an event.

import { Hono, type MiddlewareHandler } from "hono";
import { z } from "zod";
import { hostsBlock, hostsListRecords, hostsPardon } from "../db/hosts.ts";
import { strikesImport, strikesListByMachine } from "../db/strikes.ts";
import { importedStrikes } from "../fleet/bad-hosts.ts";
import { type FleetEvent, NO_FLEET } from "../fleet/event.ts";
import { logLine, maskSecrets } from "../log.ts";
import { adminOnly } from "./auth.ts";
import { badHostsContent, readBadHosts } from "./bad-hosts-body.ts";
import { both, describe, meaning } from "./describe.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { shownText } from "./field-errors.ts";
import { DAY_MS, fromHistory, shortTime, wholeNumber } from "./history.ts";
import {
  hostCases,
  hostCells,
  hostColumns,
  type HostDocument,
  isCaseBlocked,
  readCase,
  readHostDocuments,
  strikeDocument,
  strikeExpiryDays,
  strikeLimit,
} from "./host-documents.ts";
import { answer } from "./present.ts";
import { invalidRequest } from "./problem.ts";
import { hostHistorySchema, hostListSchema, hostPardonSchema, hostSchema, importSchema } from "./schemas/hosts.ts";
import { type Column, tableLines, textOf } from "./table.ts";
import { formatQuery, jsonBody, query } from "./validate.ts";

const HOSTS_LIMIT_DEFAULT = 100;
const HOSTS_LIMIT_MAX = 500;
/** As the strike's own reason. */
const NOTE_LENGTH_MAX = 300;
const MACHINE_ID_MAX = 9_999_999_999;

const hostsQuery = formatQuery.extend({
  blocked: z.enum(["true", "false"]).optional().meta({ description: "Only those that are, or are not" }),
  machine: wholeNumber(1, MACHINE_ID_MAX).optional().meta({ description: "Only this machine" }),
  limit: wholeNumber(1, HOSTS_LIMIT_MAX).default(HOSTS_LIMIT_DEFAULT),
});
const note = z.string().trim().min(1).max(NOTE_LENGTH_MAX).meta({ description: "Why" });
const blockSchema = z
  .strictObject({ note: note.optional() })
  .meta({ ref: "HostBlock", examples: [{ note: "its disk is full" }] });

const strikeColumns: readonly Column[] = [
  { head: "At", width: 20 },
  { head: "Counts", width: 6 },
  { head: "Until", width: 20 },
  { head: "Fleet", width: 12 },
  { head: "Instance", width: 9, align: "right" },
  { head: "Why", width: 20 },
];

const checkMachine: MiddlewareHandler<DoorEnv> = async (c, next) => {
  const text = c.req.param("machineId") ?? "";
  if (/^[1-9]\d{0,9}$/.test(text)) return next();
  return invalidRequest([{ field: "machineId", expected: "the number of a machine", got: shownText(text) }]);
};

const machineParam = meaning(checkMachine, {
  parameters: [
    {
      in: "path",
      name: "machineId",
      required: true,
      description: "The market's number of a machine",
      schema: { type: "integer", minimum: 1 },
      example: 4411,
    },
  ],
});

const words = {
  list: describe("listHosts", {
    chapter: "Hosts",
    summary: "Machines that something counts against, blocked ones first",
    answers: { 200: both(hostListSchema) },
    refusals: ["history-unreachable"],
  }),
  read: describe("readHost", {
    chapter: "Hosts",
    summary: "One machine with every strike it ever had",
    answers: { 200: both(hostHistorySchema) },
    refusals: ["history-unreachable"],
  }),
  block: describe("blockHost", {
    chapter: "Hosts",
    summary: "No fleet rents it any more",
    answers: { 200: both(hostSchema) },
    refusals: ["history-unreachable"],
  }),
  pardon: describe("pardonHost", {
    chapter: "Hosts",
    summary: "Lifts a block by hand and takes back the strikes that count now",
    answers: { 200: both(hostPardonSchema) },
    refusals: ["history-unreachable"],
  }),
  import: describe("importHosts", {
    chapter: "Hosts",
    summary: "Takes over a list of bad hosts; each mention is a strike",
    body: badHostsContent,
    answers: { 200: both(importSchema) },
    refusals: ["history-unreachable"],
  }),
};

export const hosts = new Hono<DoorEnv>()
  .get("/", words.list, query(hostsQuery), async (c) => {
    const { blocked, machine, limit } = c.req.valid("query");
    const found = await fromHistory(async () => {
      const cases = hostCases(await hostsListRecords(c.env.DB, { nowMs: Date.now(), machineId: machine }));
      const wanted = cases.filter((host) => blocked === undefined || isCaseBlocked(host) === (blocked === "true"));
      return { total: wanted.length, hosts: await readHostDocuments(c.env.DB, wanted.slice(0, limit)) };
    });
    if (found instanceof Response) return found;
    const more = found.total > limit ? [`${found.total - limit} more: &limit=${HOSTS_LIMIT_MAX}`] : [];
    return answer(c, { ...found, strikeLimit }, () =>
      textOf([...tableLines(hostColumns, found.hosts.map(hostCells)), ...more]),
    );
  })

  .get("/:machineId", words.read, machineParam, query(formatQuery), async (c) => {
    const machineId = Number(c.req.param("machineId"));
    const found = await fromHistory(async () => ({
      host: await readHost(c.env.DB, machineId),
      strikes: await strikesListByMachine(c.env.DB, machineId),
    }));
    if (found instanceof Response) return found;
    const history = found.strikes.map((strike) => strikeDocument(strike, Date.now()));
    return answer(c, { ...found.host, history }, () =>
      textOf([
        ...tableLines(hostColumns, [hostCells(found.host)]),
        "",
        ...tableLines(strikeColumns, history.map(strikeCells)),
      ]),
    );
  })

  .put(
    "/:machineId/block",
    words.block,
    adminOnly,
    machineParam,
    query(formatQuery),
    jsonBody(blockSchema),
    async (c) => {
      const machineId = Number(c.req.param("machineId"));
      const { note: given } = c.req.valid("json");
      const why = given === undefined ? null : maskSecrets(given);
      const by = actorOf(c).name;
      const event = hostEvent(machineId, {
        message: `BLOCK: machine ${machineId} blocked by ${by}${why === null ? "" : `: ${why}`}`,
        evidence: { by, note: why },
      });
      const host = await fromHistory(async () => {
        await hostsBlock(c.env.DB, { machineId, note: why }, event);
        return readHost(c.env.DB, machineId);
      });
      if (host instanceof Response) return host;
      logLine(event.message);
      return answer(c, host, () => textOf([event.message, ...tableLines(hostColumns, [hostCells(host)])]));
    },
  )

  // A pardon: what counts now is taken back, what comes later counts.
  .delete("/:machineId/block", words.pardon, adminOnly, machineParam, query(formatQuery), async (c) => {
    const machineId = Number(c.req.param("machineId"));
    const by = actorOf(c).name;
    const done = await fromHistory(async () => {
      const { strikes, isByHand } = await readCase(c.env.DB, machineId);
      const ids = strikes.map(({ id }) => id);
      const lifted = isByHand ? "its block by hand is lifted and " : "";
      const event = hostEvent(machineId, {
        message: `PARDON: machine ${machineId} pardoned by ${by}: ${lifted}${ids.length} strikes are taken back`,
        evidence: { by, wasBlockedByHand: isByHand, refunded: ids.length },
      });
      const refunds = ids.map((strikeId) => ({ strikeId, atMs: event.atMs, reason: `pardoned by ${by}` }));
      const isNews = isByHand || ids.length > 0;
      if (isNews) await hostsPardon(c.env.DB, { machineId, refunds }, event);
      return { host: await readHost(c.env.DB, machineId), refunded: ids, message: isNews ? event.message : null };
    });
    if (done instanceof Response) return done;
    const { host, refunded, message } = done;
    if (message !== null) logLine(message);
    const said = message ?? `machine ${machineId} was not blocked and has no strike that counts`;
    return answer(c, { ...host, refunded }, () => textOf([said, ...tableLines(hostColumns, [hostCells(host)])]));
  })

  .post("/import", words.import, adminOnly, query(formatQuery), async (c) => {
    const machineIds = await readBadHosts(c);
    if (machineIds instanceof Response) return machineIds;
    const by = actorOf(c).name;
    const machines = new Set(machineIds).size;
    const event = hostEvent(null, {
      message: `IMPORT: ${by} gave a list of bad hosts: ${machineIds.length} strikes of ${machines} machines`,
      evidence: { by, strikes: machineIds.length, machines },
    });
    const added = await fromHistory(() =>
      strikesImport(
        c.env.DB,
        {
          strikes: importedStrikes(machineIds),
          atMs: event.atMs,
          expiresAtMs: event.atMs + strikeExpiryDays * DAY_MS,
          reason: "taken over from a list of bad hosts",
        },
        event,
      ),
    );
    if (added instanceof Response) return added;
    logLine(event.message);
    const counts: ImportCounts = { machines, strikes: machineIds.length, added, known: machineIds.length - added };
    return answer(c, counts, () => textOf([`${event.message}: ${added} new, ${counts.known} known before`]));
  });

export interface HostList {
  /** Of all that fit, also those beyond the limit. */
  readonly total: number;
  readonly hosts: readonly HostDocument[];
  readonly strikeLimit: number;
}
export type StrikeDocument = ReturnType<typeof strikeDocument>;
export type HostHistory = HostDocument & { readonly history: readonly StrikeDocument[] };
export type HostPardon = HostDocument & { readonly refunded: readonly string[] };
export interface ImportCounts {
  readonly machines: number;
  readonly strikes: number;
  readonly added: number;
  readonly known: number;
}

async function readHost(db: D1Database, machineId: number) {
  const [host] = await readHostDocuments(db, [await readCase(db, machineId)]);
  if (host === undefined) throw new Error("a machine that was asked for has no document");
  return host;
}

function hostEvent(machineId: number | null, facts: Pick<FleetEvent, "message" | "evidence">): FleetEvent {
  const { message, evidence } = facts;
  return {
    id: crypto.randomUUID(),
    fleet: NO_FLEET,
    atMs: Date.now(),
    kind: "host",
    slot: null,
    instanceId: null,
    machineId,
    message,
    evidence,
  };
}

function strikeCells(strike: StrikeDocument): string[] {
  const why = strike.refundedAt === null ? strike.reason : `${strike.reason} (taken back: ${strike.refundReason})`;
  return [
    shortTime(strike.at),
    strike.counts ? "yes" : "no",
    shortTime(strike.refundedAt ?? strike.expiresAt),
    strike.fleet ?? "-",
    String(strike.instanceId ?? "-"),
    why,
  ];
}
