// The OpenAPI document as a witness: which operations it names, and whether an answer is what it declares.

import { z } from "zod";
import { createApp } from "../../src/routes/app.ts";
import { openApiDocument } from "../../src/routes/openapi.ts";
import { must } from "./builders.ts";

export const METHODS = ["get", "put", "post", "patch", "delete"] as const;

type Json = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Json;
  readonly example?: unknown;
}

export interface Operation {
  readonly id: string;
  readonly method: (typeof METHODS)[number];
  readonly path: string;
  readonly role: string | null;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  /** By media type, with references written out; `null`: it takes no body. */
  readonly body: Readonly<Record<string, Json>> | null;
  /** By status, then media type. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

export interface Reference {
  readonly document: Json;
  readonly schemas: Readonly<Record<string, Json>>;
  readonly operations: readonly Operation[];
}

/** An app of its own, for its doors alone: nothing is asked of it. */
export const describedApp = createApp({ readLog: () => Promise.reject(new Error("a described app reads nothing")) });

export async function readReference(): Promise<Reference> {
  const document = JSON.parse(JSON.stringify(await openApiDocument(describedApp))) as Json;
  const at = (pointer: string): Json =>
    pointer
      .slice(2)
      .split("/")
      .reduce<Json>((whole, step) => must(whole[step.replaceAll("~1", "/")], pointer) as Json, document);
  const written = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(written);
    if (typeof value !== "object" || value === null) return value;
    const { $ref } = value as { $ref?: string };
    if ($ref !== undefined) return written(at($ref));
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, written(part)]));
  };
  const contents = (holder: unknown): Record<string, Json> => {
    const { content = {} } = (holder ?? {}) as { content?: Record<string, { schema?: Json }> };
    return Object.fromEntries(Object.entries(content).map(([media, { schema }]) => [media, schema ?? {}]));
  };
  const operations = Object.entries(document["paths"] as Record<string, Json>).flatMap(([path, item]) =>
    METHODS.flatMap((method): Operation[] => {
      if (item[method] === undefined) return [];
      const operation = written(item[method]) as Json;
      const responses = operation["responses"] as Record<string, unknown>;
      return [
        {
          id: String(operation["operationId"]),
          method,
          path,
          role: (operation["x-role"] as string | undefined) ?? null,
          summary: String(operation["summary"]),
          tags: operation["tags"] as string[],
          parameters: (operation["parameters"] ?? []) as Parameter[],
          body: operation["requestBody"] === undefined ? null : contents(operation["requestBody"]),
          answers: Object.fromEntries(Object.entries(responses).map(([status, answer]) => [status, contents(answer)])),
        },
      ];
    }),
  );
  const { schemas } = document["components"] as { schemas: Record<string, Json> };
  return { document, schemas: written(schemas) as Record<string, Json>, operations };
}

/** What an answer has that the document does not declare, in words; empty: nothing. Fields that are not declared count. */
export function undeclared(operation: Operation, status: number, media: string, text: string): readonly string[] {
  const where = `${operation.id} ${status}`;
  const answers = operation.answers[status];
  if (answers === undefined) return [`${where}: the status is not declared: ${text.slice(0, 200)}`];
  if (status === 204 || status === 101) return [];
  const kind = media.split(";")[0]?.trim() ?? "";
  const schema = answers[kind];
  if (schema === undefined) return [`${where}: ${kind} is not declared`];
  const value: unknown = kind.endsWith("json") ? JSON.parse(text) : text;
  return misfits(schema, value).map((line) => `${where}: ${line}`);
}

const readers = new WeakMap<Json, z.ZodType>();

export function misfits(schema: Json, value: unknown): readonly string[] {
  let reader = readers.get(schema);
  if (reader === undefined) {
    reader = z.fromJSONSchema(closed(schema) as z.core.JSONSchema.JSONSchema);
    readers.set(schema, reader);
  }
  const { error } = reader.safeParse(value);
  return error === undefined ? [] : [z.prettifyError(error)];
}

/** A field may be called like a keyword. */
function eachClosed(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, closed(field)]));
}

/** Objects with named fields and nothing said of others take no others: a field that nobody declared is to be seen. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const { examples: _, description: __, ...rest } = schema as Json;
  const parts = Object.fromEntries(
    Object.entries(rest).map(([key, part]) => [key, key === "properties" ? eachClosed(part as Json) : closed(part)]),
  );
  const isShape = rest["type"] === "object" && "properties" in rest && !("additionalProperties" in rest);
  return isShape ? { ...parts, additionalProperties: false } : parts;
}
