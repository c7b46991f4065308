// The clocks in whole stretches of time: one box, a CHECK each minute, a log read every so often, and what came of it.

import { describe, expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import type { Instance } from "../../src/fleet/instance.ts";
import type { WorkerMemory } from "../../src/fleet/memory.ts";
import type { LogFacts, LogReport } from "../../src/fleet/report.ts";
import type { SpecPatch } from "../../src/fleet/spec.ts";
import { observeReport } from "../../src/fleet/worker.ts";
import {
  aBootingWorker,
  aMemory,
  anAccount,
  anInstance,
  aProvenSweep,
  aReport,
  aSituation,
  aSpec,
  aWorker,
  HOUR,
  MINUTE,
  NOW,
  SECOND,
  someProgress,
} from "../support/builders.ts";
import { inShort } from "../support/plans.ts";

const STEP_MS = 5 * SECOND;

interface Story {
  readonly worker: WorkerMemory;
  /** What the list says, from `NOW` on. */
  readonly row?: Partial<Instance>;
  /** What a read of the log shows so long after `NOW`; `null`: it cannot be read. */
  readonly log: (afterMs: number) => Partial<LogFacts> | null;
  readonly readEveryMs?: number;
  /** Turns between the reads for which the market's pace has no place. */
  readonly heldBackEveryMs?: number;
  readonly spec?: SpecPatch;
  readonly forMs?: number;
}

/** The first CHECK that does something and what it does; `null`: none did. */
function play(story: Story): { readonly afterSeconds: number; readonly actions: ReturnType<typeof inShort> } | null {
  const { readEveryMs = 45 * SECOND, heldBackEveryMs = Infinity, forMs = 3 * HOUR } = story;
  const spec = aSpec({ target: 1, ...story.spec });
  let memory = aMemory({ workers: [story.worker] });
  for (let afterMs = STEP_MS; afterMs <= forMs; afterMs += STEP_MS) {
    const nowMs = NOW + afterMs;
    const terms = { spec, nowMs, writesExamples: true };
    const isRead = afterMs % readEveryMs === 0;
    if (isRead || afterMs % heldBackEveryMs === 0) {
      const facts = isRead ? story.log(afterMs) : null;
      const report = facts === null ? notMeasured(nowMs, !isRead) : aReport(facts, nowMs);
      memory = { ...memory, workers: memory.workers.map((worker) => observeReport(worker, report, terms)) };
    }
    if (afterMs % MINUTE !== 0) continue;
    const rows = [anInstance({ startedAtMs: story.worker.startedAtMs, ...story.row })];
    const sweep = aProvenSweep(rows, nowMs - 2 * SECOND);
    const plan = decide(
      aSituation({ nowMs, wantedAtMs: nowMs, spec, memory, sweep, account: anAccount({ readAtMs: nowMs }) }),
    );
    if (plan.actions.length > 0) return { afterSeconds: afterMs / SECOND, actions: inShort(plan) };
    memory = plan.memory;
  }
  return null;
}

function notMeasured(requestedAtMs: number, isHeldBack: boolean): LogReport {
  const reason = isHeldBack ? "the market's pace left no place in this round" : "503";
  return { kind: "not-measured", instanceId: 1000, requestedAtMs, receivedAtMs: requestedAtMs, reason, isHeldBack };
}

const NO_LOG = (): null => null;
const inSetUp = aBootingWorker({
  status: "running",
  mark: "line 0",
  reportAtMs: NOW,
  clock: { kind: "setup", sinceMs: NOW, movedAtMs: NOW, measuredAtMs: NOW },
});
const inWait: WorkerMemory = { ...inSetUp, clock: { ...inSetUp.clock, kind: "wait" } };

/** Batch after batch of this length; the rate that the log states fits it. */
const playing =
  (batchMs: number) =>
  (afterMs: number): Partial<LogFacts> => {
    const batch = 30 + Math.floor(afterMs / batchMs);
    const progress = someProgress({ batch, totalGames: batch * 256, gamesPerSecond: 256 / (batchMs / 1000) });
    return { progress, mark: `mark-${batch}`, deliveredBatch: batch - 1 };
  };

describe("a box that is on its way again, and the only one of its fleet", () => {
  it.each(
    ["loading", null, "created", "rebooting", "recycling", "frozen"].flatMap((status) =>
      [["OK", aWorker()] as const, ["SETUP", inSetUp] as const, ["WAIT", inWait] as const].map(
        ([phase, worker]) => [status, phase, worker] as const,
      ),
    ),
  )("as %s after %s, its log never read again: it is given up when a BOOT is over", (actualStatus, _phase, worker) => {
    // First listed so at 58 s, and for 600 s at 658 s.
    expect(play({ worker, row: { actualStatus }, log: NO_LOG })).toEqual({
      afterSeconds: 660,
      actions: [
        ["strike", 1000],
        ["destroy", 1000, "stuck-boot"],
      ],
    });
  });

  it.each(["loading", null])(
    "as %s by a wrong word of the market, its log read as ever: it plays on",
    (actualStatus) => {
      const story = { worker: aWorker(), row: { actualStatus }, log: playing(100 * SECOND) };
      expect(play({ ...story, readEveryMs: 150 * SECOND })).toBeNull();
      const slow = { cadenceSeconds: { logPollSteady: 900 } };
      expect(play({ ...story, readEveryMs: 900 * SECOND, spec: slow })).toBeNull();
      expect(play({ ...story, readEveryMs: 660 * SECOND, heldBackEveryMs: 165 * SECOND })).toBeNull();
    },
  );

  it("whose log can be read and stands still goes by the clock of its last phase", () => {
    const still = { row: { actualStatus: "loading" }, log: () => ({ phase: "setup" as const, mark: "line 0" }) };
    expect(play({ ...still, worker: inSetUp })?.actions.at(-1)).toEqual(["destroy", 1000, "stuck-setup"]);
  });

  it("is no concern where the market says that it runs: then a log that cannot be read proves nothing", () => {
    expect(play({ worker: aWorker(), log: NO_LOG })).toBeNull();
  });
});

describe("a log that is read seldom", () => {
  const stuck = (phase: "setup" | "starting") => (): Partial<LogFacts> => ({ phase, mark: "line 0" });
  const stalled = (): Partial<LogFacts> => playing(100 * SECOND)(0);

  it("because its poll is slow still has its clocks", () => {
    const slow = { readEveryMs: 400 * SECOND, spec: { cadenceSeconds: { logPoll: 400 } } };
    expect(play({ ...slow, worker: inSetUp, log: stuck("setup") })).toEqual({
      afterSeconds: 840,
      actions: [
        ["strike", 1000],
        ["destroy", 1000, "stuck-setup"],
      ],
    });
  });

  // Read each 500 s, a clock runs 325 s with each read.
  const paced = { readEveryMs: 500 * SECOND, heldBackEveryMs: 100 * SECOND };
  it.each([
    ["SETUP", inSetUp, stuck("setup"), "stuck-setup", 1020],
    ["WAIT", inWait, stuck("starting"), "no-progress", 1500],
    ["OK", aWorker(), stalled, "stalled", 1020],
  ] as const)("because of the market's pace still has them: %s", (_words, worker, log, cause, afterSeconds) => {
    expect(play({ ...paced, worker, log })).toEqual({
      afterSeconds,
      actions: [
        ["strike", 1000],
        ["destroy", 1000, cause],
      ],
    });
  });

  it("because it cannot be read does not have them: unknown is not dead", () => {
    expect(play({ worker: inSetUp, log: stuck("setup"), readEveryMs: 500 * SECOND })).toBeNull();
  });

  it.each([60, 100, 355, 600])("of a worker that is well, with batches of %i s, ends nothing", (seconds) => {
    const story = { worker: aWorker(), log: playing(seconds * SECOND) };
    for (const readEvery of [350, 500, 665])
      expect(play({ ...story, readEveryMs: readEvery * SECOND, heldBackEveryMs: 35 * SECOND })).toBeNull();
  });
});

describe("a box that is called exited while its contract runs", () => {
  const row = { actualStatus: "exited" };

  it("and whose start goes on is left alone until it plays, and then", () => {
    const log = (afterMs: number): Partial<LogFacts> => {
      if (afterMs < 400 * SECOND) return { phase: "setup", mark: `line ${Math.floor(afterMs / (70 * SECOND))}` };
      return afterMs < 1000 * SECOND ? { phase: "starting", mark: "started" } : playing(140 * SECOND)(afterMs);
    };
    expect(play({ worker: inSetUp, row, log })).toBeNull();
    expect(play({ worker: aBootingWorker({ status: "running" }), row, log })).toBeNull();
  });

  it("and whose start stands still goes when its log has done so for 120 s, unblamed", () => {
    const log = (): Partial<LogFacts> => ({ phase: "setup", mark: "line 0" });
    expect(play({ worker: inSetUp, row, log })).toEqual({ afterSeconds: 180, actions: [["destroy", 1000, "status"]] });
  });

  it("and whose start goes on for ever goes by the clock of its phase", () => {
    const log = (afterMs: number): Partial<LogFacts> => ({ phase: "setup", mark: `line ${afterMs}` });
    expect(play({ worker: inSetUp, row, log })).toEqual({
      afterSeconds: 900,
      actions: [
        ["strike", 1000],
        ["destroy", 1000, "stuck-setup"],
      ],
    });
  });

  it.each([60, 140, 355, 600])(
    "and that plays on is left alone from its first read, with batches of %i s",
    (seconds) => {
      const met = aBootingWorker({ status: "exited" });
      for (let shift = 0; shift < seconds; shift += 35) {
        const log = (afterMs: number): Partial<LogFacts> => playing(seconds * SECOND)(afterMs + shift * SECOND);
        expect(play({ worker: met, row, log, forMs: HOUR })).toBeNull();
      }
    },
  );
});
