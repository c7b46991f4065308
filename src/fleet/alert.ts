// What people are told of, once: a condition is announced when it has held for as long as its kind asks, repeated once a
// day while it lasts, and resolved with how long it lasted. What is remembered changes only with news or with a timer that
// begins, so that a quiet fleet writes nothing.

export const alertKinds = [
  "out-of-credit",
  "credit-hours",
  "strays",
  "breaker-open",
  "blind",
  "below-target",
  "undelivered",
  "host-blocked",
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** How long a condition must hold before it is told, and be over before it is told to be over, in seconds. */
const alertTerms: Readonly<Record<AlertKind, { readonly afterSeconds: number; readonly overSeconds: number }>> = {
  // A wait that nobody probes ends by itself and begins anew at the next refusal (credit-watch.ts): one story, not many.
  "out-of-credit": { afterSeconds: 0, overSeconds: 300 },
  "credit-hours": { afterSeconds: 0, overSeconds: 0 },
  // A box that a person rents by hand has some minutes to be labelled, adopted or ignored.
  strays: { afterSeconds: 300, overSeconds: 0 },
  "breaker-open": { afterSeconds: 0, overSeconds: 0 },
  blind: { afterSeconds: 600, overSeconds: 0 },
  "below-target": { afterSeconds: 900, overSeconds: 0 },
  // Three upload intervals have passed before it is known (design rule 10).
  undelivered: { afterSeconds: 0, overSeconds: 0 },
  "host-blocked": { afterSeconds: 0, overSeconds: 0 },
};

/** What lasts is said again this often. */
const REPEAT_MS = 24 * 3_600_000;

/** Something that is so now, or that nobody can tell now. What is not in the list is not so. */
export interface Condition {
  /** Unique within its keeper: the kind, and where there are several of a kind, which. */
  readonly key: string;
  readonly kind: AlertKind;
  /** Not measured: what has been announced stays as it is, and a timer begins anew. */
  readonly isMeasured: boolean;
  /** `null`: nobody knows, it counts from the first sight. */
  readonly sinceMs: number | null;
  readonly summary: string;
}

/** Something that happened and does not last. */
export interface Occasion {
  readonly key: string;
  readonly kind: AlertKind;
  readonly summary: string;
}

export interface RememberedAlert {
  readonly key: string;
  readonly kind: AlertKind;
  readonly sinceMs: number;
  /** `null`: it has not held long enough. */
  readonly announcedAtMs: number | null;
  readonly saidAtMs: number | null;
  /** Since when it is no longer so; `null`: it is. */
  readonly overSinceMs: number | null;
  /** As it was last said. */
  readonly summary: string;
}

export type AlertMemory = readonly RememberedAlert[];

export type AlertChange = "firing" | "repeated" | "resolved" | "happened";

/** One line of a message. */
export interface AlertNotice {
  readonly change: AlertChange;
  readonly key: string;
  readonly kind: AlertKind;
  readonly sinceMs: number;
  readonly atMs: number;
  /** How long it lasted, or has lasted by now; `null`: it does not last. */
  readonly lastedMs: number | null;
  readonly summary: string;
}

export interface Judgement {
  readonly memory: AlertMemory;
  readonly notices: readonly AlertNotice[];
}

export function judgeAlerts(
  before: AlertMemory,
  now: { readonly conditions: readonly Condition[]; readonly occasions?: readonly Occasion[]; readonly nowMs: number },
): Judgement {
  const { conditions, occasions = [], nowMs } = now;
  const held = new Set(conditions.map(({ key }) => key));
  const known = new Map(before.map((alert) => [alert.key, alert]));
  const steps = [
    ...conditions.map((condition) => judgeCondition(known.get(condition.key), condition, nowMs)),
    ...before.filter(({ key }) => !held.has(key)).map((alert) => judgeAbsent(alert, nowMs)),
  ];
  const told = new Set(steps.flatMap(({ alert }) => (alert === null ? [] : [alert.key])));
  const news = occasions.filter(({ key }) => !told.has(key)).map((occasion) => judgeOccasion(occasion, nowMs));
  const all = [...steps, ...news];
  return {
    memory: all.flatMap(({ alert }) => alert ?? []).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    notices: all.flatMap(({ notice }) => notice ?? []),
  };
}

interface Step {
  readonly alert: RememberedAlert | null;
  readonly notice: AlertNotice | null;
}

function judgeCondition(known: RememberedAlert | undefined, condition: Condition, nowMs: number): Step {
  const { key, kind, isMeasured, summary } = condition;
  const isAnnounced = known !== undefined && known.announcedAtMs !== null;
  if (!isMeasured) return { alert: isAnnounced ? known : null, notice: null };
  if (isAnnounced) return judgeLasting({ ...known, overSinceMs: null }, summary, nowMs);
  const sinceMs = condition.sinceMs ?? known?.sinceMs ?? nowMs;
  const alert = { key, kind, sinceMs, announcedAtMs: null, saidAtMs: null, overSinceMs: null, summary };
  if (nowMs - sinceMs < alertTerms[kind].afterSeconds * 1000) {
    // Where the facts know since when, there is nothing to remember before it is told.
    return { alert: condition.sinceMs === null ? (known ?? alert) : null, notice: null };
  }
  const announced = { ...alert, announcedAtMs: nowMs, saidAtMs: nowMs };
  return { alert: announced, notice: noticeOf(announced, "firing", nowMs) };
}

function judgeLasting(alert: RememberedAlert, summary: string, nowMs: number): Step {
  if (nowMs - (alert.saidAtMs ?? 0) < REPEAT_MS) return { alert, notice: null };
  const said = { ...alert, saidAtMs: nowMs, summary };
  return { alert: said, notice: noticeOf(said, "repeated", nowMs) };
}

function judgeAbsent(alert: RememberedAlert, nowMs: number): Step {
  const { kind, announcedAtMs, saidAtMs, overSinceMs } = alert;
  if (announcedAtMs === null) return { alert: null, notice: null };
  // An occasion is remembered for a day, so that the same one is not told twice.
  if (kind === "host-blocked") return { alert: nowMs - (saidAtMs ?? 0) < REPEAT_MS ? alert : null, notice: null };
  const endedAtMs = overSinceMs ?? nowMs;
  if (nowMs - endedAtMs < alertTerms[kind].overSeconds * 1000)
    return { alert: { ...alert, overSinceMs: endedAtMs }, notice: null };
  return { alert: null, notice: { ...noticeOf(alert, "resolved", nowMs), lastedMs: endedAtMs - alert.sinceMs } };
}

function judgeOccasion({ key, kind, summary }: Occasion, nowMs: number): Step {
  const alert = { key, kind, sinceMs: nowMs, announcedAtMs: nowMs, saidAtMs: nowMs, overSinceMs: null, summary };
  return { alert, notice: { ...noticeOf(alert, "happened", nowMs), lastedMs: null } };
}

function noticeOf(alert: RememberedAlert, change: AlertChange, nowMs: number): AlertNotice {
  const { key, kind, sinceMs, summary } = alert;
  return { change, key, kind, sinceMs, atMs: nowMs, lastedMs: nowMs - sinceMs, summary };
}

/** What is so now, announced or not yet due to be, for those who ask. */
export function firingNow(memory: AlertMemory, conditions: readonly Condition[], nowMs: number): AlertMemory {
  const judged = judgeAlerts(memory, { conditions, nowMs }).memory;
  return judged.filter(({ kind, announcedAtMs }) => announcedAtMs !== null && kind !== "host-blocked");
}
