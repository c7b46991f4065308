// How a door is described for the OpenAPI document, beside its handler: `describe(id, …)` says what it is and what it
// answers. The rest is taken from the middlewares that stand there anyway: parameters and bodies from `query` and
// `jsonBody`, the role from `auth.ts`, path parameters from their checks. `openapi.ts` puts it together.

import type { MiddlewareHandler } from "hono";
import { describeRoute, type DescribeRouteOptions, resolver, uniqueSymbol } from "hono-openapi";
import type { z } from "zod";
import type { DoorEnv } from "./door.ts";
import type { ProblemCode } from "./problem.ts";

/** The chapters of the reference, in its order. */
export const chapters = {
  Fleets: "What fleets there are, what each should be, and what a person asks of it now.",
  Workers: "One rented instance: its log, a way in, its end.",
  Market: "Live offers, what things cost, and boxes of the account that are no fleet's.",
  Hosts: "Machines with strikes or blocks.",
  History: "What happened: events, CHECKs, the ledger, throughput, the daily report.",
  Alerts: "What a person should know now, and who is told.",
  Workloads: "What runs in a rented box, and the presets of the launchers.",
  Service: "The keeper itself.",
} as const;
export type Chapter = keyof typeof chapters;

type Content = NonNullable<
  Extract<NonNullable<DescribeRouteOptions["responses"]>[string], { content?: unknown }>["content"]
>;

interface Answer {
  readonly description: string;
  readonly content: Content;
}

export interface DoorWords {
  readonly chapter: Chapter;
  readonly summary: string;
  /** Markdown, where one line does not say it. */
  readonly description?: string;
  /** By status; made by `both`, `json` or `plain`. */
  readonly answers: Readonly<Partial<Record<101 | 200 | 201 | 202 | 204 | 503, Answer>>>;
  /** Refusals of its own. Those of middlewares and those that every door has are added. */
  readonly refusals?: readonly ProblemCode[];
  /** Path parameters that no middleware checks. */
  readonly path?: Readonly<Record<string, string>>;
  /** Request headers that it heeds. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A body that is not read by `jsonBody`, by media type. */
  readonly body?: Content;
}

/** What a middleware adds to every operation that it stands before. Merged by hono-openapi: lists are joined. */
interface Addition {
  readonly role?: "admin" | "admin-unless-dry-run" | "viewer";
  readonly refusals?: readonly ProblemCode[];
  readonly parameters?: readonly Parameter[];
}

export interface Parameter {
  readonly in: "path" | "header";
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: { readonly type: "string" | "integer"; readonly pattern?: string; readonly minimum?: number };
  readonly example: string | number;
}

export function describe(id: string, words: DoorWords): MiddlewareHandler<DoorEnv> {
  const { chapter, summary, description, answers, refusals = [], path = {}, headers = {}, body } = words;
  const spec = {
    operationId: id,
    tags: [chapter],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [
      ...Object.entries(path).map(([name, about]) => textParameter("path", name, about)),
      ...Object.entries(headers).map(([name, about]) => textParameter("header", name, about)),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: body } }),
    responses: answers,
    "x-refusals": refusals,
  };
  // The library's types know no extensions and want mutable lists; its generator reads both as they are.
  return describeRoute(spec as unknown as DescribeRouteOptions);
}

function textParameter(where: "path" | "header", name: string, description: string) {
  return { in: where, name, required: where === "path", description, schema: { type: "string" } };
}

/** JSON, and a terminal table for `Accept: text/plain` or `?format=text`. */
export function both(schema: z.ZodType, description = "Done"): Answer {
  return { description, content: { ...json(schema).content, "text/plain": { schema: { type: "string" } } } };
}

export function json(schema: z.ZodType, description = "Done"): Answer {
  return { description, content: { "application/json": { schema: resolver(schema, answerOptions) } } };
}

/** An answer without a body. */
export function nothingMore(description: string): Answer {
  return { description, content: {} };
}

/** A text of another kind, or a page. */
export function plain(media: string, description: string): Answer {
  return { description, content: { [media]: { schema: { type: "string" } } } };
}

/** A middleware that says what it means for the operations behind it. */
export function meaning<M extends MiddlewareHandler<DoorEnv>>(middleware: M, addition: Addition): M {
  const { role, refusals = [], parameters = [] } = addition;
  const spec = {
    ...(role === undefined ? {} : { "x-role": role }),
    ...(parameters.length === 0 ? {} : { parameters }),
    "x-refusals": refusals,
  };
  return Object.assign(middleware, { [uniqueSymbol]: { spec } });
}

/** A middleware that reads the query or the body by a schema. */
export function reading<M extends object>(middleware: M, target: "query" | "json", schema: z.ZodType): M {
  return Object.assign(middleware, { [uniqueSymbol]: { target, ...resolver(schema, requestOptions) } });
}

interface Override {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}

/** More fields are welcome in an answer, so a client must not be told that there are no others (design §6). */
const answerOptions = {
  options: {
    io: "output",
    unrepresentable: "any",
    override: ({ jsonSchema }: Override) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // The format says it; zod's pattern for it has 500 characters.
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
    },
  },
};

/** A default is the value after reading; the document shows it as it would be sent. */
const requestOptions = {
  options: {
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }: Override) => {
      if (jsonSchema.type === "string" && typeof jsonSchema.default === "number")
        jsonSchema.default = String(jsonSchema.default);
    },
  },
};
