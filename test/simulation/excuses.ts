// Why a worker that plays may be destroyed. Not because something was wrong somewhere: only where it was not wanted, or
// where what the rule that killed looks at was untrue, or could not be read, at that very time.

import type { FaultName } from "../../sim/faults.ts";
import type { Box } from "../../sim/instances.ts";
import { peek } from "./peek.ts";
import type { Act } from "./scenario.ts";
import { isProducing } from "./truth.ts";
import { MINUTE, SECOND, START_MS, type World } from "./world.ts";

/** Causes that say nothing about the worker: it is not wanted, too dear, or must make room. */
export const UNWANTED: ReadonlySet<string> = new Set([
  "downscale",
  "down",
  "over-cost",
  "came-back",
  "by-hand",
  "roll-out",
  "budget",
]);

/** A list is at most this old when it is judged, and a CHECK begins its destroys within this. */
const LIST_AGE_MS = 90 * SECOND;
/** A log says nothing for two polls (five minutes) and a round before its clock begins anew. */
const POLLS_MS = 6 * MINUTE;
/** The same with the slowest polls that are drawn. */
const SLOW_POLLS_MS = 11 * MINUTE;
/** A shared slot waits for logs at least so long: two polls of the runbook's cadence (decision 0061). */
const SHARED_MS = 5 * MINUTE;
/** From the poll of a worker that starts to the CHECK that looks at what was read. */
const READ_MS = 15 * SECOND;
/** The time-outs of boot and wait are 25 min, and it was read two of the slowest polls before its trouble at the earliest. */
const SILENT_MS = 14 * MINUTE;
/** Three upload intervals of a fleet, and the poll that finds them missing. */
const UPLOADS_MS = 25 * MINUTE;

const UNREADABLE: readonly FaultName[] = [
  "log-hangs",
  "log-never-ready",
  "log-request-fails",
  "log-wrong-host",
  "api-down",
  "api-hangs",
  "slow-api",
  "rate-limit",
  "bad-key",
];
/** The file is there, and is not what the box prints. */
const UNTRUE: readonly FaultName[] = ["log-stale", "log-empty"];
const NO_UPLOAD: readonly FaultName[] = ["upload-fails", "commit-quota", "token-bad", "token-read-only", "hub-down"];

export interface Kill {
  readonly box: Box;
  readonly cause: string;
  /** It went because its log alone could not be read. A breaker's canary is compared with no other. */
  readonly isOddOne: boolean;
  readonly decidedAtMs: number;
  readonly world: World;
  readonly acts: readonly Act[];
  /** When its host was last away; `null`: never. */
  readonly awayAtMs: number | null;
  /** When it was first seen to have played, looked at every 20 s; `null`: never. */
  readonly playedAtMs: number | null;
  /** Other live boxes of its slot. */
  readonly rivals: readonly Box[];
}

/** What the debt says, where no ledger row names a cause. */
export function causeOfWords(reason: string): string {
  if (/ live, target /.test(reason)) return "downscale";
  if (/ is over the cap of /.test(reason)) return "over-cost";
  if (reason.startsWith("came back ")) return "came-back";
  return / is also held by /.test(reason) ? "duplicate" : "unknown";
}

/** In a word or two, for counting; `null`: there is no excuse. */
export function excuseOf(kill: Kill): string | null {
  const { cause } = kill;
  if (UNWANTED.has(cause)) return cause;
  switch (cause) {
    case "duplicate":
      return duplicateExcuse(kill);
    case "status":
      if (isAway(kill)) return "status: its host was away";
      // The status was a lie; the log that would have told so could not be read, or was not the box's.
      if (isHit(kill, ["box-status"], Infinity) && isBlind(kill, POLLS_MS))
        return "status: a lie, and no log to see it";
      return null;
    case "start-error":
      return isHit(kill, ["box-status"], Infinity) ? "start-error: the market says so" : null;
    case "no-progress":
    case "stalled":
    case "stuck-boot":
    case "stuck-setup":
      if (isAway(kill)) return `${cause}: its host was away`;
      if (kill.isOddOne) return isBlindAlone(kill) ? "silent: its log alone was not to be had" : null;
      return isBlind(kill, POLLS_MS) ? `${cause}: no log to see it play` : null;
    case "fatal-error":
      return isHit(kill, UNTRUE, POLLS_MS) ? "fatal-error: an old log" : null;
    case "undelivered":
      return isHit(kill, NO_UPLOAD, UPLOADS_MS) || isBlind(kill, POLLS_MS) ? "undelivered: it did not deliver" : null;
    default:
      return null;
  }
}

/**
 * Only one of two may stay: one that plays too, or one that was seen to play until just now. Of two that nobody has seen
 * play the younger stays (design rule 5), though the older may have begun since its log was read, or where no log could be read for two polls.
 */
function duplicateExcuse(kill: Kill): string | null {
  const { rivals, world, box, decidedAtMs, playedAtMs } = kill;
  if (rivals.some((rival) => isProducing(rival, world.nowMs))) return "duplicate: the other plays";
  const store = peek(world, (box.label ?? "").replace(/-worker-vast-\d+$/, ""));
  const pollMs = (store?.fleet()?.spec.cadenceSeconds.logPoll ?? 0) * SECOND + READ_MS;
  if (decidedAtMs - (playedAtMs ?? decidedAtMs) < pollMs) return "duplicate: its first batch is younger than a poll";
  const memory = store?.memory(world.nowMs);
  const hasSeenPlay = memory?.workers.some(
    ({ instanceId, progress }) =>
      instanceId !== box.id &&
      rivals.some(({ id }) => id === instanceId) &&
      decidedAtMs - (progress?.atMs ?? 0) < SLOW_POLLS_MS,
  );
  if (hasSeenPlay === true) return "duplicate: the other played until just now";
  const [sharedAtMs] = rivals.map(({ rentedAtMs }) => rentedAtMs).toSorted((a, b) => b - a);
  const hasWaited = sharedAtMs !== undefined && decidedAtMs - sharedAtMs >= SHARED_MS;
  return hasWaited && isBlind(kill, POLLS_MS) ? "duplicate: no log to see it play, for two polls" : null;
}

function isAway({ awayAtMs, decidedAtMs }: Kill): boolean {
  return awayAtMs !== null && decidedAtMs - awayAtMs < LIST_AGE_MS;
}

function isBlind(kill: Kill, forMs: number): boolean {
  return isHit(kill, UNREADABLE, forMs) || isHit(kill, UNTRUE, forMs) || isLostOnTheWay(kill);
}

/**
 * Where all logs are away none of the boxes is the odd one; troubles of its own, one after another, that have just begun made it
 * none either.
 */
function isBlindAlone(kill: Kill): boolean {
  const { box, acts, decidedAtMs } = kill;
  const names = [...UNREADABLE, ...UNTRUE];
  const own = acts.filter((act) => act.kind === "fault" && act.match?.label === box.label && names.includes(act.name));
  const isLong = own.some(({ atMs }) => atMs <= decidedAtMs - START_MS - SILENT_MS);
  return (isLong && isHit({ ...kill, acts: own }, names, SLOW_POLLS_MS)) || isLostOnTheWay(kill);
}

/** A fault of these names that may hit the box was on at the time, or until `sinceMs` before it. */
function isHit({ box, decidedAtMs, acts }: Kill, names: readonly FaultName[], sinceMs: number): boolean {
  return acts.some((act) => {
    if (act.kind !== "fault" || !names.includes(act.name)) return false;
    if (act.match?.label !== undefined && act.match.label !== box.label) return false;
    return covers(act.atMs, act.forMs, decidedAtMs, sinceMs);
  });
}

/** Requests for logs, or the reports of them, were lost between the parts: the few that a trouble takes, in so long. */
const LOST_MS = 20 * MINUTE;

function isLostOnTheWay({ decidedAtMs, acts }: Kill): boolean {
  return acts.some((act) => {
    const isOfLogs =
      (act.kind === "net" && act.path === "/request_logs/") ||
      (act.kind === "call" && /recordReports|reserve/.test(act.method));
    return isOfLogs && covers(act.atMs, LOST_MS, decidedAtMs, 0);
  });
}

/** A trouble with no end of its own lasts until it is used up, which nobody notes. */
function covers(atMs: number, forMs: number | undefined, decidedAtMs: number, sinceMs: number): boolean {
  const agoMs = decidedAtMs - START_MS - atMs;
  return agoMs >= 0 && (forMs === undefined || agoMs <= forMs + sinceMs);
}
