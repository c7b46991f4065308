/**
 * What an image does that is not the self-play worker: told by `POST /sim/images`, as a pull tells a real host. The start
 * script runs the program; its lines may show what it was started with. It knows no Hub.
 */
import { killWorker, planBoxAct } from "./box-acts.ts";
import { printLine, type Box, type BoxWorker } from "./instances.ts";
import type { Loose } from "./loose-json.ts";
import { drawBetween, drawInteger } from "./random.ts";
import type { MarketState } from "./state.ts";
import { readFlag } from "./worker-arguments.ts";
import { CRASH_LINES } from "./worker-log.ts";

export interface ImageProgram {
  readonly image: string;
  /** From the container to the first unit of work. */
  readonly startSeconds: number;
  /** Printed on the way there, evenly spread. */
  readonly startLines: readonly string[];
  /** One unit on a machine as fast as an RTX 3070; faster ones take less. */
  readonly unitSeconds: number;
  /** Printed after each unit. */
  readonly unitLine: string;
}

const SPEED_OF_3070 = 2.4;

/** The program of the body, under its image; `null` where the body is none. */
export function readProgram(body: Loose): ImageProgram | null {
  const { image, startSeconds, startLines, unitSeconds, unitLine } = body;
  const isWhole =
    typeof image === "string" &&
    typeof startSeconds === "number" &&
    typeof unitSeconds === "number" &&
    unitSeconds > 0 &&
    typeof unitLine === "string" &&
    Array.isArray(startLines);
  return isWhole ? { image, startSeconds, startLines: startLines.map(String), unitSeconds, unitLine } : null;
}

/** What the box runs; `null` where its image is not told of, or nothing starts it. */
export function programOf(state: MarketState, box: Box): ImageProgram | null {
  return (box.onstart ?? "").trim() === "" ? null : (state.programs.get(box.image) ?? null);
}

export function runProgram(state: MarketState, box: Box, program: ImageProgram): void {
  const { startLines, startSeconds } = program;
  const rate = speedOf(state, box) / program.unitSeconds;
  box.worker = newWorker(state, box, rate);
  for (const [index, line] of startLines.entries()) {
    const text = filled(line, box, box.worker);
    planBoxAct(state, box, (startSeconds * (index + 1)) / (startLines.length + 1), { kind: "line", text });
  }
  planBoxAct(state, box, startSeconds + 1 / rate, { kind: "unit" });
}

export function finishUnit(state: MarketState, box: Box): void {
  const { worker } = box;
  const program = programOf(state, box);
  if (worker === null || program === null) return;
  worker.phase = "producing";
  worker.batches += 1;
  worker.lastBatchAtMs = state.nowMs;
  printLine(state, box, filled(program.unitLine, box, worker));
  if (box.trait === "crash" && worker.batches >= drawInteger(3, 20, state.settings.seed, "crash", box.id))
    return killWorker(state, box, CRASH_LINES);
  const whim = drawBetween(0.97, 1.03, state.settings.seed, "batch", box.id, box.life, worker.batches);
  planBoxAct(state, box, whim / worker.gamesPerSecond, { kind: "unit" });
}

function speedOf(state: MarketState, box: Box): number {
  const share = box.trait === "slow" ? 0.35 : 1;
  return ((state.hosts.get(box.machineId)?.gamesPerSecond ?? SPEED_OF_3070) / SPEED_OF_3070) * share;
}

function newWorker(state: MarketState, box: Box, rate: number): BoxWorker {
  return {
    workerId: box.label ?? "",
    mode: "program",
    weightsName: "",
    weightsRepo: "",
    examplesRepo: "",
    uploadIntervalSeconds: 0,
    gamesPerBatch: 1,
    syncInterval: 1,
    samples: 0,
    gamesPerSecond: rate,
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

/** `{n}`, `{rate}` (units a second), `{seconds}` (a unit), `{label}`, `{env.NAME}`, and `{--flag}` of the start script. */
function filled(line: string, box: Box, worker: BoxWorker): string {
  const rate = worker.gamesPerSecond;
  const values: Record<string, string> = {
    n: String(worker.batches),
    rate: rate.toFixed(3),
    seconds: (1 / rate).toFixed(2),
    label: box.label ?? "",
  };
  return line.replaceAll(/\{([\w.-]+)\}/g, (all, name: string) => {
    if (name.startsWith("env.")) return box.env[name.slice(4)] ?? "";
    if (name.startsWith("--")) return readFlag(box.onstart ?? "", name, box.env) ?? "";
    return Object.hasOwn(values, name) ? (values[name] ?? "") : all;
  });
}
