// One alarm per object, many timers: a table of due times, and the arithmetic of when to wake. The alarm is re-armed
// before any work, so that a crash costs a delay and never the next wake-up (platform reference §1, Alarms).

export type TimerKind = "check" | "log-round" | "flush" | "alert";

export interface Timer {
  readonly kind: TimerKind;
  readonly dueAtMs: number;
}

/** An object with nothing due still wakes this often: a lost timer is then found. */
const IDLE_WAKE_MS = 300_000;
/** `setAlarm(now)` inside an alarm can stall in production (platform reference §1). */
const SOONEST_MS = 5;

export function nextAlarmAt(timers: readonly Timer[], nowMs: number): number {
  const earliest = Math.min(nowMs + IDLE_WAKE_MS, ...timers.map(({ dueAtMs }) => dueAtMs));
  return Math.max(earliest, nowMs + SOONEST_MS);
}

export function dueTimers(timers: readonly Timer[], nowMs: number): readonly Timer[] {
  return timers.filter(({ dueAtMs }) => dueAtMs <= nowMs).toSorted((a, b) => a.dueAtMs - b.dueAtMs);
}

export class TimerTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS timers (kind TEXT PRIMARY KEY, due_at_ms INTEGER NOT NULL) WITHOUT ROWID");
  }

  list(): readonly Timer[] {
    const rows = this.#sql.exec<{ kind: string; due_at_ms: number }>("SELECT kind, due_at_ms FROM timers").toArray();
    return rows.map((row) => ({ kind: row.kind as TimerKind, dueAtMs: row.due_at_ms }));
  }

  dueAt(kind: TimerKind): number | null {
    return this.list().find((timer) => timer.kind === kind)?.dueAtMs ?? null;
  }

  set(kind: TimerKind, dueAtMs: number): void {
    this.#put(kind, dueAtMs, "<>");
  }

  /** Moves a timer to an earlier time; a later wish changes nothing. */
  setNoLater(kind: TimerKind, dueAtMs: number): void {
    this.#put(kind, dueAtMs, ">");
  }

  /** A row that stays as it is is not written: writes are billed. */
  #put(kind: TimerKind, dueAtMs: number, whereItIs: "<>" | ">"): void {
    this.#sql.exec(
      `INSERT INTO timers (kind, due_at_ms) VALUES (?, ?)
      ON CONFLICT (kind) DO UPDATE SET due_at_ms = excluded.due_at_ms WHERE due_at_ms ${whereItIs} excluded.due_at_ms`,
      kind,
      Math.round(dueAtMs),
    );
  }

  clear(kind: TimerKind): void {
    this.#sql.exec("DELETE FROM timers WHERE kind = ?", kind);
  }
}
