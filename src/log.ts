// The single gate for everything that is written for people or stored from strangers: it masks secrets, caps lengths
// and prints one JSON object per event. Levels follow from the outcome, so that a filter on errors is enough.

const MASK = "…";
/** A shorter value would mask ordinary words wherever they stand. */
const SECRET_LENGTH_MIN = 8;
const TEXT_LENGTH_MAX = 2000;
const DEPTH_MAX = 6;
const ITEMS_MAX = 100;

export type LogOutcome = "ok" | "skipped" | "refused" | "unknown" | "failed";

export interface LogEvent {
  /** What happened, in domain words with dots: "check.done", "rent.refused". */
  readonly event: string;
  /** Decides the level: refused and unknown warn, failed is an error, everything else is plain. */
  readonly outcome?: LogOutcome;
  readonly fleet?: string;
  readonly durationMs?: number;
  readonly [field: string]: unknown;
}

/**
 * Names, or their ends, whose value is a secret in `name=value`, `"name":"value"` and `name: value` alike. No pattern here
 * looks back or repeats without bound before its word, so that a long line from a stranger costs linear time.
 */
const SECRET_NAMES = "(?:api|access|secret)[_-]?key(?:[_-]?id)?|token|secret|password|passwd|authorization";

/** Hub tokens are mixed letters and digits; names such as hf_hub_download are not tokens. */
const HUB_TOKEN = /hf_(?:(?=[A-Za-z]*[0-9A-Z])[A-Za-z0-9]{8,}|[a-z]{16,})/g;
/** A Vast key is 64 hexadecimal digits; so is an image digest, which says what it is: looked back at last, as it costs most. */
const KEY_DIGITS = 64;
const VAST_KEY = /\b[0-9a-f]{64}\b(?<!sha256:[0-9a-f]{64})/g;

const patterns: readonly (readonly [RegExp, string])[] = [
  [HUB_TOKEN, `hf_${MASK}`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${MASK}`],
  [/(https?:\/\/)[^/\s@"']{1,256}@/gi, `$1${MASK}@`],
  [
    new RegExp(`(${SECRET_NAMES})(["']?\\s*(?:=|:|%3D)\\s*["']?)(?!Bearer |Basic )[^\\s"'&,;}<>…]{6,}`, "gi"),
    `$1$2${MASK}`,
  ],
  // Only as a parameter: the fleets call an error's pattern a signature too.
  [/([?&](?:signature|sig|x-amz-[a-z-]{1,40})=)[^&\s"'<>]+/gi, `$1${MASK}`],
  // Whoever knows a webhook's address can post to it.
  [/(discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/|hooks\.slack(?:-gov)?\.com\/)[\w./-]+/gi, `$1${MASK}`],
  // Whoever knows a log's address can read the log (Vast API reference §6).
  [/(instance_logs\/)[\w.-]+/g, `$1${MASK}`],
];

const SECRET_FIELD = /^(?:.*(?:apikey|api_key|token|secret|password|authorization)|env|extra_env|headers)$/i;

/** Exact values and their URL-encoded forms, longest first, so that one which contains another goes whole. */
let registered: readonly string[] = [];

/** Makes exact values, and their URL-encoded form, unprintable from here on in this isolate. Short ones are ignored. */
export function registerSecrets(secrets: readonly (string | null | undefined)[]): void {
  const given = secrets.filter((secret) => typeof secret === "string");
  registered = longestFirst([...registered, ...given.flatMap(formsOf)]);
}

/** The text with everything that looks like a credential, or is a registered one, replaced by "…". */
export function maskSecrets(text: string, secrets: readonly string[] = []): string {
  const exact = secrets.length === 0 ? registered : longestFirst([...registered, ...secrets.flatMap(formsOf)]);
  let masked = text;
  for (const secret of exact) masked = masked.replaceAll(secret, MASK);
  for (const [pattern, replacement] of patterns) masked = masked.replaceAll(pattern, replacement);
  return hasHexRun(masked) ? masked.replaceAll(VAST_KEY, MASK) : masked;
}

/** True where a credential stands in the text itself, and not only the name of one: a script may say `$HF_TOKEN`. */
export function holdsSecret(text: string): boolean {
  const isKnown = registered.some((secret) => text.includes(secret));
  return isKnown || [HUB_TOKEN, VAST_KEY].some((shape) => text.search(shape) !== -1);
}

/**
 * True where a key may stand. A run of that many digits covers every place that far from the last, so that looking there
 * is enough; the pattern itself looks at each character, and logs are long and masked often.
 */
function hasHexRun(text: string): boolean {
  for (let at = KEY_DIGITS - 1; at < text.length; at += KEY_DIGITS) {
    let [first, last] = [at, at];
    while (isHexDigit(text.charCodeAt(first))) first -= 1;
    if (first === at) continue;
    while (isHexDigit(text.charCodeAt(last))) last += 1;
    if (last - first > KEY_DIGITS) return true;
  }
  return false;
}

/** Of lower case. `NaN` beyond either end is none. */
function isHexDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
}

function formsOf(secret: string): readonly string[] {
  return secret.length < SECRET_LENGTH_MIN ? [] : [secret, encodeURIComponent(secret.toWellFormed())];
}

function longestFirst(secrets: readonly string[]): readonly string[] {
  return [...new Set(secrets)].toSorted((a, b) => b.length - a.length);
}

/** Prints one event as one JSON object. Values are masked and cut; a field that is named like a secret loses its value. */
export function logEvent(event: LogEvent): void {
  print(event.outcome, JSON.stringify(cleaned(event, 0)));
}

/** Prints one line for people as it is, masked: the CHECK line in the runbook's own words. */
export function logLine(line: string, outcome?: LogOutcome): void {
  print(outcome, maskSecrets(line));
}

function print(outcome: LogOutcome | undefined, line: string): void {
  if (outcome === "failed") console.error(line);
  else if (outcome === "refused" || outcome === "unknown") console.warn(line);
  else console.log(line);
}

function cleaned(value: unknown, depth: number): unknown {
  if (typeof value === "string") return maskSecrets(value).slice(0, TEXT_LENGTH_MAX);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Error) return { name: value.name, message: cleaned(value.message, depth) };
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth >= DEPTH_MAX) return MASK;
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => cleaned(item, depth + 1));
  const entries = Object.entries(value).slice(0, ITEMS_MAX);
  return Object.fromEntries(entries.map(([name, field]) => [name, cleanedField(name, field, depth + 1)]));
}

function cleanedField(name: string, field: unknown, depth: number): unknown {
  const hidesValue =
    SECRET_FIELD.test(name) && (typeof field === "string" || (typeof field === "object" && field !== null));
  return hidesValue ? MASK : cleaned(field, depth);
}

/** What is worth keeping of something that was thrown. */
export function describeFault(error: unknown): string {
  return error instanceof Error ? `${error.message} ${error.stack ?? ""}`.slice(0, 500) : String(error);
}
