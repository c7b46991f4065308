import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLog } from "../../src/fleet/log-lines.ts";
import { zeb } from "../../src/fleet/zeb.ts";

const read = (text: string) => readLog(text, zeb.log);
const FOLDER = join(import.meta.dirname, "../fixtures/logs");
const sample = (name: string) => readFileSync(join(FOLDER, name), "utf8");

const START = [
  "=== Setup started at Thu Feb  6 12:00:00 UTC 2026 ===",
  "git installed",
  "repo cloned",
  "commit 6081420aa1b2c3d4e5f60718293a4b5c6d7e8f90",
  "deps installed",
  "GPU OK: NVIDIA GeForce RTX 3070",
  "=== Starting worker zeb-worker-vast-0 at Thu Feb  6 12:02:30 UTC 2026 ===",
  "Pulling initial weights from jasonyandell/zeb-42/large.pt...",
  "  Model loaded (step 142), 557,186 params, tokenizer=v2",
  "  Examples repo: jasonyandell/zeb-42-examples",
  "Creating self-play pipeline...",
  "Pipeline created in 8.3s",
  "",
  "Worker zeb-worker-vast-0 starting (output: jasonyandell/zeb-42-examples) (namespace: large)",
  "  games_per_batch=256, weight_sync_interval=2",
  "  upload_interval=240s (folder upload)",
];
const batch = (n: number) =>
  `[zeb-worker-vast-0] batch ${n}: 7168 examples, 2.4 games/s, step=142, total_games=${n * 256}`;
const log = (...lines: string[]) => lines.join("\n") + "\n";
const TRACEBACK = [
  "Traceback (most recent call last):",
  '  File "/root/code/forge/zeb/worker/run.py", line 10, in main',
  "    run()",
];

describe("a worker's log, sample by sample", () => {
  it("of a healthy start says that it produces, at which batch and rate", () => {
    expect(read(sample("01-worker-healthy-startup.txt"))).toMatchObject({
      lineCount: 15,
      phase: "producing",
      milestone: "worker running",
      progress: { batch: 2, gamesPerSecond: 1.5, step: 142, totalGames: 512 },
      error: null,
      commit: null,
    });
  });

  it("of one batch line alone says that it produces", () => {
    expect(read(sample("02-worker-first-batch-3060.txt"))).toMatchObject({
      phase: "producing",
      progress: { batch: 1, gamesPerSecond: 3.8, step: 0, totalGames: 256 },
    });
  });

  it.each([
    "03-worker-hf-transient-retry.txt",
    "04-learner-hf-errors-survived.txt",
    "05-learner-resume-557k.txt",
    "06-learner-first-cycle.txt",
    "07-learner-source-aware-cycle.txt",
    "09-vast-up-output.txt",
    "10-vast-status-output.txt",
    "13-vast-no-credit-cli.txt",
    "14-vast-no-credit-api.json",
    "15-ssh-port-forwarding.txt",
    "17-hf-commit-quota.txt",
  ])("holds neither progress nor error in %s", (name) => {
    expect(read(sample(name))).toMatchObject({ phase: "unrecognised", milestone: null, progress: null, error: null });
  });

  it("that lacks a module accuses the workload", () => {
    expect(read(sample("08-evalaux-module-missing.txt")).error).toMatchObject({
      faultClass: "workload",
      isFinal: false,
    });
    expect(read("/usr/bin/python: No module named forge.zeb.worker.run_eval_aux").error?.faultClass).toBe("workload");
  });

  it("that the host's daemon answers in place of means that there is no container", () => {
    expect(read(sample("11-vast-no-such-container.txt"))).toMatchObject({ phase: "no-container", error: null });
  });

  it("with a few launcher lines is not yet a launcher turning in a circle", () => {
    expect(read(sample("12-vast-launch-loop-ssh-and-sshd.txt"))).toMatchObject({ phase: "unrecognised", error: null });
  });

  it("out of GPU memory accuses the size of the GPU", () => {
    expect(read(sample("16-cuda-out-of-memory.txt")).error).toMatchObject({ faultClass: "gpu-size", isFinal: false });
  });

  it("is read without a fault for every sample there is", () => {
    const names = readdirSync(FOLDER);
    expect(names.filter((name) => read(sample(name)).lineCount === 0)).toEqual([]);
    expect(names.length).toBeGreaterThan(16);
  });
});

describe("the phase of a log", () => {
  it("is empty without a line, and for blank lines", () => {
    expect(read("")).toMatchObject({ phase: "empty", lineCount: 0, milestone: null, error: null });
    expect(read("\n\n  \n").phase).toBe("empty");
  });

  it.each([
    [1, "setup", "setup started"],
    [2, "setup", "git installed"],
    [3, "setup", "repo cloned"],
    [4, "setup", "repo cloned"],
    [5, "setup", "deps installed"],
    [6, "setup", "GPU OK"],
    [7, "starting", "worker started"],
    [8, "starting", "pulling weights"],
    [9, "starting", "model loaded"],
    [10, "starting", "examples repo reached"],
    [11, "starting", "creating pipeline"],
    [12, "starting", "pipeline created"],
    [14, "starting", "worker running"],
    [16, "starting", "worker running"],
  ])("after %i lines of a start is %s, last seen: %s", (count, phase, milestone) => {
    expect(read(log(...START.slice(0, count)))).toMatchObject({ phase, milestone, progress: null, error: null });
  });

  it.each([
    ["code updated", "setup", "code updated"],
    ["=== Starting worker worker-vast-3 (eval_aux) at Thu Feb  6 ===", "starting", "worker started"],
    ["Loading oracle checkpoint: forge/models/domino.ckpt", "starting", "loading oracle"],
    ["Pulling initial Zeb weights from jasonyandell/zeb-42/x.pt...", "starting", "pulling weights"],
    ["  Zeb loaded (step 7), 3,300,000 params", "starting", "model loaded"],
    ["Eval-aux worker worker-vast-3 starting (output: jasonyandell/zeb-42-examples)", "starting", "worker running"],
  ])("knows the later scripts' line %j", (line, phase, milestone) => {
    expect(read(line)).toMatchObject({ phase, milestone });
  });

  it("is unrecognised for text that no part of a start prints", () => {
    expect(read("0 upgraded, 3 newly installed, 0 to remove\nthe showroom has a zoom lens\n")).toMatchObject({
      phase: "unrecognised",
      milestone: null,
      error: null,
    });
  });

  it("is of the newest run where the host has restarted the box, and the progress before stays known", () => {
    const facts = read(log(...START, batch(57), ...START.slice(0, 3)));
    expect(facts).toMatchObject({ phase: "setup", milestone: "repo cloned", progress: { batch: 57 } });
  });

  it("is no-container where the daemon's answer follows an earlier log", () => {
    expect(read(log(batch(3), "Error response from daemon: No such container: C.29306323")).phase).toBe("no-container");
  });
});

describe("the progress in a log", () => {
  it.each([
    [
      "[w] batch 3: 7168 examples, 2 games/s, step=1, total_games=768",
      { batch: 3, gamesPerSecond: 2, step: 1, totalGames: 768 },
    ],
    [
      "[worker-vast-3] batch 12: 3584 examples, 0.42 games/s, eq_win=51.3%, step=9925, total_games=1536",
      { batch: 12, gamesPerSecond: 0.42, step: 9925, totalGames: 1536 },
    ],
    [
      "[a-b_c.d] batch 1: 7,168 examples, 10.25 games/s",
      { batch: 1, gamesPerSecond: 10.25, step: null, totalGames: null },
    ],
    [
      "Uploading:  50%|#####     | [worker-vast-3] batch 4: 7168 examples, 1.5 games/s, step=1, total_games=1024",
      { batch: 4, gamesPerSecond: 1.5, step: 1, totalGames: 1024 },
    ],
    [
      "\u001b[32m[w]\u001b[0m batch 5: 7168 examples, \u001b[1m1.5\u001b[0m games/s, step=1, total_games=1280\r",
      { batch: 5, gamesPerSecond: 1.5, step: 1, totalGames: 1280 },
    ],
  ])("is found in %j", (line, progress) => {
    expect(read(line)).toMatchObject({ phase: "producing", progress });
  });

  it.each([
    "batch 3 of games",
    "[w] batch x: 7168 examples, 2.0 games/s",
    "[w] batch 3: 7168 examples, inf games/s",
    "[w] batch 3:",
  ])("is not found in %j", (line) => {
    expect(read(line).progress).toBeNull();
  });

  it("is the newest, also when many other lines follow it", () => {
    const noise = Array.from({ length: 300 }, (_, index) => `some line ${index}`);
    expect(read(log(batch(1), batch(2), ...noise)).progress?.batch).toBe(2);
  });

  it("is in the last drawing of a line that a progress bar redraws", () => {
    const redrawn = `${batch(8)}\r 10%|#\r 90%|#########\r${batch(9)}`;
    expect(read(log(batch(7), redrawn)).progress?.batch).toBe(9);
    expect(read(`${batch(8)}\r 10%|#`).progress).toBeNull();
  });
});

describe("the uploads in a log", () => {
  const started = "[zeb-worker-vast-0] Uploading 4 batches to HF...";
  const completed = "[zeb-worker-vast-0] Upload complete (4 batches)";
  const failed =
    "[zeb-worker-vast-0] Upload failed (412 Client Error: Precondition Failed for url: https://huggingface.co), will retry next cycle";

  it("are counted apart, and a failed one is no error", () => {
    const facts = read(log(batch(1), started, failed, batch(2), started, completed, batch(3), started, failed));
    expect(facts).toMatchObject({ uploadsCompleted: 1, uploadsFailed: 2, isUploading: false, error: null });
  });

  it("go on from their first line to their outcome", () => {
    expect(read(log(batch(1), started)).isUploading).toBe(true);
    expect(read(log(batch(1), started, "New Data Upload: 100%")).isUploading).toBe(true);
    expect(read(log(batch(1), started, completed)).isUploading).toBe(false);
    expect(read(log(batch(1), started, batch(2))).isUploading).toBe(false);
    expect(read(log(batch(1), started, ...START.slice(0, 1))).isUploading).toBe(false);
  });

  it("do not go on in a process that died of something else", () => {
    expect(
      read(log(batch(1), started, ...TRACEBACK, "RuntimeError: CUDA error: unspecified launch failure")),
    ).toMatchObject({ isUploading: false, error: { faultClass: "host" } });
  });

  it("prove that the worker produces where its batch lines have left the window", () => {
    expect(read(log(completed))).toMatchObject({ phase: "producing", progress: null });
  });

  it("that are refused do not accuse anyone: the worker plays on, and the count of failures tells", () => {
    const refused = [
      "[w] Upload failed (401 Client Error: Unauthorized for url: https://huggingface.co (Request ID: Root=1-a)",
      "",
      "403 Forbidden: no write access.",
      "Cannot access content.), will retry next cycle",
    ];
    expect(read(log(batch(1), ...refused))).toMatchObject({ uploadsFailed: 1, error: null });
  });
});

describe("the commit in a log", () => {
  it("is what the start script prints", () => {
    expect(read(log(...START)).commit).toBe("6081420aa1b2c3d4e5f60718293a4b5c6d7e8f90");
  });

  it("is of the newest run", () => {
    expect(read(log("commit aaaaaaaa", "commit bbbbbbbb")).commit).toBe("bbbbbbbb");
  });

  it("is unknown for anything else", () => {
    expect(read("commit message: abc\ncommit zzzzzzzz\n").commit).toBeNull();
  });
});

describe("the mark of a log", () => {
  it("is the same for the same text and changes with a new line", () => {
    const text = log(...START, batch(1));
    expect(read(text).mark).toBe(read(text).mark);
    expect(read(text + log(batch(2))).mark).not.toBe(read(text).mark);
  });

  it("changes with a new line also where the window is full", () => {
    const full = Array.from({ length: 1200 }, (_, index) => `line ${index}`);
    const one = read(log(...full));
    const other = read(log(...full, "one more"));
    expect(one.lineCount).toBe(1000);
    expect(other.lineCount).toBe(1000);
    expect(other.mark).not.toBe(one.mark);
  });
});

describe("a log that is cut, huge or hostile", () => {
  const seconds = (work: () => void) => {
    const before = performance.now();
    work();
    return (performance.now() - before) / 1000;
  };

  it("is read from its second line on when the window cuts the first", () => {
    const window = 512 * 1024;
    const rest = `${"x".repeat(1023)}\n`.repeat(window / 1024).slice("Killed\n".length);
    expect(read(`Killed\n${rest}`).error?.line).toBe("Killed");
    expect(read(`the process was Killed\n${rest}`).error).toBeNull();
  });

  it("survives a first line that the log store has cut in the middle", () => {
    expect(
      read(`rker-vast-0] batch 5: 7168 examples, 2.4 games/s, step=1, total_games=1280\n${batch(6)}`).progress?.batch,
    ).toBe(6);
    expect(read(`es/s, step=1, total_games=1280\n${batch(6)}`).error).toBeNull();
  });

  it("of ten megabytes is read from its last 1,000 lines", () => {
    const text = `${TRACEBACK.join("\n")}\nRuntimeError: CUDA error: x\n${"some line of no interest whatever\n".repeat(300_000)}${batch(4)}\n`;
    let facts = read("");
    expect(seconds(() => (facts = read(text)))).toBeLessThan(2);
    expect(facts).toMatchObject({ lineCount: 1000, progress: { batch: 4 }, error: null });
  });

  it("with NUL bytes and other control characters is read as if without them", () => {
    expect(read(`\u0000\u0000${batch(1).replace("batch", "bat\u0000ch")}\u0007\u0000\n`).progress?.batch).toBe(1);
  });

  it("keeps no Hub token and no more than 200 characters of a line", () => {
    const { error } = read(`ValueError: token hf_abcdefGHIJKL0123 is bad ${"z".repeat(5000)}`);
    expect(error?.line).toContain("token hf_… is bad");
    expect(JSON.stringify(error)).not.toContain("abcdef");
    expect(error?.line.length).toBeLessThanOrEqual(200);
    expect(error?.signature.length).toBeLessThanOrEqual(200);
  });

  it.each([
    "a",
    "[",
    "] batch 1: ",
    "Error",
    "1",
    "A.",
    "] Upload failed (",
    "\u001b[",
    "\u001b]",
    "\r",
    " ",
    "\t",
    "(",
    "'",
    "fatal: ",
    "/x",
    "hf_",
  ])("of one line of a megabyte of %j costs little", (unit) => {
    expect(seconds(() => read(unit.repeat(Math.ceil(1_000_000 / unit.length))))).toBeLessThan(1);
  });

  it.each([
    "A",
    "A.",
    "1",
    "] batch 1: 1 examples, 1",
    "fatal: repository '",
    "Traceback (most recent call last):",
    "a b: line 1:       ",
    "[w] Upload failed (",
  ])("of 1,000 lines full of %j costs little", (unit) => {
    const line = unit.repeat(Math.ceil(2000 / unit.length));
    expect(seconds(() => read(`${line}\n`.repeat(1000)))).toBeLessThan(3);
  });

  it("gives an answer whatever the text", () => {
    const line = fc.oneof(
      fc.constantFrom(
        ...START,
        ...TRACEBACK,
        batch(1),
        "[w] Upload failed (x",
        "RuntimeError: x",
        "Killed",
        "\r",
        "\u001b[2K",
        "",
      ),
      fc.string({ unit: "binary", maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.constantFrom("\n", "\r\n", "\r"), (lines, end) => {
        const facts = read(lines.join(end));
        expect(facts.error?.line.length ?? 0).toBeLessThanOrEqual(200);
        expect(
          facts.phase === "producing" ||
            facts.progress === null ||
            facts.milestone !== null ||
            facts.phase === "no-container",
        ).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
