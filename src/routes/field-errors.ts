// What zod found wrong, in words: which field, what it takes, what came instead. Secrets are masked.

import { z } from "zod";
import { maskSecrets } from "../log.ts";
import type { FieldError } from "./problem.ts";

const SHOWN_LENGTH_MAX = 100;

/** One entry per field, those that do not exist too. The schema must have been asked with `reportInput`. */
export function fieldErrors(error: z.ZodError, schema: z.ZodType): FieldError[] {
  return error.issues.flatMap((issue): FieldError[] => {
    const here = schemaAt(schema, issue.path);
    if (issue.code === "unrecognized_keys") {
      const known = here instanceof z.ZodObject ? Object.keys(here.shape) : [];
      const expected = `no such field; there are ${known.join(", ")}`;
      return issue.keys.map((key) => ({ field: fieldPath([...issue.path, key]), expected }));
    }
    return [{ field: fieldPath(issue.path), expected: expectation(issue, here), got: shown(issue.input) }];
  });
}

function fieldPath(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "body" : shownText(path.map(String).join("."));
}

/** The schema of a field, without what makes it optional. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((whole, step) => unwrapped(partOf(whole, String(step))), unwrapped(schema));
}

function partOf(whole: unknown, step: string): unknown {
  if (whole instanceof z.ZodObject) return whole.shape[step];
  if (whole instanceof z.ZodArray) return whole.element;
  return whole instanceof z.ZodRecord ? whole.valueType : undefined;
}

function unwrapped(schema: unknown): unknown {
  const isWrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodDefault;
  return isWrapped ? unwrapped(schema.unwrap()) : schema;
}

const kinds: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

function expectation(issue: z.core.$ZodIssue, schema: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.expected === "nonoptional") return expectationOf(schema);
      return kinds[schema instanceof z.ZodNumber && schema.isInt ? "int" : issue.expected] ?? issue.expected;
    case "invalid_value":
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unit(issue.origin)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unit(issue.origin)}`;
    default:
      return issue.message;
  }
}

/** What a field takes that must be there and is not. */
function expectationOf(schema: unknown): string {
  const [issue] = schema instanceof z.ZodType ? (schema.safeParse(undefined).error?.issues ?? []) : [];
  return issue === undefined ? "a value" : expectation(issue, schema);
}

function unit(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

/** The value as JSON, masked and cut. */
export function shown(value: unknown): string {
  return value === undefined ? "nothing" : shownText(JSON.stringify(value));
}

/** Text as it came, masked and cut. */
export function shownText(text: string): string {
  const masked = maskSecrets(text);
  return masked.length <= SHOWN_LENGTH_MAX ? masked : `${masked.slice(0, SHOWN_LENGTH_MAX)}…`;
}
