import { describe, expect, it } from "vitest";
import { gapLimitMs } from "../../src/fleet/clock.ts";
import { isUnread, judgeHealth, judgeSilence, logsReadSinceMs } from "../../src/fleet/health.ts";
import { observeRow } from "../../src/fleet/worker.ts";
import type { WorkerClock, WorkerMemory } from "../../src/fleet/memory.ts";
import {
  aBadStatus,
  aBootingWorker,
  anError,
  anInstance,
  aSpec,
  aWorker,
  HOUR,
  MINUTE,
  must,
  NOW,
  SECOND,
} from "../support/builders.ts";

const spec = aSpec();
const causeOf = (worker: WorkerMemory): string | null => judgeHealth(worker, spec, NOW).ailment?.cause ?? null;

function clock(kind: WorkerClock["kind"], elapsedMs: number, movedAfterMs = 0): WorkerClock {
  const sinceMs = NOW - elapsedMs;
  return { kind, sinceMs, movedAtMs: sinceMs + movedAfterMs, measuredAtMs: NOW };
}

/** In its set-up for half a minute, and in some phase of its start for this long. */
function aFlapping(startMs: number): WorkerMemory {
  return aBootingWorker({ clock: clock("setup", 30 * SECOND), unproductiveSinceMs: NOW - startMs });
}

it("finds nothing wrong with a worker that produces; only news can change that", () => {
  expect(judgeHealth(aWorker(), spec, NOW)).toEqual({ ailment: null, deadlineMs: null, logAskedAtMs: null });
});

describe("time-outs", () => {
  it.each<[string, WorkerClock, string | null]>([
    ["BOOT for 599.999 s", clock("boot", 600 * SECOND - 1), null],
    ["BOOT for 600 s", clock("boot", 600 * SECOND), "stuck-boot"],
    ["SETUP for 599.999 s", clock("setup", 600 * SECOND - 1), null],
    ["SETUP for 600 s", clock("setup", 600 * SECOND), "stuck-setup"],
    ["a BOOT that last moved at half time", clock("boot", 600 * SECOND, 300 * SECOND), "stuck-boot"],
    ["a BOOT that moved after half time, at 600 s", clock("boot", 600 * SECOND, 300 * SECOND + 1), null],
    ["a moving BOOT at 899.999 s", clock("boot", 900 * SECOND - 1, 890 * SECOND), null],
    ["a moving BOOT at 900 s", clock("boot", 900 * SECOND, 899 * SECOND), "stuck-boot"],
    ["a moving SETUP at 900 s", clock("setup", 900 * SECOND, 899 * SECOND), "stuck-setup"],
    ["WAIT for 899.999 s", clock("wait", 900 * SECOND - 1), null],
    ["WAIT for 900 s", clock("wait", 900 * SECOND), "no-progress"],
    ["a moving WAIT gets no more than 900 s", clock("wait", 900 * SECOND, 899 * SECOND), "no-progress"],
  ])("%s", (_words, running, cause) => {
    expect(causeOf(aBootingWorker({ clock: running }))).toBe(cause);
  });

  it("strikes the host, with the evidence", () => {
    const worker = aBootingWorker({ clock: clock("boot", 600 * SECOND), detail: "pulling" });
    expect(judgeHealth(worker, spec, NOW).ailment).toEqual({
      cause: "stuck-boot",
      reason: "stuck in BOOT for 600 s (limit 600 s), last seen: pulling",
      faultClass: "host",
      isStrike: true,
      fault: {
        signature: "timeout:boot:nothing",
        line: "stuck in BOOT after nothing was printed",
        isHostsUsual: true,
      },
      evidence: { elapsedSeconds: 600, limitSeconds: 600, milestone: null, batch: null },
    });
  });

  // 900 s each for a BOOT and a SETUP that move, 900 s of WAIT, and 325 s that may lie unmeasured between two of them.
  it.each([
    ["under the longest that all phases may take together", 3350 * SECOND - 1, null],
    ["at the longest that all phases may take together", 3350 * SECOND, "no-progress"],
  ])("a log that goes to and fro between two phases: %s", (_words, startMs, cause) => {
    expect(causeOf(aFlapping(startMs))).toBe(cause);
  });

  it("a log that goes to and fro for too long strikes the host, in words", () => {
    expect(judgeHealth(aFlapping(3350 * SECOND), spec, NOW).ailment).toMatchObject({
      reason: "no progress through all phases of the start for 3350 s (limit 3350 s), last seen: pulling",
      isStrike: true,
    });
  });

  it("the time of its start says nothing of a worker that has produced", () => {
    expect(causeOf(aWorker({ unproductiveSinceMs: NOW - 100 * HOUR }))).toBeNull();
  });

  it("counts measured time only: an old clock that nobody has read since says nothing", () => {
    const running = { ...clock("boot", 5000 * SECOND), measuredAtMs: NOW - 4500 * SECOND };
    expect(causeOf(aBootingWorker({ clock: running }))).toBeNull();
  });

  it.each([
    ["a fast worker, under 600 s", [60, 60, 60], 600 * SECOND - 1, null],
    ["a fast worker, at 600 s", [60, 60, 60], 600 * SECOND, "stalled"],
    ["a slow worker, under 4 of its batches", [300, 300, 300], 1200 * SECOND - 1, null],
    ["a slow worker, at 4 of its batches", [300, 300, 300], 1200 * SECOND, "stalled"],
    ["one long batch does not move its median", [100, 100, 5000], 600 * SECOND, "stalled"],
    ["a worker with one batch so far, at 600 s", [], 600 * SECOND, "stalled"],
  ])("stall of %s", (_words, batchSeconds, elapsedMs, cause) => {
    const batchMs = batchSeconds.map((seconds) => seconds * SECOND);
    const progress = { ...must(aWorker().progress), batchMs };
    expect(causeOf(aWorker({ progress, clock: clock("produce", elapsedMs) }))).toBe(cause);
  });
});

describe("a box that was past its boot and is on its way again", () => {
  /** Its log was read last when lists began to say so. */
  const again = (elapsedMs: number, changes: Partial<WorkerMemory> = {}, movedAfterMs = 0): WorkerMemory => {
    const reboot = clock("boot", elapsedMs, movedAfterMs);
    const before = { sinceMs: reboot.sinceMs, movedAtMs: reboot.sinceMs, measuredAtMs: reboot.sinceMs };
    const reportAtMs = reboot.sinceMs;
    return aWorker({ status: "loading", reboot, clock: { kind: "produce", ...before }, reportAtMs, ...changes });
  };

  it.each<[string, WorkerMemory, string | null]>([
    ["for 599.999 s", again(600 * SECOND - 1), null],
    ["for 600 s", again(600 * SECOND), "stuck-boot"],
    ["for 899.999 s, and moves", again(900 * SECOND - 1, {}, 890 * SECOND), null],
    ["for 900 s, and moves", again(900 * SECOND, {}, 890 * SECOND), "stuck-boot"],
    ["for hours, its log read 599.999 s before", again(9 * HOUR, { reportAtMs: NOW - 600 * SECOND + 1 }), null],
    ["for hours, its log read 600 s before", again(9 * HOUR, { reportAtMs: NOW - 600 * SECOND }), "stuck-boot"],
    ["for hours, its log held back a moment ago", again(9 * HOUR, { heldBackAtMs: NOW - 599 * SECOND }), null],
    [
      "for 600 s, with an error in its grace",
      again(600 * SECOND, { error: { ...anError(), sinceMs: NOW, seenAtMs: NOW } }),
      "stuck-boot",
    ],
    [
      "for 600 s, with a final error",
      again(600 * SECOND, { error: { ...anError({ isFinal: true }), sinceMs: NOW, seenAtMs: NOW } }),
      "fatal-error",
    ],
  ])("%s", (_words, worker, cause) => {
    expect(causeOf(worker)).toBe(cause);
  });

  it("has two polls at least, in which its log could tell that it plays", () => {
    const slow = aSpec({ cadenceSeconds: { logPollSteady: 400 } });
    const causeAt = (seconds: number) => judgeHealth(again(seconds * SECOND), slow, NOW).ailment?.cause ?? null;
    expect([causeAt(824.999), causeAt(825)]).toEqual([null, "stuck-boot"]);
  });

  it("strikes its host, and is not compared with other machines: what it ran came up there", () => {
    expect(judgeHealth(again(600 * SECOND, { detail: "loading again" }), spec, NOW).ailment).toEqual({
      cause: "stuck-boot",
      reason: "stuck in BOOT again for 600 s (limit 600 s), last seen: loading again",
      faultClass: "host",
      isStrike: true,
      fault: null,
      evidence: { elapsedSeconds: 600, limitSeconds: 600, status: "loading", batch: 30 },
    });
  });
});

describe("errors", () => {
  const failing = (changes: Parameters<typeof anError>[0], elapsedMs: number): WorkerMemory =>
    aWorker({ error: { ...anError(changes), sinceMs: NOW - elapsedMs, seenAtMs: NOW } });

  it.each([
    ["in its grace", 300 * SECOND - 1, null],
    ["after 300 s", 300 * SECOND, "fatal-error"],
  ])("one that may pass, %s", (_words, elapsedMs, cause) => {
    expect(causeOf(failing({}, elapsedMs))).toBe(cause);
  });

  it("a final one has no grace", () => {
    expect(causeOf(failing({ isFinal: true }, 0))).toBe("fatal-error");
  });

  it("grace is counted between sightings, not by the clock on the wall", () => {
    const worker = aWorker({ error: { ...anError(), sinceMs: NOW - 1000 * SECOND, seenAtMs: NOW - 900 * SECOND } });
    expect(causeOf(worker)).toBeNull();
  });

  it.each([
    ["host", true],
    ["workload", false],
    ["credentials", false],
    ["hub", false],
    ["gpu-size", false],
    ["unknown", false],
  ] as const)("an error of the %s strikes the machine: %s", (faultClass, isStrike) => {
    const worker = failing({ faultClass, isFinal: true }, 0);
    expect(judgeHealth(worker, spec, NOW).ailment).toMatchObject({ faultClass, isStrike });
  });
});

describe("a bad status", () => {
  /** Its last batch was first seen four minutes ago, so that a newer one is due. */
  const stopped = (agoMs: number, changes: Partial<WorkerMemory> = {}): WorkerMemory =>
    aWorker({
      status: "exited",
      badStatus: aBadStatus({ sinceMs: NOW - agoMs }),
      progress: { ...must(aWorker().progress), atMs: NOW - 4 * MINUTE },
      ...changes,
    });

  it.each([
    ["119.999 s", 120 * SECOND - 1, null],
    ["120 s", 120 * SECOND, "status"],
  ])("that no log contradicts for %s", (_words, agoMs, cause) => {
    expect(causeOf(stopped(agoMs, { reportAtMs: NOW - MINUTE * 5 }))).toBe(cause);
  });

  it("asks for the log at once, and looks again when its time is over", () => {
    expect(judgeHealth(stopped(0), spec, NOW)).toEqual({
      ailment: null,
      deadlineMs: NOW + 120 * SECOND,
      logAskedAtMs: NOW,
    });
  });

  it.each([
    ["no CHECK has asked yet", null, null],
    ["it was last asked before it could tell", HOUR + 1, null],
    ["the first asked 119.999 s ago", 120 * SECOND - 1, null],
    ["the first asked 120 s ago", 120 * SECOND, "status"],
  ])("for an hour, whose log cannot be read: %s", (_words, askedAgoMs, cause) => {
    const askedAtMs = askedAgoMs === null ? null : NOW - askedAgoMs;
    const badStatus = aBadStatus({ sinceMs: NOW - HOUR, askedAtMs });
    expect(causeOf(stopped(HOUR, { badStatus, reportAtMs: NOW - 2 * HOUR }))).toBe(cause);
  });

  it.each([
    ["fetched with the status", 10 * SECOND, null],
    ["fetched a millisecond later", 10 * SECOND - 1, "status"],
  ])("with a log %s that shows nothing newer", (_words, logAgoMs, cause) => {
    expect(causeOf(stopped(10 * SECOND, { reportAtMs: NOW - logAgoMs }))).toBe(cause);
  });

  it.each([
    ["89.999 s", 60, 90 * SECOND - 1, null],
    ["90 s", 60, 90 * SECOND, "status"],
    ["119.999 s, with batches of 100 s", 100, 120 * SECOND - 1, null],
    ["120 s, with batches of 100 s", 100, 120 * SECOND, "status"],
    ["359.999 s, with batches of 300 s", 300, 360 * SECOND - 1, null],
    ["360 s, with batches of 300 s", 300, 360 * SECOND, "status"],
  ])("with a log read %s after the last batch was first seen", (_words, batchSeconds, agoMs, cause) => {
    const batchMs = [batchSeconds * SECOND, batchSeconds * SECOND];
    const progress = { ...must(aWorker().progress), atMs: NOW - agoMs, batchMs };
    const worker = stopped(agoMs, { reportAtMs: NOW, progress });
    expect(causeOf(worker)).toBe(cause);
  });

  it.each([
    ["lines have come since it, an upload's tries more: 124.999 s", true, 30, 125 * SECOND - 1, null],
    ["lines have come since it: 125 s", true, 30, 125 * SECOND, "status"],
    ["the lines came with it: 90 s", true, 90, 90 * SECOND, "status"],
    ["no line has come since: 90 s", false, 30, 90 * SECOND, "status"],
  ])("with a log read after the last batch, and %s", (_words, hasMoved, movedAgoSeconds, agoMs, cause) => {
    const progress = { ...must(aWorker().progress), atMs: NOW - agoMs, batchMs: [60 * SECOND, 60 * SECOND] };
    const worker = stopped(agoMs, { reportAtMs: NOW, progress });
    const still = { mark: "60-1", sinceMs: NOW - movedAgoSeconds * SECOND, measuredAtMs: NOW, hasMoved };
    expect(causeOf({ ...worker, badStatus: aBadStatus({ ...worker.badStatus, still }) })).toBe(cause);
  });

  it("has its log read again when the next batch is due, and not before", () => {
    const progress = { ...must(aWorker().progress), atMs: NOW - MINUTE, batchMs: [60 * SECOND, 60 * SECOND] };
    const worker = stopped(50 * SECOND, { reportAtMs: NOW - 40 * SECOND, progress });
    const dueAtMs = NOW + 30 * SECOND;
    expect(judgeHealth(worker, spec, NOW)).toEqual({ ailment: null, deadlineMs: dueAtMs, logAskedAtMs: null });
    expect(judgeHealth(worker, spec, dueAtMs)).toEqual({
      ailment: null,
      deadlineMs: dueAtMs + 120 * SECOND,
      logAskedAtMs: dueAtMs,
    });
    const asked = { ...worker, badStatus: aBadStatus({ ...worker.badStatus, askedAtMs: dueAtMs }) };
    expect(judgeHealth(asked, spec, dueAtMs + 120 * SECOND).ailment?.cause).toBe("status");
  });

  it.each([
    ["425.999 s", 7680, 426 * SECOND - 1, null],
    ["426 s", 7680, 426 * SECOND, "status"],
    ["0 s, and it does not say", null, 0, "status"],
  ])("with one batch so far, of 355 s by its own words, read %s after it", (_words, totalGames, agoMs, cause) => {
    const known = must(aWorker().progress);
    const gamesPerSecond = 7680 / 30 / 355;
    const progress = { ...known, atMs: NOW - agoMs, batchMs: [], totalGames, gamesPerSecond };
    const seen = { sinceMs: NOW - agoMs, movedAtMs: NOW - agoMs, measuredAtMs: NOW };
    const worker = stopped(agoMs + MINUTE, { reportAtMs: NOW, progress, clock: { kind: "produce", ...seen } });
    expect(causeOf(worker)).toBe(cause);
  });

  describe("before the first batch", () => {
    /** Read now; its last new line was seen so long ago. */
    const starting = (kind: "boot" | "setup" | "wait", movedAgoMs: number): WorkerMemory =>
      stopped(MINUTE, {
        progress: null,
        reportAtMs: NOW,
        clock: { kind, sinceMs: NOW - 5 * MINUTE, movedAtMs: NOW - movedAgoMs, measuredAtMs: NOW },
      });

    it.each([
      ["SETUP", "setup", 120 * SECOND - 1, null],
      ["SETUP", "setup", 120 * SECOND, "status"],
      ["WAIT", "wait", 120 * SECOND - 1, null],
      ["WAIT", "wait", 120 * SECOND, "status"],
      ["BOOT", "boot", 0, "status"],
    ] as const)(
      "with a log in %s that a read shows standing still: %s for %i ms",
      (_words, kind, movedAgoMs, cause) => {
        expect(causeOf(starting(kind, movedAgoMs))).toBe(cause);
      },
    );

    it("does not wait where the contract is stopped too", () => {
      const worker = starting("setup", 0);
      const badStatus = aBadStatus({ ...worker.badStatus, isStopped: true });
      expect(causeOf({ ...worker, badStatus })).toBe("status");
    });
  });

  it("is overruled by a newer batch in the log", () => {
    const progress = { ...must(aWorker().progress), batch: 31, atMs: NOW };
    expect(causeOf(stopped(MINUTE, { reportAtMs: NOW, progress }))).toBeNull();
  });

  it("strikes nobody: it does not say whose fault it is", () => {
    expect(judgeHealth(stopped(120 * SECOND), spec, NOW).ailment).toMatchObject({
      faultClass: "unknown",
      isStrike: false,
    });
  });

  it("is overruled no longer than the log goes on moving", () => {
    const progress = { ...must(aWorker().progress), batch: 31, atMs: NOW - 4 * MINUTE };
    const worker = stopped(5 * MINUTE, { reportAtMs: NOW, progress, clock: clock("produce", 4 * MINUTE) });
    expect(causeOf(worker)).toBe("status");
  });
});

it("a container that the host cannot start goes at once, and strikes the host", () => {
  const worker = aBootingWorker({ status: "created", statusMessage: "OCI runtime create failed: no such device" });
  expect(judgeHealth(worker, spec, NOW).ailment).toEqual({
    cause: "start-error",
    reason: "the host could not start the container: OCI runtime create failed: no such device",
    faultClass: "host",
    isStrike: true,
    fault: {
      signature: "OCI runtime create failed: no such device",
      line: "OCI runtime create failed: no such device",
      isHostsUsual: true,
    },
    evidence: { status: "created", statusMessage: "OCI runtime create failed: no such device" },
  });
});

describe("an image that cannot be had", () => {
  const pulling = (statusMessage: string, changes: Partial<WorkerMemory> = {}): WorkerMemory =>
    aBootingWorker({ statusMessage, ...changes });

  it.each([
    "Error response from daemon: manifest for acme/zeb:9 not found: manifest unknown: manifest unknown",
    "Error response from daemon: pull access denied for acme/zeb, repository does not exist",
    "Unable to find image 'acme/zeb:9' locally",
  ])("goes at once and blames the image, not the host: %s", (words) => {
    expect(judgeHealth(pulling(words), spec, NOW).ailment).toMatchObject({
      cause: "fatal-error",
      faultClass: "workload",
      isStrike: false,
      fault: { isHostsUsual: false },
    });
  });

  it("is not read out of the stale words of a running box", () => {
    expect(causeOf(pulling("manifest unknown", { status: "running" }))).toBeNull();
  });
});

describe("what the breaker may compare", () => {
  const exited = (changes: Partial<WorkerMemory>): WorkerMemory =>
    aWorker({
      badStatus: aBadStatus({ sinceMs: NOW - 2 * MINUTE }),
      reportAtMs: NOW,
      progress: { ...must(aWorker().progress), atMs: NOW - 4 * MINUTE },
      ...changes,
    });

  it("is a container that ended before it produced", () => {
    const worker = exited({ progress: null, milestone: "repo cloned" });
    expect(judgeHealth(worker, spec, NOW).ailment?.fault).toEqual({
      signature: "exited:repo cloned",
      line: "exited after repo cloned",
      isHostsUsual: true,
    });
  });

  it.each<[string, WorkerMemory]>([
    ["a container that ended after it had produced", exited({})],
    [
      "a host that went offline",
      {
        ...exited({ progress: null }),
        badStatus: aBadStatus({ what: "offline", sinceMs: NOW - 2 * MINUTE, batch: null }),
      },
    ],
  ])("is not %s: machines are lost all the time", (_words, worker) => {
    expect(judgeHealth(worker, spec, NOW).ailment?.fault).toBeNull();
  });
});

describe("silence", () => {
  const limitMs = (600 + 900) * SECOND;
  const silence = (worker: WorkerMemory, nowMs = NOW) =>
    judgeSilence(worker, { spec, nowMs, lookingSinceMs: 0, because: "while others' could" });

  /** Nothing but its row is known, for `forMs`. */
  const unread = (forMs: number, changes: Partial<WorkerMemory> = {}): WorkerMemory => {
    const sinceMs = NOW - forMs;
    const running = { kind: "boot", sinceMs, movedAtMs: sinceMs, measuredAtMs: sinceMs } as const;
    return aBootingWorker({ status: "running", sinceMs, clock: running, ...changes });
  };

  it("of BOOT and WAIT together is too long; it blames nobody", () => {
    expect(silence(unread(limitMs))).toEqual({
      ailment: {
        cause: "no-progress",
        reason: "its log could not be read for 1500 s, while others' could",
        faultClass: "unknown",
        isStrike: false,
        fault: null,
        evidence: { silentSeconds: 1500, limitSeconds: 1500, status: "running" },
      },
    });
  });

  it.each<[string, Partial<WorkerMemory>]>([
    ["it was first seen", { firstSeenAtMs: NOW - limitMs + 1 }],
    ["its last report was asked for", { reportAtMs: NOW - limitMs + 1 }],
    ["its log was last held back", { heldBackAtMs: NOW - limitMs + 1 }],
    ["the list showed it again", { returnedAtMs: NOW - limitMs + 1 }],
    ["its boot clock last ran", { clock: { ...unread(2 * limitMs).clock, measuredAtMs: NOW - limitMs + 1 } }],
  ])("counts from when %s: a millisecond less says nothing", (_words, changes) => {
    expect(silence(unread(limitMs))).not.toBeNull();
    expect(silence(unread(2 * limitMs, changes))).toBeNull();
  });

  it("of a box that produced and has been loading since counts too: lists move the clock of its boot alone", () => {
    const row = anInstance({ actualStatus: "loading", statusMessage: "pulling" });
    const silentAt = (worker: WorkerMemory, atMs: number): boolean => silence(worker, atMs) !== null;
    let worker = aWorker();
    for (let minute = 1; minute <= 24; minute++) {
      const atMs = NOW + minute * MINUTE;
      worker = observeRow(worker, row, { spec, nowMs: atMs, sweepBegunAtMs: atMs });
    }
    const lastMs = NOW - 30 * SECOND;
    expect([silentAt(worker, lastMs + limitMs - 1), silentAt(worker, lastMs + limitMs)]).toEqual([false, true]);
  });
});

describe("a box of which nobody knows what it does", () => {
  const gapMs = gapLimitMs(spec);
  const met = NOW - HOUR;
  const terms = { spec, nowMs: NOW, lookingSinceMs: NOW - gapMs + 1 };
  const box = (changes: Partial<WorkerMemory>): WorkerMemory =>
    aBootingWorker({ status: "running", firstSeenAtMs: met, reportAtMs: null, ...changes });

  it.each<[string, Partial<WorkerMemory>, boolean]>([
    ["runs and was never read", {}, true],
    ["was read before CHECKs looked again", { reportAtMs: terms.lookingSinceMs - 1 }, true],
    ["has been read since", { reportAtMs: terms.lookingSinceMs }, false],
    ["was read once, whatever the list calls it", { status: "exited", reportAtMs: met }, true],
    ["is on its way for the first time: it has no log", { status: "loading" }, false],
  ])("%s", (_words, changes, expected) => {
    expect(isUnread(box(changes), terms)).toBe(expected);
  });

  it("is waited for two polls and a round since it is in view, and twice that where its turns were held back", () => {
    const late = { ...terms, lookingSinceMs: NOW - gapMs };
    expect(isUnread(box({}), late)).toBe(false);
    expect(isUnread(box({ heldBackAtMs: NOW - gapMs + 1 }), late)).toBe(true);
    expect(isUnread(box({ heldBackAtMs: NOW }), { ...late, lookingSinceMs: NOW - 2 * gapMs + 1 })).toBe(true);
    expect(isUnread(box({ heldBackAtMs: NOW }), { ...late, lookingSinceMs: NOW - 2 * gapMs })).toBe(false);
    expect(isUnread(box({ returnedAtMs: NOW - gapMs + 1, reportAtMs: NOW - gapMs }), late)).toBe(true);
  });
});

describe("since when logs are read", () => {
  const gapMs = gapLimitMs(spec);
  const read = (...agoMs: readonly number[]) => agoMs.map((ms) => aWorker({ reportAtMs: NOW - ms }));

  it.each([
    ["the same, where some log was read two polls and a round ago", read(HOUR, gapMs), 5],
    ["now, where the last was read before that", read(HOUR, gapMs + 1), NOW],
    ["now, where it is the first", [aBootingWorker({ reportAtMs: null })], NOW],
  ])("%s", (_words, workers, expected) => {
    expect(logsReadSinceMs({ workers, logsReadAtMs: 0, logsReadSinceMs: 5 }, NOW, spec)).toBe(expected);
  });

  it("the same, where only a box that is gone was read two polls and a round ago", () => {
    const left = { workers: read(HOUR), logsReadSinceMs: 5 };
    expect(logsReadSinceMs({ ...left, logsReadAtMs: NOW - gapMs }, NOW, spec)).toBe(5);
    expect(logsReadSinceMs({ ...left, logsReadAtMs: NOW - gapMs - 1 }, NOW, spec)).toBe(NOW);
  });
});
