/**
 * The self-play worker in a box: start-up calls, batches at the machine's own speed, weights, uploads to the Hub, and
 * what kills it (fleet behaviour §2). It prints what the real one prints.
 */
import { boxSubject, killWorker, planBoxAct } from "./box-acts.ts";
import { findFault, takeFault, textValue } from "./faults.ts";
import { commit, configPath, exampleFile, isHidden, readStep, refusesForQuota, weightsPath } from "./hub.ts";
import { printLine, type Box, type BoxWorker } from "./instances.ts";
import { drawBetween, drawInteger } from "./random.ts";
import type { Host } from "./hosts.ts";
import { simSeconds, type MarketState } from "./state.ts";
import { readWorkerArguments, type WorkerArguments } from "./worker-arguments.ts";
import * as text from "./worker-log.ts";

const EXAMPLE_UPLOAD_SECONDS = 4;
/** The worker tries a Hub call four times, with these waits between (fleet behaviour §2.4). */
const HUB_RETRY_SECONDS = [5, 10, 20] as const;
const PIPELINE_SECONDS = 8.3;
const SMALL_GPU_MB = 6000;
/** A game labelled by the oracle takes several times as long: well under one a second (fleet behaviour §1.4). */
const EVAL_AUX_SHARE = 0.2;

export function startWorker(state: MarketState, box: Box): void {
  const given = readWorkerArguments(box);
  if (given === null) return;
  box.worker = newWorker(state, box, given);
  const isEvalAux = given.mode === "eval_aux";
  const mode = isEvalAux ? " (eval_aux)" : "";
  printLine(state, box, `=== Starting worker ${given.workerId}${mode} at ${text.shellDate(state.nowMs)} ===`);
  const broken = takeFault(state, "code-broken", boxSubject(box));
  if (broken !== null) return killWorker(state, box, text.importErrorLines(textValue(broken, text.IMPORT_ERROR)));
  if (isEvalAux) printLine(state, box, `Loading oracle checkpoint: ${given.checkpoint}`);
  const what = isEvalAux ? "Zeb weights" : "weights";
  printLine(state, box, `Pulling initial ${what} from ${given.weightsRepo}/${weightsPath(given.weightsName)}...`);
  planBoxAct(state, box, drawBetween(3, 8, state.settings.seed, "load", box.id, box.life), { kind: "load" });
}

function newWorker(state: MarketState, box: Box, given: WorkerArguments): BoxWorker {
  const host = hostOf(state, box);
  const share = box.trait === "slow" ? 0.35 : 1;
  // The 557 k model plays nearly twice as fast as the large one (fleet behaviour §3.6).
  const model = given.weightsName.includes("557k") ? 1.9 : 1;
  const labelling = given.mode === "eval_aux" ? EVAL_AUX_SHARE : 1;
  return {
    workerId: given.workerId,
    mode: given.mode,
    weightsName: given.weightsName,
    weightsRepo: given.weightsRepo,
    examplesRepo: given.examplesRepo,
    uploadIntervalSeconds: given.uploadIntervalSeconds,
    gamesPerBatch: given.gamesPerBatch,
    syncInterval: given.syncInterval,
    samples: given.samples,
    gamesPerSecond: (host?.gamesPerSecond ?? 1.8) * share * model * labelling,
    phase: "starting",
    startedAtMs: state.nowMs,
    batches: 0,
    stagedBatches: 0,
    uploads: 0,
    lastBatchAtMs: null,
    lastUploadTryAtMs: state.nowMs,
    step: 0,
  };
}

function hostOf(state: MarketState, box: Box): Host | undefined {
  return state.hosts.get(box.machineId);
}

/** Start-up calls in the order of fleet behaviour §2.5: config, weights, state, then the examples repo. */
export function loadModel(state: MarketState, box: Box): void {
  const worker = box.worker;
  if (worker === null) return;
  const subject = boxSubject(box);
  const url = `https://huggingface.co/${worker.weightsRepo}/resolve/main/${configPath(worker.weightsName)}`;
  if (findFault(state, "hub-down", subject) !== null) return killWorker(state, box, text.hubErrorLines(503, url));
  const token = readWorkerArguments(box)?.token ?? accountToken(state, box);
  const repo = state.hub.repos.get(worker.weightsRepo);
  const isRefused = findFault(state, "token-bad", subject) !== null || (token !== null && !token.startsWith("hf_"));
  if (repo === undefined || isRefused) return killWorker(state, box, text.hubErrorLines(401, url));
  if (repo.isGated) return killWorker(state, box, text.hubErrorLines(403, url));
  const isMissing = !repo.files.has(configPath(worker.weightsName)) || !repo.files.has(weightsPath(worker.weightsName));
  if (isMissing || isHidden(state, worker.weightsName)) return killWorker(state, box, text.hubErrorLines(404, url));
  if (takeFault(state, "weights-mismatch", subject) !== null) return killWorker(state, box, text.SIZE_MISMATCH_LINES);
  worker.step = readStep(state, worker.weightsRepo, worker.weightsName) ?? 0;
  printLine(state, box, text.modelLoaded(worker));
  // Reading a public repo needs no token; making sure of the examples repo does, with the right to write.
  if (token === null) return killWorker(state, box, text.hubErrorLines(401, "https://huggingface.co/api/repos/create"));
  if (findFault(state, "token-read-only", subject) !== null) {
    return killWorker(state, box, text.hubErrorLines(403, "https://huggingface.co/api/repos/create"));
  }
  printLine(state, box, `  Examples repo: ${worker.examplesRepo}`);
  if (worker.mode === "selfplay") printLine(state, box, "Creating self-play pipeline...");
  planBoxAct(state, box, PIPELINE_SECONDS, { kind: "pipeline" });
}

/** A token that the account's environment variables put into every container (Vast API reference §10). */
function accountToken(state: MarketState, box: Box): string | null {
  return state.accounts.get(box.accountId)?.secrets["HF_TOKEN"] ?? null;
}

export function capturePipeline(state: MarketState, box: Box): void {
  const ramMb = hostOf(state, box)?.gpuRamMb ?? 0;
  const isTooSmall = box.worker?.weightsName.includes("large") === true && ramMb < SMALL_GPU_MB;
  if (isTooSmall || takeFault(state, "weights-too-big", boxSubject(box)) !== null) {
    return killWorker(state, box, text.outOfMemoryLines(ramMb / 1024));
  }
  if (box.worker?.mode !== "eval_aux") printLine(state, box, `Pipeline created in ${PIPELINE_SECONDS.toFixed(1)}s`);
  planBoxAct(state, box, 0.2, { kind: "play" });
}

export function startPlaying(state: MarketState, box: Box): void {
  const worker = box.worker;
  if (worker === null) return;
  for (const line of text.startingLines(worker)) printLine(state, box, line);
  worker.phase = "producing";
  worker.lastUploadTryAtMs = state.nowMs;
  planNextBatch(state, box, worker);
}

/** Games per second of the batch that comes: the machine's rate within a few per cent, lower while it warms up. */
function batchRate(state: MarketState, box: Box, worker: BoxWorker, batch: number): number {
  const warmth = batch === 1 ? 0.93 : 1;
  return (
    worker.gamesPerSecond * warmth * drawBetween(0.97, 1.03, state.settings.seed, "batch", box.id, box.life, batch)
  );
}

function planNextBatch(state: MarketState, box: Box, worker: BoxWorker): void {
  const seconds = worker.gamesPerBatch / batchRate(state, box, worker, worker.batches + 1);
  planBoxAct(state, box, seconds, { kind: "batch" });
}

export function finishBatch(state: MarketState, box: Box): void {
  const worker = box.worker;
  if (worker === null) return;
  const { seed } = state.settings;
  worker.batches += 1;
  worker.stagedBatches += 1;
  worker.lastBatchAtMs = state.nowMs;
  printLine(state, box, text.batchLine(worker, batchRate(state, box, worker, worker.batches)));
  if (box.trait === "crash" && worker.batches >= drawInteger(3, 20, seed, "crash", box.id)) {
    return killWorker(state, box, text.CRASH_LINES);
  }
  if (box.trait === "flaky" && worker.batches % 9 === 5) {
    planBoxAct(state, box, 10, { kind: "offline" });
    planBoxAct(state, box, drawBetween(100, 400, seed, "flaky", box.id, worker.batches), { kind: "online" });
  }
  if (worker.batches % worker.syncInterval === 0 && !syncWeights(state, box, worker)) return;
  if (state.nowMs - worker.lastUploadTryAtMs >= simSeconds(state, worker.uploadIntervalSeconds)) {
    worker.lastUploadTryAtMs = state.nowMs;
    printLine(state, box, `[${worker.workerId}] Uploading ${worker.stagedBatches} batches to HF...`);
    planBoxAct(state, box, EXAMPLE_UPLOAD_SECONDS, { kind: "upload", attempt: 1, error: "" });
    return;
  }
  planNextBatch(state, box, worker);
}

/** Reads the learner's step; false when that kills the worker (an unreadable state file is not caught there). */
function syncWeights(state: MarketState, box: Box, worker: BoxWorker): boolean {
  const step = isHidden(state, worker.weightsName) ? null : readStep(state, worker.weightsRepo, worker.weightsName);
  if (step === null) {
    killWorker(
      state,
      box,
      text.hubErrorLines(
        404,
        `https://huggingface.co/${worker.weightsRepo}/resolve/main/${worker.weightsName}-state.json`,
      ),
    );
    return false;
  }
  const isNew = step > worker.step;
  printLine(
    state,
    box,
    isNew
      ? `[${worker.workerId}] ${worker.mode === "eval_aux" ? "Zeb weights" : "Weights"} updated: step ${worker.step} -> ${step}`
      : `[${worker.workerId}] No new weights (still step ${worker.step})`,
  );
  if (isNew) worker.step = step;
  return true;
}

/** One try at the upload: a commit with every staged batch. Passing errors are tried again, then left to the next time. */
export function tryUpload(state: MarketState, box: Box, attempt: number, lastError: string): void {
  const worker = box.worker;
  if (worker === null) return;
  const outcome = uploadOutcome(state, box, worker);
  if (outcome.kind === "done") {
    printLine(state, box, `[${worker.workerId}] Upload complete (${worker.stagedBatches} batches)`);
    worker.stagedBatches = 0;
    worker.uploads += 1;
    return planNextBatch(state, box, worker);
  }
  const wait = outcome.isPassing ? HUB_RETRY_SECONDS[attempt - 1] : undefined;
  if (wait !== undefined) {
    printLine(state, box, `  HF transient error (attempt ${attempt}/4): HfHubHTTPError: ${outcome.error}`);
    printLine(state, box, `  Retrying in ${wait}s...`);
    return planBoxAct(state, box, wait, { kind: "upload", attempt: attempt + 1, error: outcome.error });
  }
  printLine(state, box, `[${worker.workerId}] Upload failed (${outcome.error || lastError}), will retry next cycle`);
  planNextBatch(state, box, worker);
}

type UploadOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly error: string; readonly isPassing: boolean };

function uploadOutcome(state: MarketState, box: Box, worker: BoxWorker): UploadOutcome {
  const subject = { ...boxSubject(box), repo: worker.examplesRepo };
  const fault = takeFault(state, "upload-fails", subject);
  if (fault !== null) {
    const error = textValue(
      fault,
      `403 Client Error: Forbidden for url: https://huggingface.co/api/models/${worker.examplesRepo}/commit/main`,
    );
    return { kind: "failed", error, isPassing: /timeout|429|50[234]/i.test(error) };
  }
  if (findFault(state, "hub-down", subject) !== null)
    return { kind: "failed", error: "503 Server Error: Service Unavailable", isPassing: true };
  if (findFault(state, "token-bad", subject) !== null)
    return { kind: "failed", error: "401 Client Error: Unauthorized", isPassing: false };
  if (findFault(state, "token-read-only", subject) !== null)
    return { kind: "failed", error: "403 Client Error: Forbidden", isPassing: false };
  if (takeFault(state, "commit-quota", subject) !== null)
    return { kind: "failed", error: text.QUOTA_ERROR, isPassing: true };
  const repo = state.hub.repos.get(worker.examplesRepo);
  if (repo !== undefined && refusesForQuota(state, repo))
    return { kind: "failed", error: text.QUOTA_ERROR, isPassing: true };
  const first = worker.batches - worker.stagedBatches + 1;
  const files = Array.from({ length: worker.stagedBatches }, (_, index) =>
    exampleFile(state, worker.weightsName, worker.workerId, state.nowMs, `${box.id}-${box.life}-${first + index}`),
  );
  const title = `examples: ${worker.weightsName}/${files.length} batches`;
  const result = commit(state, worker.examplesRepo, title, worker.workerId, files);
  if (result.kind === "done") return { kind: "done" };
  return { kind: "failed", error: "404 Client Error: Repository Not Found", isPassing: false };
}
