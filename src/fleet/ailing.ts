// A note for every worker that is not well and stays for now: what is wrong, and how far it is from being replaced.
// "Nothing done" always says why (design §1, principle 5).

import { clockLimitMs, elapsedMs, rebootClock, rebootLimitMs } from "./clock.ts";
import { isLate, isUndelivered, LATE_UPLOADS, undeliveredWords } from "./delivery.ts";
import { judgeHealth, judgeSilence } from "./health.ts";
import type { ClockKind, WorkerMemory } from "./memory.ts";
import type { FleetSpec } from "./spec.ts";
import { isBeatenByLog } from "./status.ts";

/** More notes than these hide each other. */
const NOTES_MAX = 20;
/** A line of a log in a note; the worker's `detail` has more of it. */
const LINE_CHARACTERS = 80;

interface Terms {
  readonly spec: FleetSpec;
  readonly nowMs: number;
  readonly lookingSinceMs: number;
}

/** Notes about workers that stay, lowest slot first. */
export function ailingNotes(workers: readonly WorkerMemory[], terms: Terms): readonly string[] {
  const notes = workers
    .toSorted((a, b) => a.slot - b.slot)
    .flatMap((worker) => {
      const words = ailingWords(worker, terms);
      return words === null ? [] : [`worker ${worker.slot}: ${words}`];
    });
  const more = notes.length - NOTES_MAX;
  return more > 0 ? [...notes.slice(0, NOTES_MAX), `and ${more} more that are not well`] : notes;
}

const CLOCK_WORDS: Readonly<Record<ClockKind, string>> = {
  boot: "BOOT",
  setup: "SETUP",
  wait: "WAIT",
  produce: "no new batch",
};

/** `null`: well, or not yet half way to being replaced. */
function ailingWords(worker: WorkerMemory, terms: Terms): string | null {
  const { spec, nowMs } = terms;
  const { error, badStatus, clock } = worker;
  const { ailment } = judgeHealth(worker, spec, nowMs);
  if (ailment !== null) return `left alone for now, though ${ailment.reason}`;
  if (error !== null) {
    const { errorGrace } = spec.timeoutsSeconds;
    const lastedMs = error.seenAtMs - error.sinceMs;
    return `ERR for ${seconds(lastedMs)} s of ${errorGrace} s grace: ${error.line.slice(0, LINE_CHARACTERS)}`;
  }
  if (badStatus !== null) {
    if (isBeatenByLog(worker, spec, nowMs)) {
      const news = worker.progress === null ? "new lines" : `batch ${worker.progress.batch}`;
      return `called ${badStatus.what}, but its log has shown ${news} since`;
    }
    const { statusConfirm } = spec.timeoutsSeconds;
    return `${badStatus.what} for ${seconds(nowMs - badStatus.sinceMs)} s, its log is asked (${statusConfirm} s at most)`;
  }
  if (worker.verdict === "unknown") return silenceWords(worker, terms);
  const reboot = rebootClock(worker);
  if (reboot !== null && worker.verdict === "booting")
    return `${worker.detail}: BOOT for ${seconds(elapsedMs(reboot))} s of ${seconds(rebootLimitMs(reboot, spec))} s`;
  const limitMs = clockLimitMs(worker, spec);
  if (2 * elapsedMs(clock) >= limitMs)
    return `${CLOCK_WORDS[clock.kind]} for ${seconds(elapsedMs(clock))} s of ${seconds(limitMs)} s`;
  return isLate(worker, LATE_UPLOADS) && !isUndelivered(worker) ? undeliveredWords(worker) : null;
}

/** Unknown is not dead: with no other log to compare with, a box that cannot be read stays (design §1, principle 1). */
function silenceWords(worker: WorkerMemory, terms: Terms): string {
  const forMs = terms.nowMs - worker.clock.measuredAtMs;
  const isLong = judgeSilence(worker, { ...terms, because: "" }) !== null;
  const why = isLong ? "; no other log shows whether the box or the log service is at fault" : "";
  return `not measured for ${seconds(forMs)} s, so nothing is decided on it${why}`;
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
