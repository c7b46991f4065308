// The fleet object's rows: everything that a CHECK must find again after the object was evicted. Synchronous, so that
// what belongs together is written in one block (platform reference §3). `docs/storage.md` lists every table.

import type { OutboxRow } from "../db/outbox-writer.ts";
import { type FleetCounters, NO_COUNTERS } from "../fleet/counters.ts";
import type { LedgerEntry } from "../fleet/event.ts";
import {
  completeWorker,
  type Debt,
  emptyMemory,
  type FleetMemory,
  type Intent,
  type Strike,
  type Watched,
  type WorkerMemory,
} from "../fleet/memory.ts";
import { completeSpec } from "../fleet/spec.ts";
import type { Workload } from "../fleet/workload.ts";
import { AlertStore } from "./alert-store.ts";
import { DocumentTable } from "./document-table.ts";
import type { FleetRecord, HourRow, Lease, LogRound } from "./fleet-record.ts";
import { type Blockwise, PackedTable } from "./packed-table.ts";
import type { StoredHosts } from "./stored-hosts.ts";
import { TimerTable } from "./timers.ts";

interface MemoryScalars extends Omit<FleetMemory, "workers" | "intents" | "debts" | "watched"> {}

interface PendingStrike extends Strike {
  /** When D1 took it; `null`: it waits in the outbox. */
  readonly deliveredAtMs: number | null;
}

/** The end of a worker's log as last read. */
interface KeptLog {
  readonly readAtMs: number;
  readonly text: string;
}

/** A row holds 2 MB at most (platform reference §1): a worker is about 1.5 KB, the end of a log up to 10 KB. */
const WORKERS_PER_ROW = 50;
const LOGS_PER_ROW = 50;
const HOURS_PER_ROW = 200;
const POLLS_PER_ROW = 1000;

/** A field that intents stored by an earlier version lack. */
const NEW_SINCE = { uploadIntervalSeconds: null } as const;

export class FleetStore {
  readonly #storage: DurableObjectStorage;
  readonly timers: TimerTable;
  readonly alerts: AlertStore;
  readonly #workers: PackedTable<WorkerMemory>;
  readonly #intents: DocumentTable<Intent>;
  readonly #debts: DocumentTable<Debt>;
  readonly #watched: DocumentTable<Watched>;
  readonly #strikes: DocumentTable<PendingStrike>;
  readonly hours: PackedTable<HourRow>;
  /** Ledger rows of instances that are not yet proven gone. */
  readonly ledger: DocumentTable<LedgerEntry>;
  /** The end of each worker's log. */
  readonly lastLogs: PackedTable<KeptLog>;
  /** Log polls asked for, by instance: when the last one was dispatched. */
  readonly #polls: PackedTable<number>;

  readonly #packed: readonly Blockwise[];
  #isInBlock = false;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.timers = new TimerTable(storage.sql);
    this.alerts = new AlertStore(storage.kv);
    this.#workers = new PackedTable(storage.sql, "workers", WORKERS_PER_ROW);
    this.#intents = new DocumentTable(storage.sql, "intents");
    this.#debts = new DocumentTable(storage.sql, "debts");
    this.#watched = new DocumentTable(storage.sql, "watched");
    this.#strikes = new DocumentTable(storage.sql, "strikes");
    this.hours = new PackedTable(storage.sql, "hours", HOURS_PER_ROW);
    this.ledger = new DocumentTable(storage.sql, "ledger");
    this.lastLogs = new PackedTable(storage.sql, "last_logs", LOGS_PER_ROW);
    this.#polls = new PackedTable(storage.sql, "polls", POLLS_PER_ROW);
    this.#packed = [this.#workers, this.hours, this.lastLogs, this.#polls];
    // A number may come again once all is sent: one flush at a time removes up to the last number that it read. Keeping
    // numbers apart for ever would be a second row written with each.
    storage.sql.exec("CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, json TEXT NOT NULL)");
  }

  /** Runs `work` as one synchronous block: all of its writes, or none. A block within a block is part of it. */
  atomically<T>(work: () => T): T {
    if (this.#isInBlock) return work();
    this.#isInBlock = true;
    try {
      return this.#storage.transactionSync(() => {
        for (const table of this.#packed) table.beginBlock();
        const done = work();
        for (const table of this.#packed) table.endBlock();
        return done;
      });
    } catch (error) {
      this.reread();
      throw error;
    } finally {
      this.#isInBlock = false;
    }
  }

  /** Forgets what was read: for one who looks on while another writes, and after a block that was rolled back. */
  reread(): void {
    for (const table of this.#packed) table.reread();
  }

  fleet(): FleetRecord | null {
    const record = this.#storage.kv.get<FleetRecord>("fleet");
    return record === undefined ? null : { ...record, spec: completeSpec(record.spec) };
  }

  setFleet(record: FleetRecord): void {
    this.#storage.kv.put("fleet", record);
  }

  /** The workload's record as this fleet took it over last. */
  workload(): Workload | null {
    return this.#storage.kv.get<Workload>("workload") ?? null;
  }

  setWorkload(workload: Workload): void {
    if (JSON.stringify(this.workload()) !== JSON.stringify(workload)) this.#storage.kv.put("workload", workload);
  }

  changeFleet(changes: Partial<FleetRecord>): void {
    const record = this.fleet();
    if (record !== null) this.setFleet({ ...record, ...changes });
  }

  counters(): FleetCounters {
    return { ...NO_COUNTERS, ...this.fleet()?.counters };
  }

  memory(nowMs: number): FleetMemory {
    return {
      ...this.#scalars(nowMs),
      workers: this.workers(),
      intents: this.#intents.list().map((intent) => ({ ...NEW_SINCE, ...intent })),
      debts: this.#debts.list(),
      watched: this.#watched.list(),
    };
  }

  logsRead(nowMs: number): Pick<FleetMemory, "workers" | "logsReadAtMs" | "logsReadSinceMs"> {
    const { logsReadAtMs, logsReadSinceMs } = this.#scalars(nowMs);
    return { workers: this.workers(), logsReadAtMs, logsReadSinceMs };
  }

  workers(): readonly WorkerMemory[] {
    return this.#workers.list().map(completeWorker);
  }

  setMemory(memory: FleetMemory): void {
    const { workers, intents, debts, watched, ...scalars } = memory;
    this.#workers.replaceAll(workers, ({ instanceId }) => String(instanceId));
    this.#intents.replaceAll(intents, ({ id }) => id);
    this.#debts.replaceAll(debts, ({ instanceId }) => String(instanceId));
    this.#watched.replaceAll(watched, ({ instanceId }) => String(instanceId));
    this.#setScalars(scalars);
  }

  /** What an earlier version wrote lacks the fields that are new since. */
  #scalars(nowMs: number): MemoryScalars {
    const { workers: _workers, intents: _intents, debts: _debts, watched: _watched, ...empty } = emptyMemory(nowMs);
    return { ...empty, ...this.#storage.kv.get<Partial<MemoryScalars>>("memory") };
  }

  changeMemory(changes: Partial<MemoryScalars>, nowMs: number): void {
    this.#setScalars({ ...this.#scalars(nowMs), ...changes });
  }

  #setScalars(scalars: MemoryScalars): void {
    const known = this.#storage.kv.get<MemoryScalars>("memory");
    if (JSON.stringify(known) !== JSON.stringify(scalars)) this.#storage.kv.put("memory", scalars);
  }

  /** Nothing is owned, awaited, owed or unsaid. */
  isEmpty(): boolean {
    const rows = [this.#workers.list(), this.#intents.list(), this.#debts.list(), this.outbox(1)];
    return rows.every((list) => list.length === 0);
  }

  worker(instanceId: number): WorkerMemory | null {
    const stored = this.#workers.get(String(instanceId));
    return stored === null ? null : completeWorker(stored);
  }

  putWorker(worker: WorkerMemory): void {
    this.#workers.put(String(worker.instanceId), worker);
  }

  putIntent(intent: Intent): void {
    this.#intents.put(intent.id, intent);
  }

  removeIntent(id: string): void {
    this.#intents.delete(id);
  }

  debt(instanceId: number): Debt | null {
    return this.#debts.get(String(instanceId));
  }

  putDebt(debt: Debt): void {
    this.#debts.put(String(debt.instanceId), debt);
  }

  /** This fleet's strikes that the stored blacklist does not count yet. */
  pendingStrikes(): readonly Strike[] {
    return this.#strikes.list();
  }

  /** False when this very strike is known already. */
  addStrike(strike: Strike): boolean {
    if (this.#strikes.get(strike.id) !== null) return false;
    this.#strikes.put(strike.id, { ...strike, deliveredAtMs: null });
    return true;
  }

  /** A strike that was taken back before the stored blacklist counted it. */
  removeStrike(id: string): void {
    this.#strikes.delete(id);
  }

  /** D1 has taken these strikes: the next blacklist read counts them. */
  markStrikesDelivered(ids: readonly string[], nowMs: number): void {
    for (const id of ids) {
      const strike = this.#strikes.get(id);
      if (strike !== null) this.#strikes.put(id, { ...strike, deliveredAtMs: nowMs });
    }
  }

  /** The blacklist as D1 last gave it. */
  hosts(): StoredHosts {
    return this.#storage.kv.get<StoredHosts>("hosts") ?? { blocked: [], strikesByMachine: {} };
  }

  /** Stores a blacklist asked for at `askedAtMs`: strikes delivered before then are in it. */
  setHosts(hosts: StoredHosts, askedAtMs: number): void {
    if (JSON.stringify(this.hosts()) !== JSON.stringify(hosts)) this.#storage.kv.put("hosts", hosts);
    for (const { id, deliveredAtMs } of this.#strikes.list()) {
      if (deliveredAtMs !== null && deliveredAtMs < askedAtMs) this.#strikes.delete(id);
    }
  }

  /** Small remembered answers of others, by name. */
  note<T>(name: string): T | null {
    return this.#storage.kv.get<T>(`note:${name}`) ?? null;
  }

  setNote(name: string, value: unknown): void {
    if (JSON.stringify(this.note(name)) !== JSON.stringify(value)) this.#storage.kv.put(`note:${name}`, value);
  }

  // --- the lease: one CHECK at a time ---------------------------------------------------------------------------------

  lease(): Lease | null {
    return this.#storage.kv.get<Lease>("lease") ?? null;
  }

  takeLease(lease: Lease, nowMs: number): boolean {
    const held = this.lease();
    if (held !== null && held.untilMs > nowMs) return false;
    this.#storage.kv.put("lease", lease);
    return true;
  }

  holdsLease(id: string): boolean {
    return this.lease()?.id === id;
  }

  extendLease(lease: Lease): void {
    if (this.holdsLease(lease.id)) this.#storage.kv.put("lease", lease);
  }

  dropLease(id: string): void {
    if (this.holdsLease(id)) this.#storage.kv.delete("lease");
  }

  forgetLease(): void {
    if (this.lease() !== null) this.#storage.kv.delete("lease");
  }

  // --- log rounds -----------------------------------------------------------------------------------------------------

  rounds(): readonly LogRound[] {
    return this.#storage.kv.get<readonly LogRound[]>("rounds") ?? [];
  }

  setRounds(rounds: readonly LogRound[]): void {
    this.#storage.kv.put("rounds", rounds);
  }

  polls(): ReadonlyMap<number, number> {
    return new Map(this.#polls.entries().map(([key, atMs]) => [Number(key), atMs]));
  }

  setPolled(instanceIds: readonly number[], atMs: number): void {
    this.atomically(() => {
      for (const instanceId of instanceIds) this.#polls.put(String(instanceId), atMs);
    });
  }

  forgetPolls(isKept: (instanceId: number) => boolean): void {
    for (const [key] of this.#polls.entries()) if (!isKept(Number(key))) this.#polls.delete(key);
  }

  // --- the outbox: what D1 has not confirmed --------------------------------------------------------------------------

  enqueue(row: OutboxRow): void {
    this.#storage.sql.exec("INSERT INTO outbox (json) VALUES (?)", JSON.stringify(row));
  }

  outbox(limit: number): readonly { readonly id: number; readonly row: OutboxRow }[] {
    const rows = this.#storage.sql
      .exec<{ id: number; json: string }>("SELECT id, json FROM outbox ORDER BY id LIMIT ?", limit)
      .toArray();
    return rows.map(({ id, json }) => ({ id, row: JSON.parse(json) as OutboxRow }));
  }

  removeFromOutbox(upToId: number): void {
    this.#storage.sql.exec("DELETE FROM outbox WHERE id <= ?", upToId);
  }
}
