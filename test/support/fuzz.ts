// Requests for an operation, made from what the OpenAPI document says of it: such as fit, and such as people, programs and
// attackers send.

import fc from "fast-check";
import { misfits, type Operation } from "./reference.ts";

type Json = Readonly<Record<string, unknown>>;

export interface Shot {
  readonly operation: Operation;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
  /** True where the document says that this cannot be. */
  readonly isWrong: boolean;
}

const texts: readonly string[] = [
  "",
  " ",
  "0",
  "-1",
  "1e309",
  "NaN",
  "null",
  "true",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "../../healthz",
  "..",
  "%00",
  "%2e%2e%2f",
  "%E0%A4%A",
  "\u0000",
  "\u202Egnp.exe",
  "\uD800",
  "İstanbul ﬁ 🦆",
  "'; DROP TABLE fleets; --",
  "{{hubToken}}",
  "${process.env.HF_TOKEN}",
  "<script>alert(1)</script>",
  "2026-11-23T18:00:00Z",
  "9".repeat(400),
  "a".repeat(5000),
];

const hostileText = fc.oneof(fc.constantFrom(...texts), fc.string({ unit: "binary", maxLength: 60 }));

const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, false, 0, -0, -1, 0.5, 1e308, -1e308, 2 ** 53, 2 ** 31, [], {}, [[]], [null]),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>({ toString: 1 }, { constructor: { prototype: {} } }, { length: -1 }, Array(50).fill("x")),
);

/** Something of the schema, or near it: patterns and bounds are heeded as far as it goes. */
function fitting(schema: Json): fc.Arbitrary<unknown> {
  const {
    type,
    enum: words,
    anyOf,
    const: only,
    properties,
    required,
    items,
    pattern,
    format,
  } = schema as {
    type?: string | readonly string[];
    enum?: readonly unknown[];
    anyOf?: readonly Json[];
    const?: unknown;
    properties?: Readonly<Record<string, Json>>;
    required?: readonly string[];
    items?: Json;
    pattern?: string;
    format?: string;
  };
  if (only !== undefined) return fc.constant(only);
  if (words !== undefined) return fc.constantFrom(...words);
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(fitting));
  if (Array.isArray(type)) return fc.oneof(...type.map((one: string) => fitting({ ...schema, type: one })));
  const { minimum = 0, maximum = 2000, minLength = 0, maxLength = 40 } = schema as Record<string, number | undefined>;
  switch (type) {
    case "integer":
      return fc.integer({ min: Math.max(minimum, 0), max: Math.min(maximum, 2000) });
    case "number":
      return fc.double({ min: 0.01, max: Math.min(maximum, 100), noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      if (format === "date-time") return fc.constant("2032-01-01T00:00:00Z");
      if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, "u"), { maxLength: 40 });
      return fc.string({ minLength, maxLength: Math.min(maxLength, 40) });
    case "array":
      return fc.array(fitting(items ?? {}), { minLength: 1, maxLength: 3 });
    case "object": {
      const fields = Object.entries(properties ?? {}).map(([name, field]) => [name, fitting(field)] as const);
      const requiredKeys = (required ?? []).filter((name) => properties?.[name] !== undefined);
      return fc.record(Object.fromEntries(fields), { requiredKeys });
    }
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

/** What fits, with one thing wrong: a field too many, of another kind, or missing. */
function broken(schema: Json): fc.Arbitrary<unknown> {
  const fields = Object.keys((schema["properties"] ?? {}) as object);
  const name = fc.oneof(fc.constantFrom(...fields, "x"), hostileText);
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(fitting(schema), name, hostileValue).map(([value, key, odd]) => withField(value, key, odd)),
    },
    { weight: 2, arbitrary: fc.tuple(fitting(schema), name).map(([value, key]) => withField(value, key, undefined)) },
    { weight: 1, arbitrary: hostileValue },
  );
}

/** Also under the names that every object has: a plain assignment would set a prototype. */
function withField(value: unknown, key: string, field: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const copy: object = { ...value };
  return Object.defineProperty(copy, key, { value: field, enumerable: true, configurable: true, writable: true });
}

const rawBodies: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  "{",
  "nul",
  "undefined",
  "{'target':3}",
  '{"target":3}{',
  "[".repeat(20_000),
  '{"a":'.repeat(5000),
  "\u0000",
  new Uint8Array([0xff, 0xfe, 0x7b, 0x00]),
  "<xml/>",
  " ".repeat(70_000),
  "target=3&count=4",
];

/** Requests of an operation. `names`: path parameters that are really there. */
export function shots(operation: Operation, names: Readonly<Record<string, string>>): fc.Arbitrary<Shot> {
  const { path, parameters } = operation;
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  const schemas = Object.values(operation.body ?? {});
  const [schema] = schemas;
  // Where a body may also be plain text, nearly everything is one.
  const isStrict = schemas.length === 1;
  const step = ({ name }: { name: string }): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 8, arbitrary: fc.constant(names[name] ?? "1") },
      { weight: 1, arbitrary: hostileText.map((text) => encodeURIComponent(text.toWellFormed())) },
      {
        weight: 1,
        arbitrary: fc.constantFrom("0", "77", "999999999999999", "nobody", "%00", "..%2f..%2fhealthz", "%E0%A4%A"),
      },
    );
  const query = fc.array(
    fc.tuple(
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom("format", ...inQuery.map(({ name }) => name)) },
        { weight: 1, arbitrary: hostileText },
      ),
      fc.oneof(
        { weight: 1, arbitrary: hostileText },
        { weight: 3, arbitrary: fc.constantFrom("json", "text", "true", "1", "24h", "zeb") },
      ),
    ),
    { maxLength: 3 },
  );
  const headers = fc.record(
    {
      "Content-Type": fc.constantFrom(
        "application/json",
        "text/plain",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "x",
      ),
      Accept: fc.constantFrom("*/*", "text/plain", "application/xml", "text/plain;q=abc,,;", "x".repeat(3000)),
      "If-Match": fc.constantFrom("*", '"1"', 'W/"2"', "x", '"99999999999999999999"', ""),
      "Idempotency-Key": fc.oneof(fc.uuid(), fc.constantFrom("a b", "x".repeat(300), "__proto__")),
    },
    { requiredKeys: [] },
  );
  const body: fc.Arbitrary<Pick<Shot, "body" | "isWrong">> =
    schema === undefined
      ? fc.constant({ body: null, isWrong: false })
      : fc.oneof(
          { weight: 2, arbitrary: fitting(schema).map((value) => bodyOf(value, schema, isStrict)) },
          { weight: 7, arbitrary: broken(schema).map((value) => bodyOf(value, schema, isStrict)) },
          { weight: 1, arbitrary: fc.constantFrom(...rawBodies).map((raw) => ({ body: raw, isWrong: isStrict })) },
        );
  return fc
    .tuple(
      fc.tuple(...inPath.map(step)),
      fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: query }),
      headers,
      body,
    )
    .map(([steps, asked, sent, content]) => {
      const filled = inPath.reduce((text, { name }, index) => text.replace(`{${name}}`, steps[index] ?? ""), path);
      const search = new URLSearchParams(
        asked.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]),
      ).toString();
      return {
        operation,
        url: `http://keeper${filled}${search === "" ? "" : `?${search}`}`,
        headers: sent,
        ...content,
      };
    });
}

function bodyOf(value: unknown, schema: Json, isStrict: boolean): Pick<Shot, "body" | "isWrong"> {
  const text = JSON.stringify(value) ?? "{}";
  return { body: text, isWrong: isStrict && misfits(schema, JSON.parse(text)).length > 0 };
}
