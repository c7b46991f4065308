import { expect, it } from "vitest";
import { ailingNotes } from "../../src/fleet/ailing.ts";
import { decide } from "../../src/fleet/decide.ts";
import type { WorkerClock, WorkerMemory } from "../../src/fleet/memory.ts";
import {
  aBadStatus,
  aBootingWorker,
  anError,
  anInstance,
  aSituation,
  aSpec,
  aWorker,
  HOUR,
  MINUTE,
  must,
  NOW,
  SECOND,
} from "../support/builders.ts";

const terms = { spec: aSpec(), nowMs: NOW, lookingSinceMs: 0 };
const wordsOf = (worker: WorkerMemory): string | null => ailingNotes([worker], terms)[0] ?? null;

function clock(kind: WorkerClock["kind"], ranSeconds: number): WorkerClock {
  const sinceMs = NOW - ranSeconds * SECOND;
  return { kind, sinceMs, movedAtMs: sinceMs, measuredAtMs: NOW };
}

it.each<[string, WorkerMemory, string | null]>([
  ["a worker that is well", aWorker(), null],
  [
    "an error in its grace",
    aWorker({ slot: 3, error: { ...anError(), sinceMs: NOW - 120 * SECOND, seenAtMs: NOW } }),
    "worker 3: ERR for 120 s of 300 s grace: RuntimeError: boom",
  ],
  [
    "a status that its log has not confirmed",
    aWorker({ badStatus: aBadStatus({ sinceMs: NOW - 40 * SECOND }), reportAtMs: NOW - MINUTE }),
    "worker 0: exited for 40 s, its log is asked (120 s at most)",
  ],
  [
    "a status that its log contradicts",
    aWorker({
      badStatus: aBadStatus({ sinceMs: NOW - 40 * SECOND }),
      progress: { ...must(aWorker().progress), batch: 31, atMs: NOW },
    }),
    "worker 0: called exited, but its log has shown batch 31 since",
  ],
  [
    "a status that the log of a start contradicts",
    aBootingWorker({
      badStatus: aBadStatus({
        sinceMs: NOW - 40 * SECOND,
        still: { mark: "line 2", sinceMs: NOW, measuredAtMs: NOW, hasMoved: true },
      }),
      clock: clock("setup", 60),
    }),
    "worker 0: called exited, but its log has shown new lines since",
  ],
  [
    "a box that is loading again",
    aWorker({ verdict: "booting", detail: "loading again", reportAtMs: NOW - HOUR, reboot: clock("boot", 120) }),
    "worker 0: loading again: BOOT for 120 s of 600 s",
  ],
  ["a BOOT under half its time", aBootingWorker({ clock: clock("boot", 299) }), null],
  ["a BOOT at half its time", aBootingWorker({ clock: clock("boot", 300) }), "worker 0: BOOT for 300 s of 600 s"],
  ["a SETUP past half", aBootingWorker({ clock: clock("setup", 400) }), "worker 0: SETUP for 400 s of 600 s"],
  ["a WAIT past half", aBootingWorker({ clock: clock("wait", 500) }), "worker 0: WAIT for 500 s of 900 s"],
  ["no batch for long", aWorker({ clock: clock("produce", 400) }), "worker 0: no new batch for 400 s of 600 s"],
  [
    "no upload for long",
    aWorker({
      delivery: { ...must(aWorker().delivery), fromBatch: 20, sinceMs: NOW - 600 * SECOND, measuredAtMs: NOW },
    }),
    "worker 0: no upload completed for 600 s of 900 s",
  ],
  [
    "no measure",
    aWorker({ verdict: "unknown", clock: { ...clock("produce", 0), measuredAtMs: NOW - 400 * SECOND } }),
    "worker 0: not measured for 400 s, so nothing is decided on it",
  ],
])("%s", (_words, worker, note) => {
  expect(wordsOf(worker)).toBe(note);
});

it("a worker that would go and is held back says so", () => {
  expect(wordsOf(aWorker({ clock: clock("produce", 600) }))).toBe(
    "worker 0: left alone for now, though no new batch for 600 s (limit 600 s), last seen: batch 30",
  );
});

it("cuts a long line, and says no more than twenty, lowest slot first", () => {
  const failing = (slot: number): WorkerMemory =>
    aWorker({ slot, error: { ...anError({ line: "x".repeat(200) }), sinceMs: NOW, seenAtMs: NOW } });
  const notes = ailingNotes(
    Array.from({ length: 25 }, (_, index) => failing(24 - index)),
    terms,
  );
  expect(notes).toHaveLength(21);
  expect(notes[0]).toBe(`worker 0: ERR for 0 s of 300 s grace: ${"x".repeat(80)}`);
  expect(notes.at(-1)).toBe("and 5 more that are not well");
});

it("a silence that has begun anew, because nobody looked, is not put down to the log service", () => {
  const sinceMs = NOW - 3 * HOUR;
  const boot = { kind: "boot", sinceMs, movedAtMs: sinceMs, measuredAtMs: sinceMs } as const;
  const unread = aBootingWorker({ status: "running", sinceMs, clock: boot, verdict: "unknown" });
  expect(ailingNotes([unread], { ...terms, lookingSinceMs: NOW })).toEqual([
    "worker 0: not measured for 10800 s, so nothing is decided on it",
  ]);
});

it("the one box of a fleet whose log can never be read stays, and every CHECK says why", () => {
  const sinceMs = NOW - 3 * HOUR;
  const unread = aBootingWorker({
    status: "running",
    sinceMs,
    clock: { kind: "boot", sinceMs, movedAtMs: sinceMs, measuredAtMs: sinceMs },
  });
  const plan = decide(aSituation({ rows: [anInstance()], workers: [unread], spec: aSpec({ target: 1 }) }));
  expect(plan.actions).toEqual([]);
  expect(plan.notes).toEqual([
    "worker 0: not measured for 10800 s, so nothing is decided on it; no other log shows whether the box or the log service is at fault",
  ]);
});
