/**
 * What the worker and the host print, word for word (fleet behaviour §2). Only texts: when they appear is decided in
 * box-life.ts and worker-life.ts.
 */
import type { BoxWorker } from "./instances.ts";

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The moment as the shell's `date` prints it: `Thu Feb  6 12:00:00 UTC 2026`. */
export function shellDate(atMs: number): string {
  const date = new Date(atMs);
  const day = String(date.getUTCDate()).padStart(2, " ");
  const time = date.toISOString().slice(11, 19);
  return `${WEEKDAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${time} UTC ${date.getUTCFullYear()}`;
}

export function noSuchContainer(boxId: number): string {
  return `Error response from daemon: No such container: C.${boxId}`;
}

export const LAUNCHER_FIRST_LINE = "/.launch: line 38: /usr/sbin/sshd: No such file or directory";
export const LAUNCHER_LOOP_LINE = "/.launch: line 48: ssh: command not found";

export const OCI_ERROR =
  "Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: " +
  "runc create failed: unable to start container process: error during container init: failed to inject CDI devices: " +
  "unresolvable CDI devices nvidia.com/gpu=0: unknown";

export const NO_CUDA_LINES = [
  "Traceback (most recent call last):",
  '  File "<string>", line 1, in <module>',
  "AssertionError: No CUDA",
] as const;

/** The start script tries three times and says what it could not do. */
export function noCommitLines(ref: string): readonly string[] {
  return [...Array.from({ length: 3 }, () => `fatal: couldn't find remote ref ${ref}`), "Setup failed: fetch code"];
}

export const CRASH_LINES = [
  "Traceback (most recent call last):",
  '  File "/root/code/forge/zeb/worker/run.py", line 214, in main',
  "    games = pipeline.play(args.games_per_batch)",
  "RuntimeError: CUDA error: an illegal memory access was encountered",
] as const;

export function outOfMemoryLines(ramGib: number): string[] {
  return [
    "Traceback (most recent call last):",
    '  File "/root/code/forge/zeb/worker/run.py", line 163, in main',
    "    pipeline = create_pipeline(model, args)",
    `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 324.00 MiB. GPU 0 has a total capacity of ${ramGib.toFixed(2)} GiB of which 91.25 MiB is free.`,
  ];
}

export const IMPORT_ERROR = "ModuleNotFoundError: No module named 'forge.zeb.search'";

export function importErrorLines(last: string): string[] {
  return [
    "Traceback (most recent call last):",
    '  File "<frozen runpy>", line 198, in _run_module_as_main',
    '  File "/root/code/forge/zeb/worker/run.py", line 21, in <module>',
    "    from forge.zeb.search import create_pipeline",
    last,
  ];
}

export const SIZE_MISMATCH_LINES: readonly string[] = [
  "Traceback (most recent call last):",
  '  File "/root/code/forge/zeb/worker/run.py", line 131, in main',
  "    model.load_state_dict(weights)",
  "RuntimeError: Error(s) in loading state_dict for ZebModel:",
  "\tsize mismatch for encoder.weight: copying a param with shape torch.Size([256, 96]) from checkpoint, the shape in current model is torch.Size([128, 96]).",
];

export function hubErrorLines(status: number, url: string): string[] {
  const type = status === 404 ? "EntryNotFoundError" : "HfHubHTTPError";
  const words: Record<number, string> = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    503: "Service Unavailable",
  };
  return [
    "Traceback (most recent call last):",
    '  File "/root/code/forge/zeb/worker/run.py", line 131, in main',
    "    model, step = pull_weights(args.repo_id, args.weights_name)",
    `huggingface_hub.errors.${type}: ${status} Client Error: ${words[status] ?? "Error"} for url: ${url}`,
  ];
}

export function startingLines(worker: BoxWorker): string[] {
  const namespace = worker.weightsName === "model" ? "" : ` (namespace: ${worker.weightsName})`;
  const isEvalAux = worker.mode === "eval_aux";
  const samples = isEvalAux ? `n_samples=${worker.samples}, ` : "";
  return [
    "",
    `${isEvalAux ? "Eval-aux worker" : "Worker"} ${worker.workerId} starting (output: ${worker.examplesRepo})${namespace}`,
    `  games_per_batch=${worker.gamesPerBatch}, ${samples}weight_sync_interval=${worker.syncInterval}`,
    `  upload_interval=${worker.uploadIntervalSeconds}s (folder upload)`,
  ];
}

export function modelLoaded({ step, weightsName, mode }: BoxWorker): string {
  const what = mode === "eval_aux" ? "Zeb" : "Model";
  const parameters = weightsName.includes("557k") ? "557,186" : "3,312,642";
  return `  ${what} loaded (step ${step}), ${parameters} params, tokenizer=v1`;
}

export function batchLine(worker: BoxWorker, gamesPerSecond: number): string {
  const examples = worker.gamesPerBatch * 28;
  const games = worker.batches * worker.gamesPerBatch;
  const rate =
    worker.mode === "eval_aux"
      ? `${gamesPerSecond.toFixed(2)} games/s, eq_win=51.6%`
      : `${gamesPerSecond.toFixed(1)} games/s`;
  return `[${worker.workerId}] batch ${worker.batches}: ${examples} examples, ${rate}, step=${worker.step}, total_games=${games}`;
}

export const QUOTA_ERROR =
  "429 Client Error: Too Many Requests: You have exceeded our hourly quotas for action: commit. We invite you to retry later.";
