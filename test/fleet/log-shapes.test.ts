// Every line of fleet behaviour reference §2 by itself, in its order, and what the keeper makes of it.

import { describe, expect, it } from "vitest";
import { readLog } from "../../src/fleet/log-lines.ts";
import type { FaultClass, UploadFault } from "../../src/fleet/report.ts";
import { lastLines } from "../../src/fleet/log-text.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import { maskSecrets } from "../../src/log.ts";

const read = (...lines: string[]) => readLog(lines.join("\n"), zeb.log);
const START = "=== Setup started at Thu Feb  6 12:00:00 UTC 2026 ===";
const RUNS = "=== Starting worker zeb-worker-vast-3 at Thu Feb  6 12:02:30 UTC 2026 ===";
const batch = (n: number): string =>
  `[worker-vast-3] batch ${n}: 7168 examples, 2.4 games/s, step=142, total_games=${n * 256}`;
const traceback = (exception: string): string[] => [
  "Traceback (most recent call last):",
  '  File "/root/code/forge/zeb/worker/run.py", line 131, in main',
  exception,
];

describe("§2.1, start-up milestones", () => {
  it.each([
    ["=== Setup started at Thu Feb  6 12:00:00 UTC 2026 ===", "setup", "setup started"],
    ["git installed", "setup", "git installed"],
    ["repo cloned", "setup", "repo cloned"],
    ["deps installed", "setup", "deps installed"],
    ["code updated", "setup", "code updated"],
    ["GPU OK: NVIDIA GeForce RTX 3060 Ti", "setup", "GPU OK"],
    [RUNS, "starting", "worker started"],
    ["=== Starting worker worker-vast-3 (selfplay) at Thu Feb  6 ===", "starting", "worker started"],
    ["=== Starting worker worker-vast-3 (eval_aux) at Thu Feb  6 ===", "starting", "worker started"],
    ["Pulling initial weights from jasonyandell/zeb-42/large.pt...", "starting", "pulling weights"],
    ["Pulling initial weights from jasonyandell/zeb-42...", "starting", "pulling weights"],
    ["  Model loaded (step 9925), 557,186 params", "starting", "model loaded"],
    ["  Model loaded (step 0), 3,312,642 params, tokenizer=v1", "starting", "model loaded"],
    ["  Examples repo: jasonyandell/zeb-42-examples", "starting", "examples repo reached"],
    ["Creating self-play pipeline...", "starting", "creating pipeline"],
    ["Pipeline created in 8.3s", "starting", "pipeline created"],
    ["Worker worker-vast-3 starting (output: jasonyandell/zeb-42-examples)", "starting", "worker running"],
    ["Worker worker-vast-3 starting (output: a/b) (namespace: large)", "starting", "worker running"],
    ["Loading oracle checkpoint: forge/models/domino.ckpt", "starting", "loading oracle"],
    ["Pulling initial Zeb weights from jasonyandell/zeb-42/x.pt...", "starting", "pulling weights"],
    ["  Zeb loaded (step 7), 3,300,000 params", "starting", "model loaded"],
    ["Eval-aux worker worker-vast-3 starting (output: a/b)", "starting", "worker running"],
  ])("%j", (line, phase, milestone) => {
    expect(read(line)).toMatchObject({ phase, milestone, error: null, progress: null });
  });

  it("the settings of the worker change nothing but what is known of its interval", () => {
    const lines = ["  games_per_batch=256, weight_sync_interval=2", "  upload_interval=432s (folder upload)"];
    expect(read(RUNS, ...lines)).toMatchObject({
      phase: "starting",
      milestone: "worker started",
      uploadIntervalSeconds: 432,
      error: null,
    });
    expect(read("games_per_batch=128, n_samples=100, weight_sync_interval=2").phase).toBe("unrecognised");
  });

  it.each(["upload_interval=", "  upload_interval=4 minutes", "say upload_interval=240s"])(
    "no interval is in %j",
    (line) => {
      expect(read(line).uploadIntervalSeconds).toBeNull();
    },
  );

  it("the interval is of the newest run", () => {
    expect(read("  upload_interval=240s (folder upload)", START).uploadIntervalSeconds).toBeNull();
  });
});

describe("§2.2, steady state", () => {
  it("a batch of self-play, and one of eval-aux", () => {
    const selfPlay = "[worker-vast-3] batch 31: 7168 examples, 2.4 games/s, step=142, total_games=7936";
    const evalAux = "[worker-vast-3] batch 2: 3584 examples, 0.42 games/s, eq_win=51.3%, step=9925, total_games=256";
    expect(read(selfPlay).progress).toEqual({ batch: 31, gamesPerSecond: 2.4, step: 142, totalGames: 7936 });
    expect(read(evalAux).progress).toEqual({ batch: 2, gamesPerSecond: 0.42, step: 9925, totalGames: 256 });
  });

  it.each([
    "[worker-vast-3] Weights updated: step 142 -> 152",
    "[worker-vast-3] Zeb weights updated: step 142 -> 152",
    "[worker-vast-3] No new weights (still step 142)",
    "[worker-vast-3] Upload complete (3 batches)",
    "[worker-vast-3] Uploading 3 batches to HF...",
  ])("%j shows that an error before it is over", (line) => {
    expect(read(batch(1), ...traceback("RuntimeError: boom"), line).error).toBeNull();
  });

  it("a traceback that newer batches follow is no error", () => {
    expect(read(batch(1), ...traceback("RuntimeError: CUDA error: x"), batch(2)).error).toBeNull();
  });
});

describe("§2.2, delivery", () => {
  const uploading = "[worker-vast-3] Uploading 2 batches to HF...";
  const complete = "[worker-vast-3] Upload complete (2 batches)";
  const failed = (text: string): string => `[worker-vast-3] Upload failed (${text}), will retry next cycle`;

  it.each<[string, readonly string[], number | null]>([
    ["no upload", [batch(1), batch(2)], null],
    ["an upload after the second batch", [batch(1), batch(2), uploading, complete, batch(3)], 2],
    ["two uploads", [batch(1), complete, batch(2), batch(3), complete, batch(4)], 3],
    ["an upload that the window shows before any batch", [complete, batch(8)], 7],
    ["an upload and nothing else", [complete], null],
    ["an upload of the run before", [batch(5), complete, START, batch(1)], null],
    ["a failed upload after a completed one", [batch(5), complete, batch(6), failed("x")], 5],
  ])("%s", (_words, lines, deliveredBatch) => {
    expect(read(...lines).deliveredBatch).toBe(deliveredBatch);
  });

  it("is told by the batch though the window moves over it", () => {
    const lines = [batch(5), uploading, complete, batch(6), batch(7)];
    expect([0, 1, 2].map((from) => read(...lines.slice(from)).deliveredBatch)).toEqual([5, 5, 5]);
  });

  it.each<[UploadFault, string]>([
    ["refused", "401 Client Error: Unauthorized for url: https://huggingface.co/api/models/a/b/commit/main"],
    ["refused", "403 Client Error: Forbidden for url: https://huggingface.co/api/models/a/b/commit/main"],
    ["refused", "RepositoryNotFoundError: 401 Client Error. (Request ID: Root=1-65f0;abc)"],
    ["conflict", "412 Client Error: Precondition Failed for url: https://huggingface.co/api/models/a/b/commit/main"],
    ["conflict", "A commit has happened since. Please refresh and try again."],
    ["quota", "429 Client Error: Too Many Requests for url: https://huggingface.co/api/models/a/b/commit/main"],
    ["quota", "You have exceeded our hourly quotas for action: commit. We invite you to retry later."],
    ["unreachable", "ReadTimeout: The read operation timed out"],
    ["unreachable", "ConnectTimeout: timed out"],
    ["unreachable", "ConnectionResetError: [Errno 104] Connection reset by peer"],
    ["unreachable", "BrokenPipeError: [Errno 32] Broken pipe"],
    ["unreachable", "502 Server Error: Bad Gateway for url: https://huggingface.co"],
    ["unreachable", "503 Server Error: Service Unavailable for url: https://huggingface.co"],
    ["other", "something nobody has seen"],
  ])("a failed upload is %s: %s", (fault, text) => {
    const facts = read(batch(1), uploading, failed(text));
    expect(facts.error).toBeNull();
    expect(facts.uploadError).toEqual({ fault, line: failed(text).slice(0, 200).trimEnd(), inARow: 1 });
  });

  it("a failed upload is told by the later lines of its text as well", () => {
    const lines = [
      "[w] Upload failed ((Request ID: Root=1-a)",
      "",
      "403 Forbidden: you may not write.), will retry next cycle",
    ];
    expect(read(batch(1), ...lines, batch(2)).uploadError).toMatchObject({ fault: "refused", inARow: 1 });
  });

  it("failures of one kind in a row are counted, until an upload is completed", () => {
    const conflict = failed("412 Client Error: Precondition Failed");
    const refused = failed("403 Client Error: Forbidden");
    const inARow = (...lines: string[]) => read(batch(1), ...lines).uploadError?.inARow ?? 0;
    expect(inARow(conflict, batch(2), conflict, conflict)).toBe(3);
    expect(inARow(conflict, refused, conflict, conflict)).toBe(2);
    expect(inARow(conflict, conflict, complete)).toBe(0);
    expect(inARow(conflict, conflict, complete, batch(2), conflict)).toBe(1);
    expect(inARow(conflict, START)).toBe(0);
  });
});

describe("§2.3, platform lines", () => {
  it.each([
    ["Error response from daemon: No such container: C.29306323", "no-container"],
    ["", "empty"],
    ["waiting on logs for instance 1 fetching from https://s3.amazonaws.com/x", "unrecognised"],
    ["Failed with error 400: no such instance", "unrecognised"],
    ["0 upgraded, 3 newly installed, 0 to remove", "unrecognised"],
    ["/.launch: line 48: ssh: command not found", "unrecognised"],
    ["Warning: remote port forwarding failed for listen port 20000", "unrecognised"],
  ])("%j is %s, and no error by itself", (line, phase) => {
    expect(read(line)).toMatchObject({ phase, error: null, progress: null });
  });

  it("the launcher that turns in a circle is the host's, for good", () => {
    const loop = Array.from({ length: 10 }, () => "/.launch: line 48: ssh: command not found");
    expect(read("/.launch: line 38: /usr/sbin/sshd: No such file or directory", ...loop).error).toMatchObject({
      faultClass: "host",
      isFinal: true,
    });
  });

  it("port forwarding that fails is judged by progress", () => {
    const line = "Warning: remote port forwarding failed for listen port 20000";
    expect(read(batch(4), line)).toMatchObject({ phase: "producing", progress: { batch: 4 }, error: null });
  });
});

describe("§2.4, whom an error accuses, and whether it is the end", () => {
  // At the start of a run, and after it has produced; `null`: no error.
  it.each<[string, FaultClass, boolean, boolean]>([
    ["requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='huggingface.co')", "hub", false, false],
    ["ConnectionResetError: [Errno 104] Connection reset by peer", "hub", false, false],
    ["HfHubHTTPError: 429 Client Error: Too Many Requests for url: https://huggingface.co", "hub", false, false],
    ["HfHubHTTPError: 502 Server Error: Bad Gateway for url: https://huggingface.co", "hub", false, false],
    ["HfHubHTTPError: 401 Client Error: Unauthorized for url: https://huggingface.co", "credentials", true, false],
    ["HfHubHTTPError: 403 Client Error: Forbidden for url: https://huggingface.co", "credentials", true, false],
    ["EntryNotFoundError: 404 Client Error. Entry Not Found for url: https://x/large.pt", "workload", true, false],
    ["RuntimeError: size mismatch for head.weight", "workload", true, true],
    ["AssertionError: No CUDA", "host", true, true],
    ["torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 324.00 MiB.", "gpu-size", false, false],
    ["RuntimeError: CUDA error: an illegal memory access was encountered", "host", false, false],
    ["ModuleNotFoundError: No module named 'forge.zeb.worker.run_eval_aux'", "workload", true, false],
    ["KeyError: 'x'", "unknown", false, false],
  ])("%s: %s", (exception, faultClass, isFinalAtStart, isFinalLater) => {
    expect(read(START, RUNS, ...traceback(exception)).error).toMatchObject({ faultClass, isFinal: isFinalAtStart });
    expect(read(batch(1), ...traceback(exception)).error).toMatchObject({ faultClass, isFinal: isFinalLater });
  });

  it.each([
    ["Killed", "host"],
    ["/root/onstart.sh: line 30:   123 Killed                  python -u -m forge.zeb.worker.run", "host"],
    ["Fatal Python error: Segmentation fault", "unknown"],
  ] as const)("%j means that the worker is gone, once there is one", (line, faultClass) => {
    expect(read(START, "git installed", line).error).toMatchObject({ faultClass, isFinal: false });
    expect(read(START, RUNS, line).error).toMatchObject({ faultClass, isFinal: true });
    expect(read(batch(1), line).error).toMatchObject({ faultClass, isFinal: true });
    expect(read(batch(1), line, batch(2)).error).toBeNull();
  });

  it.each([
    "/root/onstart.sh: line 12: git: command not found",
    "fatal: unable to access 'https://github.com/a/b.git/': Could not resolve host: github.com",
    "ERROR: Could not find a version that satisfies the requirement huggingface_hub",
  ])("a set-up without network is the host's: %s", (line) => {
    expect(read(START, line).error).toMatchObject({ faultClass: "host", isFinal: false });
  });

  it.each([
    "  HF transient error (attempt 2/4): ReadTimeout: The read operation timed out",
    "  HF transient error (attempt 1/4): HfHubHTTPError: 429 Client Error: hourly quotas for action: commit",
    "  Retrying in 10s...",
    "[w] Upload failed (412 Client Error: Precondition Failed), will retry next cycle",
    "the showroom, a zoom and headroom for exceptions",
    "no process was killed today",
  ])("is no error: %s", (line) => {
    expect(read(START, RUNS, line).error).toBeNull();
    expect(read(batch(1), line).error).toBeNull();
  });
});

describe("what a worker prints of its secrets", () => {
  const token = "hf_AbCdEfGhIjKlMnOp0123456789";
  const text = [RUNS, batch(1), `HF_TOKEN=${token}`, ...traceback(`ValueError: bad token ${token} for worker-vast-3`)];

  it("is in none of the facts, and in none of the lines that are kept", () => {
    const masked = maskSecrets(text.join("\n"));
    const kept = lastLines(masked);
    expect(JSON.stringify(readLog(masked, zeb.log))).not.toContain("AbCdEf");
    expect(kept).not.toContain("AbCdEf");
    expect(kept).toContain("worker-vast-3");
    // Also where the text has not been masked before.
    expect(lastLines(text.join("\n"))).not.toContain("AbCdEf");
  });

  it("is not shown by a line that is cut inside it", () => {
    const line = `${"x".repeat(190)} ${token}`;
    expect(lastLines(line)).not.toContain("AbC");
  });
});

describe("the lines that are kept of a log", () => {
  it("are the last 50, each of at most 200 characters, without what steers a terminal", () => {
    const lines = Array.from({ length: 80 }, (_, index) => `\u001b[31mline ${index} ${"z".repeat(400)}`);
    const kept = lastLines(`${lines.join("\n")}\n`).split("\n");
    expect(kept).toHaveLength(50);
    expect(kept[0]).toMatch(/^line 30 z+$/);
    expect(kept.every((line) => line.length === 200)).toBe(true);
  });

  it("are none of an empty log", () => {
    expect(lastLines("")).toBe("");
  });
});
