// What a fleet remembers because the world cannot tell it: intents, debts, first-seen times, last progress.
// The fleet's object stores it; `decide` reads it and returns the next one.

import type { Missing } from "./absence.ts";
import { NO_RATES, type RateHistory } from "./rate-history.ts";
import type { FaultClass, LogError, UploadError } from "./report.ts";
import { beginSpend, type Spend } from "./spend.ts";
import type { WorkerTally } from "./tally.ts";

/** One word for the evidence about a worker (design §3). */
export type Verdict =
  | "booting"
  | "setting-up"
  | "waiting"
  | "producing"
  | "uploading"
  | "undelivered"
  | "stalled"
  | "failed"
  | "gone"
  | "unknown";

/** Which timer of the spec runs for a worker: `boot`, `setup`, `wait`, or the stall limit of a worker that has produced. */
export type ClockKind = "boot" | "setup" | "wait" | "produce";

/** A timer that runs only across fresh, measured evidence (design rule 9). */
export interface WorkerClock {
  readonly kind: ClockKind;
  /** First sight of the phase, or the restart after a gap; for `produce` the first sight of the newest batch. */
  readonly sinceMs: number;
  /** The last time something visibly moved: a new log line, pull progress. */
  readonly movedAtMs: number;
  /** The last evidence that counted. Elapsed = `measuredAtMs` − `sinceMs`, never "now" − `sinceMs`. */
  readonly measuredAtMs: number;
}

export interface WorkerProgress {
  readonly batch: number;
  readonly gamesPerSecond: number;
  readonly totalGames: number | null;
  /** When this batch was first seen in a report. */
  readonly atMs: number;
  /** Milliseconds between the last few batches, newest last; at most 9. */
  readonly batchMs: readonly number[];
}

/** What is known of a worker's uploads (design rule 10). `sinceMs` and `measuredAtMs` are a timer like the others. */
export interface Delivery {
  /** The first producing report, the last delivery seen, or the end of a gap in the evidence. */
  readonly sinceMs: number;
  readonly measuredAtMs: number;
  /** The newest batch at `sinceMs`: a later one shows that batches move. */
  readonly fromBatch: number;
  /** `LogFacts.deliveredBatch` of the newest delivery seen, and when it was first seen; `null`: none yet. */
  readonly batch: number | null;
  readonly deliveredAtMs: number | null;
  /** Why the newest upload failed; `null` when it did not. */
  readonly error: UploadError | null;
}

export interface WorkerMemory {
  readonly instanceId: number;
  readonly slot: number;
  readonly label: string;
  readonly machineId: number | null;
  readonly gpu: string | null;
  readonly usdPerHour: number | null;
  /** What its disk costs of that, which is all that a stopped box costs; `null`: not told. */
  readonly storageUsdPerHour: number | null;
  readonly intentId: string | null;
  /** image + commit + weights + script it was rented with; `null` for an adopted one. */
  readonly fingerprint: string | null;
  readonly status: string | null;
  readonly statusMessage: string | null;
  readonly ssh: string | null;
  readonly startedAtMs: number | null;
  readonly firstSeenAtMs: number;
  /** Since when the status says that the instance does not run, and the batch known then. */
  readonly badStatus: {
    readonly what: string;
    readonly sinceMs: number;
    /** The last list that showed it so. */
    readonly seenAtMs: number;
    readonly batch: number | null;
    /** The contract's own state says so too: two words against one log. */
    readonly isStopped: boolean;
    /** The first CHECK of the last run of them that asked for its log in vain; `null`: none has. */
    readonly askedAtMs: number | null;
    /** The log's mark since the status, and between which reads it has been the same; `null`: not read since. */
    readonly still: {
      readonly mark: string;
      readonly sinceMs: number;
      readonly measuredAtMs: number;
      /** One of these reads showed another mark than the read before it: lines have come. */
      readonly hasMoved: boolean;
    } | null;
  } | null;
  readonly missing: Missing | null;
  readonly clock: WorkerClock;
  /**
   * A clock of kind `boot` that lists alone move: they say that it is on its way again, though its log has shown it past
   * its boot. What its log says meanwhile moves `clock`. `null`: it runs, or is in its first boot.
   */
  readonly reboot: WorkerClock | null;
  /**
   * First sight of it in any phase of its start: a log that goes to and fro between two of them begins no new time. Moves
   * with the clock where that restarts after a gap; once it has produced it says nothing.
   */
  readonly unproductiveSinceMs: number;
  /** `LogFacts.mark` of the last measured report. */
  readonly mark: string | null;
  readonly progress: WorkerProgress | null;
  readonly error: (LogError & { readonly sinceMs: number; readonly seenAtMs: number }) | null;
  readonly isUploading: boolean;
  /** The upload interval it was born with, as rented or as its log says; `null`: not known. */
  readonly uploadIntervalSeconds: number | null;
  /** `null`: it has not produced, or its workload uploads nothing. */
  readonly delivery: Delivery | null;
  /** The last measured, fresh report; `null` before the first. */
  readonly reportAtMs: number | null;
  /** When its log was last wanted and not asked for, because of the market's limit of calls; `null`: never. */
  readonly heldBackAtMs: number | null;
  /** When the list showed it again after more than two polls without it, in which nobody asked for its log; `null`: never. */
  readonly returnedAtMs: number | null;
  readonly milestone: string | null;
  readonly commit: string | null;
  readonly verdict: Verdict;
  readonly detail: string;
  /** What it has made and cost in calls; absent before its first report, and in rows of an earlier version. */
  readonly tally?: WorkerTally;
  /** `null`: since before this was kept. */
  readonly verdictSinceMs: number | null;
  readonly rateHistory: RateHistory;
}

/** A rent whose outcome may be unknown; written before the call (design §3). It occupies its slot. */
export interface Intent {
  /** uuid; travels as FLEETKEEPER_INTENT. */
  readonly id: string;
  readonly slot: number;
  readonly label: string;
  readonly offerId: number;
  readonly machineId: number | null;
  readonly gpu: string;
  readonly usdPerHour: number;
  readonly fingerprint: string;
  /** What the worker was told; `null` where its workload uploads nothing. */
  readonly uploadIntervalSeconds: number | null;
  readonly createdAtMs: number;
  /** `open`: written, no answer recorded; `unknown`: the answer was lost; `rented`: the market named an instance. */
  readonly state: "open" | "unknown" | "rented";
  readonly instanceId: number | null;
  /** When the answer (or its loss) was recorded; `null` while open. */
  readonly answeredAtMs: number | null;
  readonly missing: Missing | null;
}

/** A destroy not yet proven; retried for ever. */
export interface Debt {
  readonly instanceId: number;
  readonly slot: number | null;
  readonly label: string | null;
  readonly machineId: number | null;
  readonly usdPerHour: number | null;
  readonly reason: string;
  readonly createdAtMs: number;
  readonly lastAttemptAtMs: number | null;
  readonly attempts: number;
  readonly lastError: string | null;
  /** The market took the last attempt; until that is recorded, and in rows of an earlier version, nobody knows. */
  readonly isAccepted: boolean;
  readonly missing: Missing | null;
}

/** A destroyed id that may come back with its host (vast API reference §13, case 37). */
export interface Watched {
  readonly instanceId: number;
  readonly slot: number | null;
  readonly untilMs: number;
}

/** One fault of a host, counted in the fleet's object and, by its id, over all fleets in D1. */
export interface Strike {
  /** `<fleet>:<instanceId>`: one instance can strike its host once. */
  readonly id: string;
  readonly machineId: number;
  readonly atMs: number;
  readonly reason: string;
  readonly faultClass: FaultClass;
}

/** A box that was given up because it failed: what the breaker counts (design rule 13). */
export interface Fault {
  readonly instanceId: number;
  readonly machineId: number | null;
  readonly gpu: string | null;
  readonly fingerprint: string;
  readonly commit: string | null;
  /** What differs from machine to machine taken out: two machines with the same fault have the same one. */
  readonly signature: string;
  /** For people. */
  readonly line: string;
  readonly faultClass: FaultClass;
  /** True for what one bad host shows by itself now and then: time-outs of BOOT, No CUDA, a container that never came up. */
  readonly isHostsUsual: boolean;
  /** Its host was struck for it. */
  readonly isStruck: boolean;
  readonly phase: ClockKind;
  readonly batch: number | null;
  readonly hadProduced: boolean;
  readonly rentedAtMs: number;
  readonly atMs: number;
}

/** The same error from several machines: nothing is replaced but by one canary at a time (design rule 13). */
export interface Breaker {
  readonly signature: string;
  readonly fingerprint: string;
  /** "3 machines, same error: …" */
  readonly reason: string;
  /** Boxes rented since then can show that the fault is over. */
  readonly sinceMs: number;
  readonly openedAtMs: number;
  /** How far the failed boxes got: a canary must get further. */
  readonly failedPhase: ClockKind;
  readonly failedBatch: number | null;
  /** Canaries that met the fault again; the wait doubles with each. */
  readonly tries: number;
  /** Canaries in a row that met a bad host instead. */
  readonly hostRetries: number;
  readonly nextCanaryAtMs: number;
  /** A failed box that is kept for ten minutes so that somebody can look; `null`: none. */
  readonly keptInstanceId: number | null;
}

/** A person's word about one box: it goes at the first CHECK whose proven list shows it (design §6). */
export interface Order {
  readonly instanceId: number;
  readonly slot: number;
  /** The role that asked. */
  readonly by: string;
  readonly atMs: number;
}

/** A box that a person has made this fleet's though another keeper rented it (design rule 2). */
export interface Adoption {
  readonly instanceId: number;
  readonly by: string;
  readonly atMs: number;
}

/** A person's order to replace the boxes that the spec would not have rented, a batch at a time (design §6). */
export interface RollOut {
  /** The version of the spec that ordered it. */
  readonly specVersion: number;
  readonly by: string;
  readonly atMs: number;
}

/** What was done about workers that deliver nothing (design rule 10). */
export interface DeliveryMemory {
  /** Slots whose worker was replaced for it; the next one there that fails the same way is a systemic fault. */
  readonly replaced: readonly { readonly slot: number; readonly instanceId: number; readonly atMs: number }[];
  /** A systemic fault: rents are held while it lasts. */
  readonly alert: { readonly sinceMs: number; readonly why: string } | null;
}

export interface PassedOver {
  readonly offerId: number;
  /** The same machine may be offered anew under another id. */
  readonly machineId: number | null;
  readonly untilMs: number;
}

export interface FleetMemory {
  readonly workers: readonly WorkerMemory[];
  readonly intents: readonly Intent[];
  readonly debts: readonly Debt[];
  readonly watched: readonly Watched[];
  /** Successful rents of the last hour beyond the first fill, for the hourly limit. */
  readonly rentedAtMs: readonly number[];
  /** The largest target that has been filled once; rents up to it again count against the hourly limit. */
  readonly filledTarget: number;
  readonly blindSinceMs: number | null;
  /** The last change of what the fleet is or should be; the ramp cadence runs `rampFor` from here. */
  readonly changedAtMs: number;
  /** GPU types that ran out of memory with a weights name, until a day later (design rule 18). */
  readonly excludedGpus: readonly { readonly gpu: string; readonly weightsName: string; readonly untilMs: number }[];
  /** Offers that the market has refused to this fleet, or whose rents it never answered, until a while later. */
  readonly passedOver: readonly PassedOver[];
  /** Boxes that failed in the last two hours. */
  readonly faults: readonly Fault[];
  /** `null`: closed. */
  readonly breaker: Breaker | null;
  /** Set while searches find nothing; backs off 60 → 600 s (design rule 17). */
  readonly drought: { readonly tries: number; readonly nextSearchAtMs: number; readonly why: string } | null;
  readonly delivery: DeliveryMemory;
  /** Boxes to destroy because a person said so, until it is done or they are gone. */
  readonly orders: readonly Order[];
  /** Kept for as long as the box is there, is owed, or may come back. */
  readonly adopted: readonly Adoption[];
  /** Not part of the spec: it is over when it is done, at the next write of the spec, or when the fleet is paused or down. */
  readonly rollOut: RollOut | null;
  readonly spend: Spend;
  /** The last CHECK found the account waiting for credit; the first one after that starts all clocks anew. */
  readonly isHeldForCredit: boolean;
  /** Since when CHECKs with a proven list have followed each other: while nobody looked, nobody was silent. */
  readonly lookingSinceMs: number;
  /** Since when some log of the fleet has been read at least every two polls: while none could be, no box was the odd one. */
  readonly logsReadSinceMs: number;
  /** The last read of any log that the last CHECK knew of, of a box that is gone since too. */
  readonly logsReadAtMs: number;
}

export function emptyMemory(nowMs: number): FleetMemory {
  return {
    workers: [],
    intents: [],
    debts: [],
    watched: [],
    rentedAtMs: [],
    filledTarget: 0,
    blindSinceMs: null,
    changedAtMs: nowMs,
    excludedGpus: [],
    passedOver: [],
    faults: [],
    breaker: null,
    drought: null,
    delivery: { replaced: [], alert: null },
    orders: [],
    adopted: [],
    rollOut: null,
    spend: beginSpend(nowMs),
    isHeldForCredit: false,
    lookingSinceMs: nowMs,
    logsReadSinceMs: nowMs,
    logsReadAtMs: 0,
  };
}

/** A worker as an earlier version may have stored it: what is new since is not known of it. */
export function completeWorker(stored: WorkerMemory): WorkerMemory {
  const { uploadIntervalSeconds, delivery, badStatus, clock, storageUsdPerHour, unproductiveSinceMs } = stored;
  return {
    ...stored,
    storageUsdPerHour: storageUsdPerHour ?? null,
    unproductiveSinceMs: unproductiveSinceMs ?? clock.sinceMs,
    reboot: stored.reboot ?? null,
    uploadIntervalSeconds: uploadIntervalSeconds ?? null,
    delivery: delivery ?? null,
    heldBackAtMs: stored.heldBackAtMs ?? null,
    returnedAtMs: stored.returnedAtMs ?? null,
    verdictSinceMs: stored.verdictSinceMs ?? null,
    rateHistory: stored.rateHistory ?? NO_RATES,
    badStatus:
      badStatus === null
        ? null
        : {
            ...badStatus,
            seenAtMs: badStatus.seenAtMs ?? badStatus.sinceMs,
            isStopped: badStatus.isStopped ?? false,
            askedAtMs: badStatus.askedAtMs ?? null,
            still: badStatus.still ? { ...badStatus.still, hasMoved: badStatus.still.hasMoved ?? false } : null,
          },
  };
}
