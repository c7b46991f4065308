// GET /openapi.json: the doors as an OpenAPI 3.1 document, made from what stands beside their handlers (`describe.ts`).

import { Hono } from "hono";
import { generateSpecs, resolver } from "hono-openapi";
import { z } from "zod";
import type { Env } from "../env.ts";
import { version } from "../version.ts";
import { chapters, describe, json } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { problemKinds, type ProblemCode } from "./problem.ts";
import { problemExample, problemSchema } from "./schemas/problem.ts";
import { query } from "./validate.ts";

type Generated = Awaited<ReturnType<typeof generateSpecs>>;
type Operation = NonNullable<Generated["paths"][string]["get"]>;
interface Marked extends Operation {
  "x-refusals"?: readonly ProblemCode[];
  "x-role"?: string;
}

const METHODS = ["get", "put", "post", "patch", "delete"] as const;
const PROBLEM = "application/problem+json";
/** A path that is not here, or not under this method, is no operation. */
const doorCodes = (Object.keys(problemKinds) as ProblemCode[]).filter(
  (code) => code !== "no-such-door" && code !== "method-not-allowed",
);
const PROBLEM_SCHEMA = "#/components/schemas/Problem";

const documentation = {
  info: {
    title: "Fleetkeeper",
    version,
    description: [
      "Keeps fleets of rented GPU workers at their target size, healthy and under a price.",
      "",
      "Every door takes `Authorization: Bearer <token>`. A viewer's token reads and does dry runs, an admin's does all;",
      "`x-role` says which an operation needs. A GET answers JSON, or a terminal table for `Accept: text/plain` or",
      "`?format=text`. Unknown fields and parameters are refused by name. Refusals are problem details (RFC 9457) with a",
      "stable `code`; more fields may come to any answer.",
    ].join("\n"),
    license: { name: "MIT", identifier: "MIT" },
  },
  servers: [{ url: "/", description: "The deployment that serves this document" }],
  tags: Object.entries(chapters).map(([name, description]) => ({ name, description })),
  components: {
    securitySchemes: {
      token: {
        type: "http" as const,
        scheme: "bearer",
        description: "One of the deployment's tokens: ADMIN_TOKEN or VIEWER_TOKEN",
      },
      session: {
        type: "apiKey" as const,
        in: "cookie" as const,
        name: "__Host-fleetkeeper",
        description: "A browser that has logged in by POST /api/session",
      },
    },
    parameters: {
      IdempotencyKey: {
        in: "header" as const,
        name: "Idempotency-Key",
        description: "1 to 255 printable characters. The same request under the same key is done once in 24 hours",
        schema: { type: "string" as const, minLength: 1, maxLength: 255 },
        example: "5f0c1f0a-6f0e-4a9b-8f53-7f7d3c1f2a11",
      },
    },
  },
};

/** The document of an app. It takes some milliseconds: keep it. */
export async function openApiDocument(app: Hono<DoorEnv>): Promise<Generated> {
  const generated = await generateSpecs(app, {
    documentation,
    excludeStaticFile: false,
    defaultValidationErrorResponse: false,
  });
  const { components } = await resolver(problemSchema).toOpenAPISchema();
  generated.components.examples = Object.fromEntries(
    doorCodes.map((code) => [code, { summary: problemKinds[code].title, value: problemExample(code) }]),
  );
  generated.components.schemas = { ...generated.components.schemas, ...components?.schemas };
  for (const [path, item] of Object.entries(generated.paths)) {
    for (const method of METHODS) {
      const operation: Marked | undefined = item[method];
      if (operation !== undefined) complete(operation, { path, method });
    }
  }
  return generated;
}

interface Place {
  readonly path: string;
  readonly method: (typeof METHODS)[number];
}

/** Writes out what middlewares have only named: the role, the key of a write, the refusals by status. */
function complete(operation: Marked, { path, method }: Place): void {
  const isApi = path.startsWith("/api/");
  const isOpen = operation["x-role"] === undefined;
  // Before `authenticate` no key is kept: a session is nobody's yet.
  const hasKey = isApi && method !== "get" && !isOpen;
  const takes = (operation.parameters ?? []).length > 0 || operation.requestBody !== undefined;
  const codes = new Set<ProblemCode>([
    ...(operation["x-refusals"] ?? []),
    ...(takes ? (["invalid-request"] as const) : []),
    ...(operation.requestBody === undefined ? [] : (["invalid-json", "body-too-large"] as const)),
    ...(hasKey ? (["idempotency-key-reused", "idempotency-in-progress"] as const) : []),
    "internal-error",
  ]);
  delete operation["x-refusals"];
  operation.security = isOpen ? [] : [{ token: [] }, { session: [] }];
  if (hasKey)
    operation.parameters = [...(operation.parameters ?? []), { $ref: "#/components/parameters/IdempotencyKey" }];
  const byStatus = Map.groupBy(codes, (code) => problemKinds[code].status);
  for (const [status, group] of [...byStatus].toSorted(([a], [b]) => a - b)) {
    operation.responses = { ...operation.responses, [status]: refusal(group, operation.responses?.[status]) };
  }
}

/** `also`: what the door answers under the same status without being a refusal. */
function refusal(codes: readonly ProblemCode[], also: unknown) {
  const content = (also as { content?: object } | undefined)?.content ?? {};
  return {
    description: codes.map((code) => `\`${code}\`: ${problemKinds[code].title}`).join("; "),
    content: {
      ...content,
      [PROBLEM]: {
        schema: {
          allOf: [
            { $ref: PROBLEM_SCHEMA },
            { type: "object" as const, properties: { code: { enum: [...codes] } }, additionalProperties: true },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

/** The door of the document of `app`: as the build has written it, else made at the first question. */
export function openApiDoor(app: Hono<DoorEnv>) {
  let made: Promise<Generated> | null = null;
  return new Hono<DoorEnv>().get(
    "/openapi.json",
    describe("readOpenApi", {
      chapter: "Service",
      summary: "This document",
      answers: { 200: json(documentSchema) },
      refusals: ["invalid-request"],
    }),
    query(z.strictObject({})),
    async (c) => (await readBuilt(c.env)) ?? c.json(await (made ??= openApiDocument(app))),
  );
}

const documentSchema = z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) });

/** Making it costs more than a free plan's 10 ms of processor time (platform reference §1), so the build makes it too. */
async function readBuilt({ ASSETS }: Env): Promise<Response | null> {
  const file = await ASSETS?.fetch("http://assets/openapi.json");
  return file?.ok === true ? new Response(file.body, { headers: { "Content-Type": "application/json" } }) : null;
}
