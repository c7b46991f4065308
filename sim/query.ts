/**
 * Vast's filter objects: `{"field": {"op": value, …}}` with eq neq gt gte lt lte in notin (Vast API reference §2, §4).
 * Numbers may come as strings and names with underscores; the server coerces, so both sides are compared loosely.
 */

import { textOf } from "./loose-json.ts";

export type Row = Readonly<Record<string, unknown>>;
export type Filters = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The names of fields whose filter is a bare value instead of an object of operators; the server refuses those. */
export function bareFilters(query: Row, known: ReadonlySet<string>): string[] {
  return Object.entries(query)
    .filter(
      ([field, value]) => known.has(field) && (typeof value !== "object" || value === null || Array.isArray(value)),
    )
    .map(([field]) => field);
}

/** Whether the row passes every filter whose field the row has. */
export function matchesFilters(row: Row, filters: Filters): boolean {
  return Object.entries(filters).every(([field, operators]) =>
    Object.entries(operators).every(([operator, wanted]) =>
      matchesOne(field, valueFor(row, field, wanted), operator, wanted),
    ),
  );
}

/** A driver's version is text in the row and is compared as a number of nine digits (Vast API reference §2). */
function valueFor(row: Row, field: string, wanted: unknown): unknown {
  return field === "driver_version" && isNumeric(wanted) ? row["driver_vers"] : row[field];
}

function matchesOne(field: string, value: unknown, operator: string, wanted: unknown): boolean {
  switch (operator) {
    case "eq":
      return isSame(field, value, wanted);
    case "neq":
      return !isSame(field, value, wanted);
    case "in":
      return asList(wanted).some((one) => isSame(field, value, one));
    case "notin":
    case "not in":
    case "nin":
      return !asList(wanted).some((one) => isSame(field, value, one));
    case "gt":
      return compare(value, wanted) > 0;
    case "gte":
      return compare(value, wanted) >= 0;
    case "lt":
      return compare(value, wanted) < 0;
    case "lte":
      return compare(value, wanted) <= 0;
    default:
      return false;
  }
}

function isSame(field: string, value: unknown, wanted: unknown): boolean {
  if (wanted === null) return value === null || value === undefined;
  const flag = asFlag(wanted);
  // An absent flag is a false one: rows carry `external: null`, and clients ask for external = false.
  if (flag !== null && (value === null || value === undefined || typeof value === "boolean")) {
    return (value ?? false) === flag;
  }
  if (isNumeric(value) && isNumeric(wanted)) return Number(value) === Number(wanted);
  const left = normalise(value);
  const right = normalise(wanted);
  // A place is filtered by its two-letter code, while the row says "Texas, US".
  return left === right || (field === "geolocation" && left.endsWith(`, ${right}`));
}

/** Below, equal or above zero; NaN (which fails every comparison) when one side is no number and the other is. */
function compare(value: unknown, wanted: unknown): number {
  if (isNumeric(value) && isNumeric(wanted)) return Number(value) - Number(wanted);
  if (typeof value === "string" && typeof wanted === "string") return value < wanted ? -1 : value > wanted ? 1 : 0;
  return Number.NaN;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function asFlag(value: unknown): boolean | null {
  if (value === true || value === "true" || value === "True") return true;
  if (value === false || value === "false" || value === "False") return false;
  return null;
}

function isNumeric(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
}

function normalise(value: unknown): string {
  return textOf(value, "").replaceAll("_", " ");
}

/** Rows in the order of `[field, "asc"|"desc"]` pairs, ties in the given order. */
export function sortRows<T extends Row>(rows: readonly T[], order: readonly (readonly [string, string])[]): T[] {
  return [...rows].sort((left, right) => {
    for (const [field, direction] of order) {
      const difference = compareForOrder(left[field], right[field]);
      if (difference !== 0) return direction === "desc" ? -difference : difference;
    }
    return 0;
  });
}

/** Null before anything else, numbers by value, everything else as text. */
export function compareForOrder(left: unknown, right: unknown): number {
  const leftMissing = left === null || left === undefined;
  const rightMissing = right === null || right === undefined;
  if (leftMissing || rightMissing) return leftMissing === rightMissing ? 0 : leftMissing ? -1 : 1;
  if (typeof left === "number" && typeof right === "number") return left - right;
  const leftText = textOf(left, "");
  const rightText = textOf(right, "");
  return leftText < rightText ? -1 : leftText > rightText ? 1 : 0;
}
