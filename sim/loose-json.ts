/**
 * Reading JSON that may be anything: an object or none, a text or a default. Callers decide what to refuse.
 */

export type Loose = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object, or an empty one for anything else. */
export function objectOf(value: unknown): Loose {
  return isObject(value) ? value : {};
}

/** The text, a number as text, or the default for anything else. */
export function textOf(value: unknown, fallback: string): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : fallback;
}

/** The parsed value; null for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
