// What a worker's log said, as facts. The log poller makes reports; the core only reads them.

import type { StatusClass } from "./tally.ts";

/** How far the start script got; the order of the list is the order of a start. */
export type Phase = "no-container" | "empty" | "setup" | "starting" | "producing" | "unrecognised";

/** Whom an error line accuses (design §1, principle 4). Only `host` may strike a host. */
export const faultClasses = ["host", "workload", "credentials", "hub", "gpu-size", "unknown"] as const;
export type FaultClass = (typeof faultClasses)[number];

export interface LogError {
  /** The offending line, masked and cut to 200 characters. */
  readonly line: string;
  /** The same with paths, numbers and ids taken out, so that two machines can be compared. */
  readonly signature: string;
  readonly faultClass: FaultClass;
  /** True where no later line can mend it (launcher loop, No CUDA, start-up 401/403/404, size mismatch): no grace. */
  readonly isFinal: boolean;
}

export interface LogProgress {
  readonly batch: number;
  readonly gamesPerSecond: number;
  /** Learner cycle of the weights in use. */
  readonly step: number | null;
  /** Games by this process since it started. */
  readonly totalGames: number | null;
}

/** What an upload failed of (fleet behaviour reference §2.4): token, commit quota, other writers, the way to the Hub. */
export const uploadFaults = ["refused", "quota", "conflict", "unreachable", "other"] as const;
export type UploadFault = (typeof uploadFaults)[number];

export interface UploadError {
  readonly fault: UploadFault;
  /** The newest failure's text, masked and cut to 200 characters. */
  readonly line: string;
  /** Failures of this kind since the last upload that was completed or failed of something else. */
  readonly inARow: number;
}

export interface LogFacts {
  readonly lineCount: number;
  /** Changes when the end of the log changes; equal marks mean no new line. */
  readonly mark: string;
  readonly phase: Phase;
  /** The furthest milestone in words ("repo cloned"), for people. */
  readonly milestone: string | null;
  /** The newest progress line, wherever it stands. */
  readonly progress: LogProgress | null;
  /** Upload lines in the window. */
  readonly uploadsCompleted: number;
  readonly uploadsFailed: number;
  readonly isUploading: boolean;
  /**
   * The last batch before the newest completed upload of the run. It tells one delivery from the next where a count of
   * lines cannot, because old lines leave the window. `null`: no upload is in the window.
   */
  readonly deliveredBatch: number | null;
  /** Why the newest upload failed; `null` when it was completed, or none was tried. */
  readonly uploadError: UploadError | null;
  /** The interval that the worker says it was born with. */
  readonly uploadIntervalSeconds: number | null;
  /** The last fatal line that no later progress line contradicts. */
  readonly error: LogError | null;
  /** The commit that the start script printed. */
  readonly commit: string | null;
}

interface ReportBase {
  readonly instanceId: number;
  /** When the log was asked for; the facts are no older than this unless `isStale`. */
  readonly requestedAtMs: number;
  readonly receivedAtMs: number;
  /** How the call that asked for it ended; `null`, or absent in a report of an earlier version: none was sent. */
  readonly logCall?: StatusClass | null;
}

export type LogReport =
  | (ReportBase & {
      readonly kind: "measured";
      readonly facts: LogFacts;
      /** The end of the log, masked and cut, to be kept when the box goes (`lastLines`). */ readonly lastLines: string;
      /** The log store served an older upload. */ readonly isStale: boolean;
    })
  | (ReportBase & {
      readonly kind: "not-measured";
      readonly reason: string;
      /** Our own pace or the market's limit kept it from being asked for: that says nothing of the box. */
      readonly isHeldBack?: boolean;
    });
