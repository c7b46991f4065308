// The tables of D1: history, the blacklist, and a copy of the fleets. What a fleet needs to run lives in its own object;
// without D1 a CHECK goes on and the rows wait in the object's outbox. Instants are milliseconds since 1970 (`…AtMs`).
// How long history is kept: `retention.ts`.

import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { eventKinds } from "../fleet/event.ts";
import type { Evidence, FleetMode, FleetState, Totals } from "../fleet/plan.ts";
import { faultClasses } from "../fleet/report.ts";
import type { FleetSpec } from "../fleet/spec.ts";
import type { Workload } from "../fleet/workload.ts";

const modes = ["active", "paused", "down"] as const satisfies readonly FleetMode[];

const states = [
  "down",
  "draining",
  "paused",
  "no-credentials",
  "blind",
  "credit-wait",
  "over-budget",
  "waiting-for-weights",
  "breaker-open",
  "no-offers",
  "ramping",
  "steady",
] as const satisfies readonly FleetState[];

/**
 * A copy of every fleet, for lists. Writer: the fleet's object, by its outbox; the object's own spec is the true one.
 * Readers: cron (whom to tick), the doors that list, the upload interval over all fleets. A deleted fleet's row stays,
 * with `deletedAtMs`, until a fleet of the same name replaces it.
 */
export const fleets = sqliteTable("fleets", {
  name: text("name").primaryKey(),
  mode: text("mode", { enum: modes }).notNull(),
  state: text("state", { enum: states }).notNull(),
  spec: text("spec", { mode: "json" }).$type<FleetSpec>().notNull(),
  target: integer("target").notNull(),
  specVersion: integer("spec_version").notNull(),
  totals: text("totals", { mode: "json" }).$type<Totals>().notNull(),
  lastCheckAtMs: integer("last_check_at_ms"),
  /** An older copy never replaces a newer one. */
  updatedAtMs: integer("updated_at_ms").notNull(),
  /** `null`: the fleet exists. */
  deletedAtMs: integer("deleted_at_ms"),
});

/** What happened. Writers: the fleets' outboxes, and the doors for hosts and audit; a row is written once. Reader: the history. 90 days. */
export const events = sqliteTable(
  "events",
  {
    id: text("id").primaryKey(),
    fleet: text("fleet").notNull(),
    atMs: integer("at_ms").notNull(),
    kind: text("kind", { enum: eventKinds }).notNull(),
    slot: integer("slot"),
    instanceId: integer("instance_id"),
    machineId: integer("machine_id"),
    message: text("message").notNull(),
    evidence: text("evidence", { mode: "json" }).$type<Evidence>().notNull(),
  },
  (table) => [
    // eventsList, of one fleet and of all.
    index("events_by_fleet").on(table.fleet, table.atMs),
    index("events_by_time").on(table.atMs),
  ],
);

/**
 * Every CHECK in numbers. Writer: the fleets' outboxes; a row is written once. Reader: the history. 30 days. The key
 * is the time and not the number: a fleet that is deleted and made again counts from 1 again.
 */
export const checks = sqliteTable(
  "checks",
  {
    fleet: text("fleet").notNull(),
    number: integer("number").notNull(),
    atMs: integer("at_ms").notNull(),
    state: text("state").notNull(),
    live: integer("live").notNull(),
    producing: integer("producing").notNull(),
    usdPerHour: real("usd_per_hour").notNull(),
    gamesPerSecond: real("games_per_second").notNull(),
    actions: integer("actions").notNull(),
    apiMs: real("api_ms").notNull(),
    line: text("line").notNull(),
    notes: text("notes", { mode: "json" }).$type<readonly string[]>().notNull(),
  },
  // checksList reads one fleet in order of time.
  (table) => [primaryKey({ columns: [table.fleet, table.atMs] })],
);

/**
 * The ledger: one row per instance ever rented or adopted. Writer: the fleets' outboxes, at the start and again at the
 * end. Readers: the history, the doors for cost. Rows stay: they are what was paid for.
 */
export const instances = sqliteTable(
  "instances",
  {
    instanceId: integer("instance_id").primaryKey(),
    fleet: text("fleet").notNull(),
    slot: integer("slot").notNull(),
    label: text("label").notNull(),
    machineId: integer("machine_id"),
    gpu: text("gpu"),
    usdPerHour: real("usd_per_hour"),
    fingerprint: text("fingerprint"),
    startedAtMs: integer("started_at_ms").notNull(),
    /** `null`: it lives. */
    endedAtMs: integer("ended_at_ms"),
    endCause: text("end_cause"),
    endReason: text("end_reason"),
    costUsd: real("cost_usd"),
    games: integer("games"),
  },
  (table) => [
    // instancesList reads one fleet, newest first.
    index("instances_by_fleet").on(table.fleet, table.startedAtMs),
    // Who ended since an instant, and who lives (`null` sorts first).
    index("instances_by_end").on(table.endedAtMs),
  ],
);

/**
 * What each fleet has spent up to one instant, the same in every row, so that a sum of all time does not read the whole
 * ledger. Writer: cron, once a day (`spending.ts`). Reader: the doors for cost. Derived from `instances`; without a row the ledger is
 * read from its beginning.
 */
export const spendingBefore = sqliteTable("spending_before", {
  fleet: text("fleet").primaryKey(),
  untilMs: integer("until_ms").notNull(),
  usd: real("usd").notNull(),
});

/**
 * Recorded faults of hosts, over all fleets. Writer: the fleets' outboxes; a row is written once and counts until it
 * expires or is refunded. Readers: every fleet's CHECK (who is blocked), the doors for hosts. 400 days after that.
 */
export const strikes = sqliteTable(
  "strikes",
  {
    /** `<fleet>:<instanceId>`: one instance strikes its host once; `import:<machineId>:<n>`: the nth of an old list. */
    id: text("id").primaryKey(),
    machineId: integer("machine_id").notNull(),
    /** `null`, like the instance: taken over from an old list of bad hosts. */
    fleet: text("fleet"),
    instanceId: integer("instance_id"),
    atMs: integer("at_ms").notNull(),
    reason: text("reason").notNull(),
    faultClass: text("fault_class", { enum: faultClasses }).notNull(),
    /** The first instant at which it no longer counts. */
    expiresAtMs: integer("expires_at_ms").notNull(),
  },
  (table) => [
    // strikesListByMachine.
    index("strikes_by_machine").on(table.machineId, table.atMs),
    // hostsListBlocked counts what has not expired.
    index("strikes_by_expiry").on(table.expiresAtMs, table.machineId),
  ],
);

/**
 * Strikes taken back, because the fault was not the host's or by a pardon: a strike with a row here does not count.
 * Writers: the fleets' outboxes, the doors for hosts; a row is written once. Readers: those of `strikes`. As long as the strike, so that the history shows both.
 */
export const strikeRefunds = sqliteTable("strike_refunds", {
  strikeId: text("strike_id").primaryKey(),
  atMs: integer("at_ms").notNull(),
  reason: text("reason").notNull(),
});

/** What people decided about hosts. Writer: the doors for hosts. Readers: they, and every fleet's CHECK. Rows stay until changed. */
export const hosts = sqliteTable("hosts", {
  machineId: integer("machine_id").primaryKey(),
  /** `true`: blocked whatever the strikes say; else the strikes decide. */
  blockedByHand: integer("blocked_by_hand", { mode: "boolean" }),
  note: text("note"),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/**
 * What each instance gave in each hour. Writer: the fleets' outboxes; a later row of the same hour holds the larger sums
 * and replaces the earlier one. Readers: the ranking of offers, the statistics. 400 days.
 */
export const throughput = sqliteTable(
  "throughput",
  {
    hourAtMs: integer("hour_at_ms").notNull(),
    fleet: text("fleet").notNull(),
    instanceId: integer("instance_id").notNull(),
    machineId: integer("machine_id"),
    gpu: text("gpu").notNull(),
    weightsName: text("weights_name").notNull(),
    /** Measured reports in the hour; the sum divided by it is the rate. */
    samples: integer("samples").notNull(),
    gamesPerSecondSum: real("games_per_second_sum").notNull(),
    /** The slowest and the fastest of them; `null` in rows written before these were kept. */
    gamesPerSecondMin: real("games_per_second_min"),
    gamesPerSecondMax: real("games_per_second_max"),
    usdPerHour: real("usd_per_hour").notNull(),
    games: integer("games").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.hourAtMs, table.instanceId] }),
    // throughputByMachine.
    index("throughput_by_weights").on(table.weightsName, table.hourAtMs),
  ],
);

/**
 * Answers to POSTs that carried an `Idempotency-Key`. Writer and reader: `routes/idempotency.ts`. A row lives 24 hours
 * and is removed by the next claim after that.
 */
export const idempotency = sqliteTable(
  "idempotency",
  {
    /** The name of the token that sent it. The column has the name of the time when a role had one token. */
    owner: text("role").notNull(),
    key: text("key").notNull(),
    /** SHA-256 over method, path, query and body: a key stands for one request. */
    fingerprint: text("fingerprint").notNull(),
    claimId: text("claim_id").notNull(),
    claimedAtMs: integer("claimed_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
    /** `null`, like headers and body: the request has not been answered. */
    status: integer("status"),
    headers: text("headers", { mode: "json" }).$type<Readonly<Record<string, string>>>(),
    body: text("body"),
  },
  (table) => [
    primaryKey({ columns: [table.owner, table.key] }),
    // idempotencyClaim removes expired rows.
    index("idempotency_by_expiry").on(table.expiresAtMs),
  ],
);

/**
 * Workloads by name, as people put them (design §5). Writer and reader: the doors for workloads; a fleet's object keeps
 * the record that it uses. The built-in ones are code and have no row.
 */
export const workloads = sqliteTable("workloads", {
  name: text("name").primaryKey(),
  record: text("record", { mode: "json" }).$type<Workload>().notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
  updatedBy: text("updated_by").notNull(),
});

/**
 * The last masked lines of an instance's log, kept when it is destroyed. Writer: the fleets' outboxes, once per instance.
 * Reader: the door for logs, once the instance is gone.
 */
export const lastLogs = sqliteTable(
  "last_logs",
  {
    instanceId: integer("instance_id").primaryKey(),
    fleet: text("fleet").notNull(),
    atMs: integer("at_ms").notNull(),
    /** When the lines were read from the host. */
    readAtMs: integer("read_at_ms").notNull(),
    text: text("text").notNull(),
  },
  // Retention removes the old ones.
  (table) => [index("last_logs_by_time").on(table.atMs)],
);

/** The report of each day, as it was when the day ended. Writer: cron. Reader: the door for reports. */
export const dailyReports = sqliteTable("daily_reports", {
  /** The UTC day that it is about, "2026-11-23". */
  day: text("day").primaryKey(),
  atMs: integer("at_ms").notNull(),
  report: text("report", { mode: "json" }).$type<object>().notNull(),
});
