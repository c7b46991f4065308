// The account object's rows: who the account is, which boxes it had in the last proven list, which fleets share it, what
// pace each route bears. Kept in the object's own SQLite; written only on change.

import type { Debt, Watched } from "../fleet/memory.ts";
import type { AccountView } from "../fleet/situation.ts";
import { addCall, type CallCounts, type StatusClass } from "../fleet/tally.ts";
import type { FleetPulse } from "./account-words.ts";
import { AlertStore } from "./alert-store.ts";
import { DocumentTable } from "./document-table.ts";
import { FREE_PACE, type RoutePace } from "./pace.ts";
import type { KnownRates } from "./shared-rates.ts";

export interface KnownAccount {
  readonly accountId: number;
  readonly creditUsd: number | null;
  readonly readAtMs: number;
  /** First bytes of the SHA-256 of the key it was read with. */
  readonly keyMark: string;
}

export type CreditWait = NonNullable<AccountView["creditWait"]> & {
  /** A refusal for credit, credit at the floor, or a refusal for spending too fast. */
  readonly cause: "refused" | "low" | "spend-limit";
  /** The least credit that was read since the refusal; only more than that is news. `null`: not known, or no refusal. */
  readonly creditAtRefusalUsd: number | null;
};

/** What the last proven list said of one box: what is news when it changes, and what a stray is shown with. */
export interface BoxRow {
  readonly instanceId: number;
  readonly label: string | null;
  readonly status: string | null;
  readonly intended: string | null;
  readonly usdPerHour: number | null;
  /** The disk's part of it; `null`: not told. */
  readonly storageUsdPerHour: number | null;
  readonly gpu: string | null;
  readonly startedAtMs: number | null;
  /** FLEETKEEPER_ID of the box. */
  readonly keeperId: string | null;
  /** The command that logs in to it. */
  readonly ssh: string | null;
}

/** What rows stored by an earlier version lack, until the next list. */
const BOX_DEFAULTS = { storageUsdPerHour: null, gpu: null, startedAtMs: null, keeperId: null, ssh: null };

/** What pulses stored by an earlier version lack. */
const PULSE_DEFAULTS = { adopted: [], hasBoxes: true };

export interface ClaimedOffer {
  readonly offerId: number;
  /** `null`: not known; then the offer alone is claimed. */
  readonly machineId: number | null;
}

/** Commits of the last hour on a repo that are no worker's. */
interface RepoCommits {
  /** `null`: never measured. */
  readonly perHour: number | null;
  readonly readAtMs: number;
  readonly askedAtMs: number;
}

interface Claim {
  readonly fleet: string;
  readonly untilMs: number;
}

/** The names of fleets that have not been deleted. */
export function existingFleets(store: Pick<AccountStore, "fleets">): readonly string[] {
  return store.fleets().flatMap(({ name, watchedUntilMs }) => (watchedUntilMs === null ? [name] : []));
}

export class AccountStore {
  readonly #kv: SyncKvStorage;
  /** As they will be kept; `null`: they are. */
  #calls: CallCounts | null = null;
  readonly #boxes: DocumentTable<BoxRow>;
  readonly #fleets: DocumentTable<FleetPulse>;
  readonly #claims: DocumentTable<Claim>;
  readonly #proven: DocumentTable<{ readonly atMs: number }>;
  /** Boxes of no fleet that a person has ordered to go, not yet proven gone. */
  readonly strayDebts: DocumentTable<Debt>;
  readonly strayWatched: DocumentTable<Watched>;
  readonly ignoredStrays: DocumentTable<{ readonly by: string; readonly atMs: number }>;
  readonly #commits: DocumentTable<RepoCommits>;
  readonly #rates: DocumentTable<KnownRates>;
  readonly alerts: AlertStore;

  constructor(storage: DurableObjectStorage) {
    this.#kv = storage.kv;
    this.alerts = new AlertStore(storage.kv);
    this.#boxes = new DocumentTable(storage.sql, "boxes");
    this.#fleets = new DocumentTable(storage.sql, "fleets");
    this.#claims = new DocumentTable(storage.sql, "claims");
    this.#proven = new DocumentTable(storage.sql, "proven_fingerprints");
    this.strayDebts = new DocumentTable(storage.sql, "stray_debts");
    this.strayWatched = new DocumentTable(storage.sql, "stray_watched");
    this.ignoredStrays = new DocumentTable(storage.sql, "ignored_strays");
    this.#commits = new DocumentTable(storage.sql, "commits");
    this.#rates = new DocumentTable(storage.sql, "rates");
  }

  keeperId(): string {
    const known = this.#kv.get<string>("keeper_id");
    if (known !== undefined) return known;
    const made = crypto.randomUUID();
    this.#kv.put("keeper_id", made);
    return made;
  }

  /** The account this deployment is bound to. */
  accountId(): number | null {
    return this.#kv.get<number>("bound_account_id") ?? null;
  }

  account(): KnownAccount | null {
    return this.#kv.get<KnownAccount>("account") ?? null;
  }

  setAccount(account: KnownAccount): void {
    if (this.accountId() === null || this.#isUnbound(account)) this.#kv.put("bound_account_id", account.accountId);
    const isOurs = account.accountId === this.accountId();
    if (isOurs && account.keyMark !== this.#boundKeyMark()) this.#kv.put("bound_key_mark", account.keyMark);
    this.#kv.put("account", account);
  }

  /** The key that the bound account last answered to; an earlier version kept the last one's alone. */
  #boundKeyMark(): string | null {
    const last = this.account();
    const known = this.#kv.get<string>("bound_key_mark");
    return known ?? (last !== null && last.accountId === this.accountId() ? last.keyMark : null);
  }

  /**
   * With another key than the bound account's, while nothing of this deployment is there: nobody is bound for good by a wrong
   * key (docs/decisions/0064). With the same key another account is the market's mistake.
   */
  #isUnbound({ keyMark, readAtMs }: KnownAccount): boolean {
    if (keyMark === this.#boundKeyMark()) return false;
    const keeperId = this.keeperId();
    const isRenting = [...this.#claims.entries()].some(([, { untilMs }]) => untilMs > readAtMs);
    const hasBoxes =
      this.fleets().some((fleet) => fleet.hasBoxes) || this.boxes().some((box) => box.keeperId === keeperId);
    return !isRenting && !hasBoxes && this.strayDebts.list().length === 0;
  }

  creditWait(): CreditWait | null {
    const wait = this.#kv.get<Omit<CreditWait, "cause"> & Partial<CreditWait>>("credit_wait");
    // What an earlier version wrote was a refusal.
    return wait === undefined ? null : { cause: "refused", ...wait };
  }

  setCreditWait(wait: CreditWait | null): void {
    if (wait === null) this.#kv.delete("credit_wait");
    else this.#kv.put("credit_wait", wait);
  }

  /** Calls of the market's API since this deployment began, those of the fleets not among them. */
  calls(): CallCounts {
    return this.#calls ?? this.#kv.get<CallCounts>("calls") ?? {};
  }

  /** Written by `keepCalls`: a list has many pages, and each row written is billed. */
  countCall(route: string, status: StatusClass): void {
    this.#calls = addCall(this.calls(), route, status);
  }

  keepCalls(): void {
    if (this.#calls !== null) this.#kv.put("calls", this.#calls);
    this.#calls = null;
  }

  pace(route: string): RoutePace {
    return this.#kv.get<RoutePace>(`pace:${route}`) ?? FREE_PACE;
  }

  setPace(route: string, pace: RoutePace): void {
    const known = this.pace(route);
    if (known.intervalMs === pace.intervalMs && pace.intervalMs === 0) return;
    this.#kv.put(`pace:${route}`, pace);
  }

  boxes(): readonly BoxRow[] {
    return this.#boxes.list().map((box) => ({ ...BOX_DEFAULTS, ...box }));
  }

  box(instanceId: number): BoxRow | null {
    const box = this.#boxes.get(String(instanceId));
    return box === null ? null : { ...BOX_DEFAULTS, ...box };
  }

  replaceBoxes(rows: readonly BoxRow[]): void {
    this.#boxes.replaceAll(rows, (row) => String(row.instanceId));
  }

  fleets(): readonly FleetPulse[] {
    return this.#fleets.list().map((pulse) => ({ ...PULSE_DEFAULTS, ...pulse }));
  }

  setFleet(pulse: FleetPulse): void {
    this.#fleets.put(pulse.name, pulse);
  }

  removeFleet(name: string): void {
    this.#fleets.delete(name);
  }

  commits(repo: string): RepoCommits | null {
    return this.#commits.get(repo);
  }

  setCommits(repo: string, commits: RepoCommits): void {
    this.#commits.put(repo, commits);
  }

  /** What was last observed with these weights. */
  rates(weightsName: string): KnownRates | null {
    return this.#rates.get(weightsName);
  }

  setRates(weightsName: string, known: KnownRates): void {
    this.#rates.put(weightsName, known);
  }

  isFingerprintProven(fingerprint: string): boolean {
    return this.#proven.get(fingerprint) !== null;
  }

  proveFingerprint(fingerprint: string, nowMs: number): void {
    if (!this.isFingerprintProven(fingerprint)) this.#proven.put(fingerprint, { atMs: nowMs });
  }

  /** Claims an offer and its machine for a fleet; `false` where another fleet holds either. */
  claim(fleet: string, { offerId, machineId }: ClaimedOffer, nowMs: number, untilMs: number): boolean {
    for (const [key, { untilMs: endsAtMs }] of this.#claims.entries()) if (endsAtMs <= nowMs) this.#claims.delete(key);
    const keys = [`offer:${offerId}`, ...(machineId === null ? [] : [`machine:${machineId}`])];
    if (keys.some((key) => (this.#claims.get(key)?.fleet ?? fleet) !== fleet)) return false;
    for (const key of keys) this.#claims.put(key, { fleet, untilMs });
    return true;
  }
}
