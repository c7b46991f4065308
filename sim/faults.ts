/**
 * Faults by name: the catalogue, which ones are switched on, and whom they hit. What a fault does is where it happens:
 * in a route for calls, in box-faults.ts for boxes, in box-life.ts and hub.ts for machines and the Hub.
 */
import type { MarketState } from "./state.ts";

/** What a fault may be narrowed to; a fault hits when every given field agrees. A trailing `*` matches any rest. */
export interface FaultMatch {
  readonly route?: string;
  readonly method?: string;
  readonly instance?: number | string;
  readonly label?: string;
  readonly slot?: number | string;
  readonly machine?: number | string;
  readonly offer?: number | string;
  readonly page?: number | string;
  readonly account?: number | string;
  readonly repo?: string;
}

export type FaultSubject = { readonly [Field in keyof FaultMatch]?: FaultMatch[Field] | null };

export interface ActiveFault {
  readonly id: number;
  readonly name: FaultName;
  readonly match: FaultMatch;
  timesLeft: number | null;
  readonly value: unknown;
  readonly fromMs: number;
  readonly untilMs: number | null;
  hits: number;
}

export interface FaultKind {
  /** call: answers differently; box: happens to boxes, at once; host, hub: changes what boxes and repos do. */
  readonly acts: "call" | "box" | "host" | "hub";
  readonly description: string;
  readonly value: string;
}

export const FAULTS = {
  "list-fails": {
    acts: "call",
    description: "The instance list answers 502 (HTML) and 500 in turn.",
    value: "a status, or {status, body}",
  },
  "list-empty": { acts: "call", description: "The list is 200 with no rows and total_instances 0.", value: "" },
  "list-partial": {
    acts: "call",
    description: "Rows are missing from the page while total_instances counts them.",
    value: "how many rows are left out (all of the page)",
  },
  "list-hangs": { acts: "call", description: "The list never answers.", value: "ms (120000)" },
  "list-410": { acts: "call", description: "The v1 list is 410 deprecated_endpoint.", value: "" },
  "list-other-account": {
    acts: "call",
    description: "List and account answer as another account.",
    value: "its id (777)",
  },
  "list-page-fails": {
    acts: "call",
    description: "One page of the list fails; the first is page 1.",
    value: "the page (2)",
  },
  "list-garbage": { acts: "call", description: "The list is 200 with a body that is not JSON.", value: "the body" },
  "list-moves": {
    acts: "call",
    description: "A box ends between the first page of the list and the next: total_instances falls.",
    value: "its label, or how it begins (any)",
  },
  "list-late": { acts: "host", description: "A new box shows up in the list later.", value: "ms (20000)" },
  "create-taken": {
    acts: "call",
    description: "The offer is gone: 404, 410 or 400 in turn.",
    value: "404, 410 or 400",
  },
  "create-timeout-but-rented": {
    acts: "call",
    description: "Rents, then never answers.",
    value: "ms until a 504 (120000)",
  },
  "create-error-but-rented": { acts: "call", description: "Rents, then answers a 5xx.", value: "a status (502)" },
  "create-error-with-contract": {
    acts: "call",
    description: "Rents, then answers an error whose body names the box.",
    value: "a status (400)",
  },
  "create-error": { acts: "call", description: "Answers a 5xx and rents nothing.", value: "a status (500)" },
  "create-hangs": { acts: "call", description: "Never answers and rents nothing.", value: "ms (120000)" },
  "create-no-credit": { acts: "call", description: "400 insufficient_credit.", value: "" },
  "create-spend-limit": { acts: "call", description: "400 spend_rate_limit.", value: "" },
  "create-429": { acts: "call", description: "429 in one of its four shapes.", value: "0 to 3 (in turn)" },
  "create-success-false-200": {
    acts: "call",
    description: "200 with success false; nothing rented.",
    value: "the msg",
  },
  "offer-sold-twice": {
    acts: "host",
    description: "The machine stays on offer after a rent; when it is rented again, the first box is gone.",
    value: "",
  },
  "create-stopped": { acts: "host", description: "The box is made stopped and bills its disk.", value: "" },
  "destroy-500": { acts: "call", description: "The destroy answers 500 and does nothing.", value: "a status" },
  "destroy-stays": { acts: "call", description: "The destroy answers 200, and the box stays and bills.", value: "" },
  "destroy-504": { acts: "call", description: "Destroys, then answers 504.", value: "" },
  "destroy-hangs": { acts: "call", description: "Never answers and destroys nothing.", value: "ms (120000)" },
  "start-refused": {
    acts: "call",
    description: "A start answers 200 resources_unavailable, state change queued.",
    value: "",
  },
  "log-hangs": { acts: "call", description: "Log calls never answer.", value: '"request" or "file" (file)' },
  "log-never-ready": { acts: "call", description: "The log file stays 403 AccessDenied.", value: "" },
  "log-empty": { acts: "call", description: "The log file is 200 and empty.", value: "" },
  "log-cut": { acts: "call", description: "The log file ends in the middle of its last line.", value: "" },
  "log-ansi": { acts: "call", description: "The log file is full of colours and carriage returns.", value: "" },
  "log-huge": {
    acts: "call",
    description: "The log file begins with a great deal of noise.",
    value: "bytes (10000000)",
  },
  "log-stale": {
    acts: "call",
    description: "The file holds an older upload until the new one is there.",
    value: "how old in ms (300000)",
  },
  "log-request-fails": { acts: "call", description: "request_logs fails.", value: "a status (400 with success false)" },
  "log-wrong-host": { acts: "call", description: "result_url points to another host.", value: "the URL's origin" },
  "search-fails": { acts: "call", description: "The search fails.", value: "a status" },
  "search-hangs": { acts: "call", description: "The search never answers.", value: "ms (120000)" },
  "search-empty": { acts: "call", description: "The search finds nothing.", value: "" },
  "search-unfiltered": {
    acts: "call",
    description: "Filters on numbers are ignored; storage-only rows appear.",
    value: '"machines": that on machines too',
  },
  "search-stale": { acts: "call", description: "The search also shows offers of rented machines.", value: "" },
  "account-fails": { acts: "call", description: "users/current fails.", value: "a status" },
  "account-hangs": { acts: "call", description: "users/current never answers.", value: "ms (120000)" },
  "bad-key": { acts: "call", description: "Every call with a key is 404 auth_error Invalid user key.", value: "" },
  "rate-limit": {
    acts: "call",
    description: "The next calls of a route are 429.",
    value: "0 to 3: the shape (in turn)",
  },
  "slow-api": { acts: "call", description: "Answers come late, in real time.", value: "ms (1000)" },
  "api-down": { acts: "call", description: "Every Vast call (logs too) fails.", value: "a status" },
  "api-hangs": { acts: "call", description: "Vast calls never answer.", value: "ms (120000)" },
  "next-rent-dud": {
    acts: "host",
    description: "The next rented box meets a dud host.",
    value: "loading, no-container, launcher, no-cuda or cdi (launcher)",
  },
  "host-dud": {
    acts: "host",
    description: "Boxes rented on the machine meet a dud.",
    value: "the kind of dud (loading)",
  },
  "image-broken": {
    acts: "host",
    description: "The image cannot be pulled.",
    value: '"missing" or "denied" (missing)',
  },
  "weights-too-big": {
    acts: "host",
    description: "The worker runs out of GPU memory while it captures its graphs.",
    value: "",
  },
  "code-broken": {
    acts: "host",
    description: "The worker's code cannot be imported: it dies as soon as it is started.",
    value: "the last line",
  },
  "commit-missing": {
    acts: "host",
    description: "The start script finds no such commit to fetch, and ends.",
    value: "the ref (deadbeef)",
  },
  "weights-mismatch": {
    acts: "host",
    description: "Config and weights disagree: the worker dies while it loads them.",
    value: "",
  },
  "host-crash": {
    acts: "box",
    description: "The worker dies with a traceback; the container stays running.",
    value: "the last line",
  },
  "worker-error": {
    acts: "box",
    description: "The worker prints a line; with dies it also ends.",
    value: "the line, or {line, dies}",
  },
  "box-vanish": { acts: "box", description: "The box is gone, from the list and in truth.", value: "" },
  "box-exited": {
    acts: "box",
    description: "actual_status exited; the GPU is no longer billed.",
    value: "the status (exited)",
  },
  "box-offline": {
    acts: "box",
    description: "The host disconnects: offline, no logs.",
    value: "offline or unknown (offline)",
  },
  "box-frozen-log": { acts: "box", description: "The worker is killed silently; the log stops.", value: "" },
  "box-comes-back": { acts: "box", description: "An offline, exited or gone box is back and bills again.", value: "" },
  "box-status": {
    acts: "box",
    description: "Sets what the API says about the box, nothing else.",
    value: "{actualStatus, curState, intendedStatus, statusMsg}",
  },
  "box-slows": {
    acts: "box",
    description: "The worker plays on at a part of its rate.",
    value: "the part (0.5)",
  },
  "contract-ends": {
    acts: "box",
    description: "The host's listing ends soon, and then takes the box with it.",
    value: "ms until then (600000)",
  },
  "price-rise": {
    acts: "box",
    description: "The box costs more from now on, or a rise is proposed.",
    value: "factor (1.5), or {usdPerHour}, or {pending: usdPerHour}",
  },
  "upload-fails": {
    acts: "hub",
    description: "Uploads of the worker fail; it keeps playing.",
    value: "the error text (403 Forbidden)",
  },
  "commit-quota": { acts: "hub", description: "Commits are refused with the hourly quota.", value: "" },
  "weights-missing": {
    acts: "hub",
    description: "The weights, config and state of a name are not there.",
    value: "the weights name (all)",
  },
  "token-bad": { acts: "hub", description: "The Hub refuses the token with 401.", value: "" },
  "token-read-only": { acts: "hub", description: "The token may read and not write.", value: "" },
  "hub-down": { acts: "hub", description: "The Hub answers 503, to workers too.", value: "a status (503)" },
  "hub-hangs": { acts: "hub", description: "The Hub's HTTP never answers.", value: "ms (120000)" },
  "learner-stops": { acts: "hub", description: "The learner pushes nothing.", value: "" },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULTS;

export function isFaultName(name: unknown): name is FaultName {
  return typeof name === "string" && Object.hasOwn(FAULTS, name);
}

export interface FaultRequest {
  readonly name: FaultName;
  readonly match: FaultMatch;
  readonly times: number | null;
  readonly value: unknown;
  readonly fromMs: number;
  readonly untilMs: number | null;
}

export function switchOn(state: MarketState, request: FaultRequest): ActiveFault {
  state.counters.fault += 1;
  const { name, match, times, value, fromMs, untilMs } = request;
  const fault: ActiveFault = {
    id: state.counters.fault,
    name,
    match,
    timesLeft: times,
    value,
    fromMs,
    untilMs,
    hits: 0,
  };
  state.faults.push(fault);
  return fault;
}

/** Switches faults off; false when there is none of that id. */
export function switchOff(state: MarketState, id: number): boolean {
  const before = state.faults.length;
  state.faults = state.faults.filter((fault) => fault.id !== id);
  return state.faults.length < before;
}

/** The first active fault of this name that hits the subject, or null. Does not count as a hit. */
export function findFault(state: MarketState, name: FaultName, subject: FaultSubject = {}): ActiveFault | null {
  return (
    state.faults.find((fault) => fault.name === name && isActive(state, fault) && hits(fault.match, subject)) ?? null
  );
}

/** As `findFault`, and uses the fault up by one hit. */
export function takeFault(state: MarketState, name: FaultName, subject: FaultSubject = {}): ActiveFault | null {
  const fault = findFault(state, name, subject);
  if (fault !== null) countHit(state, fault);
  return fault;
}

export function countHit(state: MarketState, fault: ActiveFault): void {
  fault.hits += 1;
  if (fault.timesLeft === null) return;
  fault.timesLeft -= 1;
  if (fault.timesLeft <= 0) switchOff(state, fault.id);
}

export function isActive(state: MarketState, fault: ActiveFault): boolean {
  return fault.fromMs <= state.nowMs && (fault.untilMs === null || state.nowMs < fault.untilMs);
}

export function hits(match: FaultMatch, subject: FaultSubject): boolean {
  return Object.entries(match).every(([field, wanted]) => {
    const value = subject[field as keyof FaultMatch];
    if (wanted === undefined || wanted === null) return true;
    if (value === undefined || value === null) return false;
    const text = String(value);
    const pattern = String(wanted);
    return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
  });
}

/** A fault's value as a number, with a default for anything else. */
export function numberValue(fault: ActiveFault, fallback: number): number {
  return typeof fault.value === "number" && Number.isFinite(fault.value) ? fault.value : fallback;
}

export function textValue(fault: ActiveFault, fallback: string): string {
  return typeof fault.value === "string" && fault.value !== "" ? fault.value : fallback;
}
