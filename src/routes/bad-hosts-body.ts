// The body of an import of bad hosts: the old file as it is, or a JSON list.

import type { Context } from "hono";
import { resolver } from "hono-openapi";
import { z } from "zod";
import { parseBadHosts } from "../fleet/bad-hosts.ts";
import type { DoorEnv } from "./door.ts";
import { fieldErrors, shownText } from "./field-errors.ts";
import { invalidRequest, problem, type ProblemResponse } from "./problem.ts";
import { bodyText } from "./validate.ts";

const BAD_LINES_SHOWN = 20;
const EXPECTED = "machine ids and white space (with curl: --data-binary @bad-hosts.txt, which keeps the ends of lines)";

const listSchema = z.strictObject({ machineIds: z.array(z.int().min(1).max(9_999_999_999)).min(1) });

/** The body for the OpenAPI document. */
export const badHostsContent = {
  "application/json": {
    schema: resolver(listSchema.meta({ ref: "BadHosts", examples: [{ machineIds: [4411, 4411, 5502] }] })),
  },
  "text/plain": { schema: { type: "string" as const }, example: "4411\n4411\n5502\n" },
};

/** The machine ids, one for each strike, or the answer that names what cannot be read. Nothing is taken over in part. */
export async function readBadHosts(c: Context<DoorEnv>): Promise<number[] | ProblemResponse> {
  const text = (await bodyText(c)).replace(/^\uFEFF/, "");
  if (/^\s*[{[]/.test(text)) return readList(text);
  const parsed = parseBadHosts(text);
  if (!parsed.ok) {
    const errors = parsed.error
      .slice(0, BAD_LINES_SHOWN)
      .map(({ line, text: got }) => ({ field: `line ${line}`, expected: EXPECTED, got: shownText(got) }));
    return invalidRequest(errors);
  }
  if (parsed.value.length > 0) return parsed.value;
  return invalidRequest([{ field: "body", expected: EXPECTED, got: "nothing" }]);
}

function readList(text: string): number[] | ProblemResponse {
  const value = parseJson(text);
  if (value === undefined) {
    const hint = 'send {"machineIds": [4411, 4411, 5502]}, or the old file as it is';
    return problem({ code: "invalid-json", detail: "the body cannot be read as JSON", hint });
  }
  const parsed = listSchema.safeParse(value, { reportInput: true });
  return parsed.success ? parsed.data.machineIds : invalidRequest(fieldErrors(parsed.error, listSchema));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
