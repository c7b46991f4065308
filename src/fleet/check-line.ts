// One CHECK in the runbook's own words (design §4): `CHECK #n [elapsed] ok/up … games/s $/hr | 0=RTX 3070/$0.102/…`.

import type { Intent, Verdict, WorkerMemory } from "./memory.ts";
import type { Action, DestroyCause, Plan } from "./plan.ts";

/** The runbook's capitals for a verdict. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  booting: "BOOT",
  "setting-up": "SETUP",
  waiting: "WAIT",
  producing: "OK",
  uploading: "OK",
  undelivered: "UNDELIVERED",
  stalled: "STALL",
  failed: "ERR",
  gone: "GONE",
  unknown: "POLL",
};

export function formatCheckLine(check: { number: number; elapsedMs: number; plan: Plan; nowMs: number }): string {
  const { plan, nowMs } = check;
  const { totals } = plan;
  const head = `CHECK #${check.number} [${formatAge(check.elapsedMs)}] ${totals.producing}/${totals.live} up`;
  const sums = `${totals.gamesPerSecond.toFixed(1)} games/s $${totals.usdPerHour.toFixed(3)}/hr`;
  const workers = plan.memory.workers.toSorted((a, b) => a.slot - b.slot).map((worker) => formatWorker(worker, nowMs));
  const intents = plan.memory.intents.toSorted((a, b) => a.slot - b.slot).map((intent) => formatIntent(intent, nowMs));
  const leaving = plan.actions.flatMap((action) => formatLeaving(action, plan) ?? []);
  const parts = [...workers, ...leaving, ...intents].join(" ");
  return `${head} ${sums} [${plan.state}]${parts === "" ? "" : ` | ${parts}`}`;
}

function formatWorker(worker: WorkerMemory, nowMs: number): string {
  const age = formatAge(nowMs - (worker.startedAtMs ?? worker.firstSeenAtMs));
  if (worker.verdict === "failed") return `${worker.slot}=ERR(${age})`;
  if (worker.verdict !== "producing" && worker.verdict !== "uploading")
    return `${worker.slot}=${verdictWords[worker.verdict]}/${age}`;
  const price = worker.usdPerHour === null ? "" : `$${worker.usdPerHour.toFixed(3)}`;
  const rate = worker.progress === null ? "" : `${formatRate(worker.progress.gamesPerSecond)} games/s`;
  const batch = worker.progress === null ? "" : `batch ${worker.progress.batch}`;
  return `${worker.slot}=${worker.gpu ?? "GPU"}/${price}/${rate}/${batch}/${age}`;
}

/** The monitor's words for a box that goes in this very CHECK, its rule in brackets (fleet behaviour reference §4.8). */
function formatLeaving(action: Action, { memory: { breaker } }: Plan): string | null {
  if (action.kind === "gone") return `${action.slot ?? "?"}=${verdictWords.gone}`;
  if (action.kind !== "destroy" || action.cause === "debt" || action.cause === "came-back") return null;
  const { slot, cause, evidence } = action;
  const price = evidence["usdPerHour"];
  const why = cause === "over-cost" && typeof price === "number" ? `$${price.toFixed(3)}` : LEAVING[cause];
  const isReplaced = breaker === null && !STAYS_EMPTY.has(cause);
  return `${slot ?? "?"}=${isReplaced ? "REPLACED" : "REMOVED"}(${why})`;
}

const STAYS_EMPTY: ReadonlySet<DestroyCause> = new Set(["duplicate", "downscale", "budget", "down", "by-hand"]);
const LEAVING: Readonly<Record<Exclude<DestroyCause, "came-back">, string>> = {
  duplicate: "duplicate",
  status: "status",
  "start-error": "start",
  "fatal-error": "err",
  "stuck-boot": "boot",
  "stuck-setup": "setup",
  "no-progress": "wait",
  stalled: "stall",
  undelivered: "undelivered",
  "over-cost": "price",
  downscale: "trim",
  budget: "budget",
  down: "down",
  "by-hand": "by-hand",
  "roll-out": "roll-out",
};

function formatIntent(intent: Intent, nowMs: number): string {
  return `${intent.slot}=RENT/${formatAge(nowMs - intent.createdAtMs)}`;
}

/** `2.4`, and for slow work `0.078`: two digits that say something. */
export function formatRate(perSecond: number): string {
  return perSecond >= 1 || perSecond === 0 ? perSecond.toFixed(1) : perSecond.toPrecision(2);
}

/** `45s`, `3m07s`, `2h05m`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${pad(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
