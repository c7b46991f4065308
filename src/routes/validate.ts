// Requests become values, or an answer that names each field and what it takes. Nothing has been done by then.

import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { fleetNameProblem } from "../fleet/label.ts";
import { meaning, type Parameter, reading } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { fieldErrors, shown } from "./field-errors.ts";
import { type FieldError, invalidRequest, problem, type ProblemResponse } from "./problem.ts";

/** A whole spec is under 4 KB. */
const BODY_BYTES_MAX = 64 * 1024;

type Validator<Target extends "json" | "query", Schema extends z.ZodType> = MiddlewareHandler<
  DoorEnv,
  string,
  { in: Record<Target, z.input<Schema>>; out: Record<Target, z.output<Schema>> }
>;

const format = z.enum(["json", "text"]).meta({ description: "Goes before `Accept`; `text` is a terminal table" });
const flag = z.enum(["true", "false"]);

/** Query of a door that answers as JSON or as text. A misspelt parameter is refused: `dryrun=true` must not run. */
export const formatQuery = z.strictObject({ format: format.optional() });
/** Body of a door that takes none. */
export const nothing = z.strictObject({});
export const dryRunQuery = formatQuery.extend({
  dryRun: flag.optional().meta({ description: "`true`: answers the plan; nothing is stored or done" }),
});

export const limitBody = bodyLimit({
  maxSize: BODY_BYTES_MAX,
  onError: () =>
    problem({
      code: "body-too-large",
      detail: `a body may have ${BODY_BYTES_MAX} bytes`,
      hint: "a whole spec is much shorter",
    }),
});

/** The body as JSON, whatever content type it claims, so that a plain `curl -d` is enough. An empty body is `{}`. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema): Validator<"json", Schema> {
  return bodyOf(schema, (errors) => errors);
}

/** The same where a value may be a secret: what is wrong is said, and what was sent is not repeated. */
export function secretJsonBody<Schema extends z.ZodType>(schema: Schema): Validator<"json", Schema> {
  return bodyOf(schema, (errors) => errors.map(({ field, expected }) => ({ field, expected })));
}

function bodyOf<Schema extends z.ZodType>(
  schema: Schema,
  shownErrors: (errors: readonly FieldError[]) => readonly FieldError[],
): Validator<"json", Schema> {
  const read: Validator<"json", Schema> = async (c, next) => {
    const text = await bodyText(c);
    const value = parseJson(text.trim() === "" ? "{}" : text);
    if (value === undefined) {
      return problem({
        code: "invalid-json",
        detail: "the body cannot be read as JSON",
        hint: 'send an object such as {"count": 4}',
      });
    }
    const parsed = schema.safeParse(value, { reportInput: true });
    if (!parsed.success) return invalidRequest(shownErrors(fieldErrors(parsed.error, schema)));
    c.req.addValidatedData("json", parsed.data as object);
    return next();
  };
  return reading(read, "json", schema);
}

/** The body as text, also where the content type says form, as that of a plain `curl -d` does. */
export async function bodyText(c: Context<DoorEnv>): Promise<string> {
  return new TextDecoder().decode(await c.req.arrayBuffer());
}

export function query<Schema extends z.ZodType>(schema: Schema): Validator<"query", Schema> {
  const read: Validator<"query", Schema> = async (c, next) => {
    const parsed = schema.safeParse(c.req.query(), { reportInput: true });
    if (!parsed.success) return invalidRequest(fieldErrors(parsed.error, schema));
    c.req.addValidatedData("query", parsed.data as object);
    return next();
  };
  return reading(read, "query", schema);
}

/** Looks at a path parameter before the door does; `problemOf` says what it takes where it does not fit. */
function pathParameter(
  parameter: Omit<Parameter, "in" | "required">,
  problemOf: (text: string) => string | null,
): MiddlewareHandler<DoorEnv> {
  const check: MiddlewareHandler<DoorEnv> = async (c, next) => {
    const text = c.req.param(parameter.name) ?? "";
    const expected = problemOf(text);
    return expected === null ? next() : invalidRequest([{ field: parameter.name, expected, got: shown(text) }]);
  };
  return meaning(check, { parameters: [{ in: "path", required: true, ...parameter }] });
}

/** For paths with `:fleet`. */
export const fleetName: MiddlewareHandler<DoorEnv> = pathParameter(
  {
    name: "fleet",
    description: "The name of a fleet",
    schema: { type: "string", pattern: "^[a-z0-9][a-z0-9-]{0,40}$" },
    example: "zeb",
  },
  (name) => fleetNameProblem(name),
);

/** For paths with `:slot`. */
export const slotNumber: MiddlewareHandler<DoorEnv> = pathParameter(
  { name: "slot", description: "The worker's slot", schema: { type: "integer", minimum: 0 }, example: 3 },
  (slot) => (/^(0|[1-9]\d{0,5})$/.test(slot) ? null : "the number of a slot"),
);

/** For paths with `:id`. */
export const instanceNumber: MiddlewareHandler<DoorEnv> = pathParameter(
  {
    name: "id",
    description: "The market's number of an instance",
    schema: { type: "integer", minimum: 1 },
    example: 87_654_321,
  },
  (id) => (/^[1-9]\d{0,14}$/.test(id) ? null : "the number of an instance"),
);

/** The version in `If-Match`: `null` where there is none or it is `*`, an answer where it is no version. */
export function expectedVersion(header: string | undefined): number | null | ProblemResponse {
  if (header === undefined || header.trim() === "*") return null;
  const version = /^(?:W\/)?("?)(\d{1,15})\1$/.exec(header.trim())?.[2];
  if (version !== undefined) return Number(version);
  return invalidRequest([{ field: "If-Match", expected: 'the ETag of the fleet, such as "3"', got: shown(header) }]);
}

/** JSON has no `undefined`, so that it can stand for "not JSON". */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
