// Instants as text. `Date` is forbidden in the core because it knows the time; here it only reads and writes one.

// oxlint-disable no-restricted-globals

/** An ISO 8601 instant with its offset, as the spec's schema has let it through. */
export function parseInstant(text: string): number {
  return Date.parse(text);
}

/** `2026-11-24T00:00Z`: to the minute, for people. */
export function formatMinute(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16)}Z`;
}

/** `2026-11-24T00:00:00.000Z`: for programs. */
export function formatInstant(atMs: number): string {
  return new Date(atMs).toISOString();
}
