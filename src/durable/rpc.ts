// What the doors and the objects may ask of each other: the methods of the two objects and of the log poller, as plain
// data. Failures that a caller can meet are values; an exception here is a bug.

import type { AlertTarget } from "./alert-store.ts";
import type { AlertTrial, AlertView } from "./alert-view.ts";
import type { SpecPatch, SpecRequest } from "../fleet/spec.ts";
import type { FleetCounters } from "../fleet/counters.ts";
import type { FleetDocument, IntentDocument, PlanDocument, WorkerDocument } from "../fleet/document.ts";
import type { OfferTerms, Throughput } from "../fleet/offer.ts";
import type { Mismatch } from "../fleet/mismatch.ts";
import type { Verdict } from "../fleet/memory.ts";
import type { FleetMode, FleetState } from "../fleet/plan.ts";
import type { PreflightCheck } from "../fleet/preflight.ts";
import type { LogReport } from "../fleet/report.ts";
import type { Result } from "../fleet/result.ts";
import type { SshAdvice } from "../fleet/ssh-advice.ts";
import type { CallCounts } from "../fleet/tally.ts";
import type { Workload } from "../fleet/workload.ts";

/** Why an operation was not carried out; nothing has changed. `routes/problem.ts` turns it into an HTTP answer. */
export interface DoorRefusal {
  readonly code:
    | "fleet-not-found"
    | "worker-not-found"
    | "version-mismatch"
    | "fleet-is-down"
    | "fleet-is-new"
    | "not-empty"
    | "confirm-mismatch"
    | "workload-not-found"
    | "workload-is-built-in"
    | "workload-in-use"
    | "storage-unavailable"
    | "invalid-spec"
    | "no-such-instance"
    | "instance-ended"
    | "is-stray"
    | "not-a-stray"
    | "stray-is-ending"
    | "check-running"
    | "market-unreachable";
  /** The field that is to blame, where one is. */
  readonly field?: string;
  readonly detail: string;
  readonly hint: string;
}

/** Who asked, for the history: the token's role and name. */
export interface Actor {
  readonly name: string;
}

export interface WriteOptions {
  readonly actor: Actor;
  /** `If-Match`: the spec version that the caller has seen; `null`: none given. */
  readonly expectedVersion: number | null;
  /** Of the preview that a way down was confirmed for; left out where nothing had to be confirmed. */
  readonly confirmedFingerprint?: string;
  /** Starts a roll-out, or ends one; left out, a write that changes something ends one. */
  readonly rollOut?: boolean | undefined;
}

export interface TryOptions {
  readonly isPatch: boolean;
  readonly rollOut?: boolean | undefined;
}

export interface SpecDiff {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

export interface PutAnswer {
  readonly created: boolean;
  readonly fleet: FleetDocument;
  readonly diff: readonly SpecDiff[];
  /** Live boxes that the new spec would not have rented like this. They stay, unless a roll-out is under way. */
  readonly mismatched: readonly Mismatch[];
  /** What is accepted and looks odd, in words. */
  readonly notes: readonly string[];
}

/** What became of a workload's new record in one fleet. */
export interface TakenWorkload {
  /** False where the fleet uses another workload, or had this record already. */
  readonly isTaken: boolean;
  readonly mismatched: readonly Mismatch[];
}

/** The answer to a PUT or PATCH with `dryRun`: validated, planned, nothing stored. */
export interface DryPutAnswer {
  readonly spec: FleetDocument["spec"];
  readonly diff: readonly SpecDiff[];
  readonly plan: PlanDocument;
  readonly preflight: readonly PreflightCheck[];
  readonly notes: readonly string[];
}

export interface UpRequest extends Pick<
  SpecPatch,
  "weightsName" | "weightsRepo" | "examplesRepo" | "maxPriceUsdPerHour" | "gpus"
> {
  readonly count: number;
  /** Replaces the spec's GPU list by this one type. */
  readonly gpu?: string | undefined;
  readonly preset?: SpecPatch["preset"];
}

export interface LaunchAnswer {
  readonly fleet: FleetDocument;
  readonly target: number;
  /** The runbook's lines: "Launching 4 workers...", "  Worker 0: RTX 3070 @ $0.102/hr (offer 12345678)", "    started. …". */
  readonly lines: readonly string[];
  /** True while launches are still under way; they go on without the caller. */
  readonly isUnfinished: boolean;
}

/** The answer to a person who has ended one box. */
export interface ByHandAnswer {
  readonly fleet: FleetDocument;
  /** The boxes as they were when they were ordered to go. */
  readonly ended: readonly WorkerDocument[];
  readonly target: number;
  readonly lines: readonly string[];
  /** True while the order waits for a proven list, or launches go on without the caller. */
  readonly isUnfinished: boolean;
}

export type WorkerRef = { readonly slot: number } | { readonly instanceId: number };

export interface SshAnswer extends SshAdvice {
  readonly instanceId: number;
  readonly label: string | null;
  readonly status: string;
}

export interface AdoptAnswer {
  readonly fleet: FleetDocument;
  readonly instanceId: number;
  readonly slot: number;
  readonly label: string;
  readonly lines: readonly string[];
}

/** What a down would end. The fingerprint changes with the spec version, the boxes and the intents. */
export interface DownPreview {
  readonly fleet: string;
  readonly fingerprint: string;
  readonly workers: readonly WorkerDocument[];
  readonly intents: readonly IntentDocument[];
}

export interface FleetKeeperRpc {
  /** `null`: there is no such fleet. */
  describe(): Promise<FleetDocument | null>;
  put(fleet: string, request: SpecRequest, options: WriteOptions): Promise<Result<PutAnswer, DoorRefusal>>;
  patch(patch: SpecPatch, options: WriteOptions): Promise<Result<PutAnswer, DoorRefusal>>;
  /** `fleet` names it, so that a spec can be tried before the fleet exists. */
  planSpec(
    fleet: string,
    request: SpecRequest | SpecPatch,
    options: TryOptions,
  ): Promise<Result<DryPutAnswer, DoorRefusal>>;
  up(fleet: string, request: UpRequest, actor: Actor): Promise<Result<LaunchAnswer, DoorRefusal>>;
  /** The record of the fleet's workload has been put anew. */
  takeWorkload(workload: Workload, actor: Actor): Promise<Result<TakenWorkload, DoorRefusal>>;
  replenish(count: number, actor: Actor): Promise<Result<LaunchAnswer, DoorRefusal>>;
  previewDown(): Promise<Result<DownPreview, DoorRefusal>>;
  /** `fingerprint`: of the preview that was confirmed; `null`: forced. */
  down(fingerprint: string | null, actor: Actor): Promise<Result<FleetDocument, DoorRefusal>>;
  /** Ends the box of a slot; the target stays, so that another is rented. */
  replaceWorker(slot: number, actor: Actor): Promise<Result<ByHandAnswer, DoorRefusal>>;
  /** Ends one box of this fleet; `shrink` lowers the target with it. */
  endInstance(instanceId: number, shrink: boolean, actor: Actor): Promise<Result<ByHandAnswer, DoorRefusal>>;
  /** How to log in to a worker, by slot or by instance. */
  ssh(worker: WorkerRef): Promise<Result<SshAnswer, DoorRefusal>>;
  /** Makes a stray of the account a box of this fleet. */
  adopt(stray: BoxFacts, actor: Actor): Promise<Result<AdoptAnswer, DoorRefusal>>;
  pause(actor: Actor): Promise<Result<FleetDocument, DoorRefusal>>;
  resume(actor: Actor): Promise<Result<FleetDocument, DoorRefusal>>;
  closeBreaker(actor: Actor): Promise<Result<FleetDocument, DoorRefusal>>;
  remove(actor: Actor): Promise<Result<{ readonly removed: string }, DoorRefusal>>;
  /** Runs a CHECK now, or marks that one is wanted where another is running. */
  check(actor: Actor): Promise<Result<FleetDocument, DoorRefusal>>;
  /** The plan that a CHECK would carry out; nothing is stored or done. */
  plan(): Promise<Result<PlanDocument, DoorRefusal>>;
  /** What offers must be for this fleet now, and what is expected of them; `null`: there is no such fleet. */
  offerView(): Promise<OfferView | null>;
  /** For `/metrics`; `null`: there is no such fleet. */
  metrics(): Promise<FleetMetrics | null>;
  /** What the fleet's alerts are and where they go; `null`: there is no such fleet. */
  alertView(): Promise<AlertView | null>;
  /** `null` takes the fleet's own receiver away. */
  setReceiver(target: AlertTarget | null, actor: Actor): Promise<Result<AlertView, DoorRefusal>>;
  /** Sends a message to the fleet's own receiver now; `null`: it has none. */
  tryReceiver(actor: Actor): Promise<Result<AlertTrial | null, DoorRefusal>>;
  tick(scheduledAtMs: number): Promise<TickAnswer>;
  recordReports(round: number, reports: readonly LogReport[]): Promise<void>;
  /** Vast says that something happened to a box of this fleet. */
  hearHint(hint: VastHint): Promise<void>;
  /** The account's keeper saw something that cannot wait. */
  hearNews(news: readonly BoxNews[]): Promise<void>;
}

/** Workers of one GPU type with one verdict. */
export interface WorkerGroup {
  readonly gpu: string | null;
  readonly verdict: Verdict;
  readonly workers: number;
  /** Of those that produce. */
  readonly gamesPerSecond: number;
  readonly usdPerHour: number;
}

export interface FleetMetrics {
  readonly name: string;
  readonly mode: FleetMode;
  readonly state: FleetState;
  readonly preset: string;
  readonly workload: string;
  readonly weightsName: string;
  /** 0 for a fleet that is down. */
  readonly target: number;
  readonly live: number;
  readonly producing: number;
  readonly intents: number;
  readonly debts: number;
  readonly groups: readonly WorkerGroup[];
  readonly maxPriceUsdPerHour: number | null;
  readonly checks: number;
  readonly lastCheckAtMs: number | null;
  /** `null`: not known. */
  readonly checkMs: number | null;
  readonly nowMs: number;
  /** Machines that this fleet may not rent. */
  readonly hostsBlocked: number;
  readonly spentUsd: number;
  readonly counters: FleetCounters;
}

/** What the account's keeper tells for `/metrics`, without a look at the market. */
export interface AccountMetrics {
  readonly fleets: readonly string[];
  readonly creditUsd: number | null;
  readonly hoursLeft: number | null;
  /** Of every box of the account. */
  readonly usdPerHour: number;
  readonly isWaitingForCredit: boolean;
  readonly strays: StrayList["total"];
  /** Since the last list that was read whole; `null`: none since the object was born. */
  readonly listAgeMs: number | null;
  readonly calls: CallCounts;
}

/** The eyes with which a fleet looks at offers. */
export interface OfferView {
  readonly terms: OfferTerms;
  readonly throughput: Throughput;
  readonly strikesByMachine: ReadonlyMap<number, number>;
}

export type TickAnswer = "checked" | "not-due" | "already-ticked" | "busy" | "no-fleet";

/** A reason to look, and never a fact. */
export interface VastHint {
  /** The kind of notification, as Vast names it. */
  readonly type: string;
  /** `null`: the box was named by its label. */
  readonly instanceId: number | null;
}

export interface BoxNews {
  readonly instanceId: number;
  readonly what: "vanished" | "stopped" | "price-rose" | "appeared";
}

/** One box of the account, for doors that name an instance. */
export interface BoxOwner {
  readonly instanceId: number;
  readonly label: string | null;
  /** The fleet whose label it bears; `null`: none. */
  readonly fleet: string | null;
}

/** One box of the account as its last proven list shows it. */
export interface BoxFacts extends BoxOwner {
  readonly gpu: string | null;
  readonly status: string | null;
  readonly usdPerHour: number | null;
  readonly startedAtMs: number | null;
  readonly ssh: string | null;
  /** Why no fleet of this keeper owns it; `null` where one does. */
  readonly strayWhy: string | null;
  /** A person has ordered it to go, as a stray. */
  readonly isEnding: boolean;
}

export interface StrayDocument {
  readonly instanceId: number;
  readonly label: string | null;
  readonly gpu: string | null;
  readonly status: string;
  readonly usdPerHour: number | null;
  readonly ageSeconds: number | null;
  readonly why: string;
  /** Listed, and in no total. */
  readonly ignored: boolean;
  /** Ordered to go and not yet proven gone; `null`: not ordered. */
  readonly destroying: { readonly attempts: number; readonly lastError: string | null } | null;
}

export interface StrayList {
  readonly strays: readonly StrayDocument[];
  /** Without the ignored ones. */
  readonly total: { readonly strays: number; readonly usdPerHour: number };
  readonly notes: readonly string[];
}

export interface StrayPreview {
  readonly stray: BoxFacts;
  readonly fingerprint: string;
}

export interface StrayEnd {
  readonly stray: BoxFacts;
  readonly attempts: number;
  readonly lastError: string | null;
  /** Why nothing has been sent yet; `null`: it has. */
  readonly waitsFor: string | null;
}

export type Relabelled =
  | { readonly kind: "done" }
  /** Certainly not done, or nobody knows. */
  | { readonly kind: "refused" | "unknown"; readonly reason: string };

export interface LogText {
  readonly instanceId: number;
  readonly text: string;
  /** When the host uploaded it, where the log store says so. */
  readonly modifiedAt: string | null;
  readonly isStale: boolean;
  /** `market`: read now; `kept`: the last lines of an instance that the market no longer has. */
  readonly from: "market" | "kept";
  /** When the instance was given up or found gone; `null`: it is there. */
  readonly endedAt: string | null;
}

export interface LogReadFailure {
  readonly code: "no-such-instance" | "log-not-ready" | "market-unreachable" | "no-credentials";
  readonly detail: string;
}
