/**
 * What the start script of a box tells its worker: read from environment, `onstart` text and label the way a person
 * would, so that scripts of different makers work (fleet behaviour §3.1 to §3.3).
 */
import { EXAMPLES_REPO, WEIGHTS_REPO } from "./hub.ts";

const DEFAULT_CHECKPOINT = "forge/models/domino-qval-large-3.3M-qgap0.071-qmae0.94.ckpt";

export interface WorkerArguments {
  readonly workerId: string;
  readonly mode: "selfplay" | "eval_aux";
  readonly weightsName: string;
  readonly weightsRepo: string;
  readonly examplesRepo: string;
  readonly uploadIntervalSeconds: number;
  readonly gamesPerBatch: number;
  readonly syncInterval: number;
  /** Of eval-aux: the oracle's checkpoint, and samples a position. */
  readonly checkpoint: string;
  readonly samples: number;
  readonly token: string | null;
}

export interface BoxText {
  readonly label: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly onstart: string | null;
}

/** The worker's arguments; null when nothing in the box asks for a worker. */
export function readWorkerArguments(box: BoxText): WorkerArguments | null {
  const script = box.onstart ?? "";
  const label = /^(.*)-worker-vast-(.+)$/.exec(box.label ?? "");
  const isWorker = box.env["WORKER_ID"] !== undefined || /--worker-id|zeb[./]worker/.test(script) || label !== null;
  if (!isWorker) return null;
  const isEvalAux = script.includes("run_eval_aux") || box.env["ZEB_WORKER_MODE"] === "eval_aux";
  const read = (flag: string, names: readonly string[], fallback: string): string =>
    readFlag(script, flag, box.env) ?? firstSet(box.env, names) ?? fallback;
  return {
    workerId: read("--worker-id", ["WORKER_ID"], label === null ? "worker-0" : `worker-vast-${label[2]}`),
    mode: isEvalAux ? "eval_aux" : "selfplay",
    weightsName: stem(read("--weights-name", ["ZEB_WEIGHTS_NAME", "WEIGHTS_NAME"], weightsOfFleet(label?.[1] ?? ""))),
    weightsRepo: read("--repo-id", ["ZEB_REPO_ID", "REPO_ID"], WEIGHTS_REPO),
    examplesRepo: read("--examples-repo-id", ["ZEB_EXAMPLES_REPO_ID", "EXAMPLES_REPO_ID"], EXAMPLES_REPO),
    uploadIntervalSeconds: positive(read("--upload-interval", ["ZEB_UPLOAD_INTERVAL", "UPLOAD_INTERVAL"], "240"), 240),
    gamesPerBatch: isEvalAux
      ? positive(read("--games-per-batch", ["ZEB_EQ_GAMES_PER_BATCH"], "128"), 128)
      : positive(read("--games-per-batch", [], "256"), 256),
    syncInterval: positive(read("--weight-sync-interval", [], "2"), 2),
    checkpoint: read("--checkpoint", ["ZEB_ORACLE_CHECKPOINT"], DEFAULT_CHECKPOINT),
    samples: positive(read("--n-samples", ["ZEB_EQ_N_SAMPLES"], "100"), 100),
    token: firstSet(box.env, ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]),
  };
}

/** Environment variables that a script sets for itself by plain assignments, on top of those of the box. */
function scriptVariables(script: string, env: Readonly<Record<string, string>>): Record<string, string> {
  const variables: Record<string, string> = { ...env };
  for (const match of script.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)=("[^"\n]*"|'[^'\n]*'|[^\s;"']*)\s*;?\s*$/gm)) {
    const name = match[1];
    if (name !== undefined) variables[name] = expand(unquote(match[2] ?? ""), variables);
  }
  return variables;
}

/** The value of a flag in a start script, as the shell would pass it; `null` where it is not there. */
export function readFlag(script: string, flag: string, env: Readonly<Record<string, string>>): string | null {
  const match = new RegExp(`(?:^|\\s)${flag}[\\s=\\\\]+("[^"]*"|'[^']*'|[^\\s\\\\]+)`).exec(script);
  if (match === null) return null;
  const value = expand(unquote(match[1] ?? ""), scriptVariables(script, env));
  return value === "" ? null : value;
}

function unquote(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}

/** `$NAME`, `${NAME}` and `${NAME:-default}`; an unknown name becomes empty, as in a shell. */
function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|([A-Za-z_]\w*))/g, (_, braced, fallback, plain) => {
    const value = variables[String(braced ?? plain)];
    return value === undefined || value === "" ? String(fallback ?? "") : value;
  });
}

function firstSet(env: Readonly<Record<string, string>>, names: readonly string[]): string | null {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== "") ?? null;
}

function stem(name: string): string {
  return name.replace(/\.pt$/, "");
}

function weightsOfFleet(fleet: string): string {
  if (fleet.includes("belief")) return "large-belief";
  return fleet.includes("large") ? "large" : "zeb-557k-1m";
}

function positive(text: string, fallback: number): number {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : fallback;
}
