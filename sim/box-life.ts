/**
 * The host's part in the life of a box: pull, container, start script, halt; and what dud machines make of it. Each act
 * prints or changes something and plans the next, so that the course of events depends on the time alone and not on how
 * often somebody looks. Durations follow fleet behaviour §1.3 and the Vast API reference §4 and §8.
 */
import { changeBilling } from "./billing.ts";
import { boxSubject, endLife, killWorker, planBoxAct, type BoxAct } from "./box-acts.ts";
import { takeFault, textValue } from "./faults.ts";
import { finishUnit, programOf, runProgram } from "./image-programs.ts";
import { printDaemonLine, printLine, type ActualStatus, type Box } from "./instances.ts";
import { drawBetween, drawHex, drawInteger } from "./random.ts";
import { simSeconds, type MarketState } from "./state.ts";
import { readWorkerArguments } from "./worker-arguments.ts";
import { capturePipeline, finishBatch, loadModel, startPlaying, startWorker, tryUpload } from "./worker-life.ts";
import * as text from "./worker-log.ts";

/** Starts a box from nothing: image pull, then the container. Used at the rent and by a recycle. */
export function beginPull(state: MarketState, box: Box): void {
  const { seed, demo } = state.settings;
  const after = (seconds: number, act: BoxAct): void => planBoxAct(state, box, seconds, act);
  const name = (what: string): (string | number)[] => [what, box.id, box.life];
  box.hasContainer = false;
  box.portsAtMs = null;
  box.loop = null;
  box.worker = null;

  const broken = brokenImage(state, box);
  if (broken !== null) {
    after(3, { kind: "status", actual: "loading", message: "" });
    after(9, { kind: "status", actual: "loading", message: broken });
    after(430, { kind: "intend-stop" });
    return;
  }
  if (box.trait === "cdi") {
    after(2, { kind: "status", actual: "loading", message: "" });
    after(6, { kind: "oci-error" });
    return;
  }
  const pullSeconds = demo ? drawBetween(20, 45, seed, ...name("pull")) : drawBetween(30, 120, seed, ...name("pull"));
  const layer = drawHex(12, seed, ...name("layer"));
  const totalMb = drawInteger(480, 890, seed, ...name("size"));
  const isStuck = box.trait === "loading";
  after(1.5, { kind: "status", actual: "loading", message: "" });
  const steps = 10;
  for (let step = 1; step <= (isStuck ? 4 : steps); step += 1) {
    const share = step / steps;
    const message = `${layer}: Downloading [${bar(share)}]  ${Math.round(totalMb * share)}MB/${totalMb}MB`;
    after(2 + (pullSeconds - 4) * share * 0.8, { kind: "status", actual: "loading", message });
  }
  if (isStuck) return;
  after(pullSeconds * 0.9, { kind: "status", actual: "loading", message: `${layer}: Pull complete` });
  if (box.trait === "no-container") {
    after(pullSeconds, { kind: "status", actual: "created", message: text.noSuchContainer(box.id) });
    return;
  }
  after(pullSeconds, { kind: "container" });
}

/** Starts the container of a box whose image is there: after a stop or a reboot. */
export function beginStart(state: MarketState, box: Box): void {
  box.worker = null;
  box.portsAtMs = null;
  planBoxAct(state, box, 4, { kind: "status", actual: "loading", message: box.statusMessage ?? "" });
  planBoxAct(state, box, 8, { kind: "container" });
}

/** Halts the container: the GPU is free and no longer billed, the disk stays (Vast API reference §4). */
export function haltBox(state: MarketState, box: Box, actual: ActualStatus): void {
  endLife(box);
  box.actualStatus = actual;
  box.curState = "stopped";
  box.portsAtMs = null;
  changeBilling(state, box, () => {
    box.isGpuBilled = false;
  });
}

export function runBoxAct(state: MarketState, box: Box, act: BoxAct): void {
  switch (act.kind) {
    case "status":
      // From a host that is away nothing is heard.
      if (box.isReachable) box.actualStatus = act.actual;
      box.statusMessage = act.message;
      if (act.message !== "") printDaemonLine(state, box, act.message);
      return;
    case "container":
      startContainer(state, box);
      return;
    case "oci-error":
      box.actualStatus = "created";
      box.curState = "stopped";
      box.statusMessage = text.OCI_ERROR;
      printDaemonLine(state, box, text.OCI_ERROR);
      return;
    case "intend-stop":
      box.intendedStatus = "stopped";
      return;
    case "line":
      printLine(state, box, act.text);
      return;
    case "no-cuda":
      killWorker(state, box, text.NO_CUDA_LINES);
      return;
    case "no-commit":
      killWorker(state, box, text.noCommitLines(act.ref));
      return;
    case "worker":
      startWorker(state, box);
      return;
    case "load":
      loadModel(state, box);
      return;
    case "pipeline":
      capturePipeline(state, box);
      return;
    case "play":
      startPlaying(state, box);
      return;
    case "batch":
      finishBatch(state, box);
      return;
    case "unit":
      finishUnit(state, box);
      return;
    case "upload":
      tryUpload(state, box, act.attempt, act.error);
      return;
    case "offline":
      goOffline(box, "offline");
      return;
    case "online":
      box.isReachable = true;
      box.actualStatus = "running";
      return;
    default:
      act satisfies never;
  }
}

export function goOffline(box: Box, actual: ActualStatus): void {
  box.isReachable = false;
  box.actualStatus = actual;
}

/** The daemon's words when the image cannot be had; null for a good image. */
function brokenImage(state: MarketState, box: Box): string | null {
  const fault = takeFault(state, "image-broken", boxSubject(box));
  const kind = fault === null ? null : textValue(fault, "missing");
  if (kind === "denied" || box.image.includes("denied")) {
    return `Error response from daemon: pull access denied for ${box.image}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`;
  }
  if (kind !== null || box.image.includes("broken")) {
    return `Error response from daemon: manifest for ${box.image} not found: manifest unknown: manifest unknown`;
  }
  return null;
}

function bar(share: number): string {
  const filled = Math.round(share * 50);
  return `${"=".repeat(Math.max(0, filled - 1))}>${" ".repeat(50 - filled)}`;
}

/** The container is up: the GPU is billed, the launcher and the start script run; the API hears of it a little later. */
function startContainer(state: MarketState, box: Box): void {
  const { seed } = state.settings;
  box.hasContainer = true;
  box.runningAtMs ??= state.nowMs;
  changeBilling(state, box, () => {
    box.isGpuBilled = true;
  });
  const message = `success, running ${box.image.replace(":", "_")}/${box.runtype.startsWith("args") ? "args" : "ssh"}`;
  planBoxAct(state, box, drawBetween(0.5, 4, seed, "status-lag", box.id, box.life), {
    kind: "status",
    actual: "running",
    message,
  });
  box.portsAtMs = state.nowMs + simSeconds(state, 5);
  if (box.trait === "launcher") {
    printLine(state, box, text.LAUNCHER_FIRST_LINE);
    box.loop = { text: text.LAUNCHER_LOOP_LINE, fromMs: state.nowMs, everyMs: Math.max(1, simSeconds(state, 1)) };
    return;
  }
  const program = programOf(state, box);
  if (program !== null) runProgram(state, box, program);
  else if (readWorkerArguments(box) !== null) runStartScript(state, box);
}

/** The start script's own lines (fleet behaviour §3.2), spread over the time that apt, git and pip take. */
function runStartScript(state: MarketState, box: Box): void {
  const { seed, demo, commit: head } = state.settings;
  const script = box.onstart ?? "";
  const isPrebuilt = script.includes("code updated");
  const seconds =
    drawBetween(demo ? 30 : 60, demo ? 55 : 150, seed, "setup", box.id, box.life) * (isPrebuilt ? 0.3 : 1);
  const say = (share: number, line: string): void =>
    planBoxAct(state, box, seconds * share, { kind: "line", text: line });
  say(0, `=== Setup started at ${text.shellDate(state.nowMs)} ===`);
  const missing = takeFault(state, "commit-missing", boxSubject(box));
  if (missing !== null) {
    planBoxAct(state, box, seconds * 0.4, { kind: "no-commit", ref: textValue(missing, "deadbeef") });
    return;
  }
  if (isPrebuilt) {
    say(0.5, "code updated");
  } else {
    say(0.25, "git installed");
    say(0.45, "repo cloned");
  }
  if (script.includes("commit") || script.includes("rev-parse")) say(0.5, `commit ${head}`);
  if (!isPrebuilt) say(0.85, "deps installed");
  if (box.trait === "no-cuda") {
    planBoxAct(state, box, seconds * 0.95, { kind: "no-cuda" });
    return;
  }
  say(0.95, `GPU OK: NVIDIA GeForce ${box.gpuName}`);
  planBoxAct(state, box, seconds, { kind: "worker" });
}
