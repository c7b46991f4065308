// A refusal as every door writes it (RFC 9457).

import { z } from "zod";
import { type FieldError, problemKinds, type ProblemCode, problemType } from "../problem.ts";
import { partOf } from "./schema-of.ts";

const words: Readonly<Partial<Record<ProblemCode, readonly [detail: string, hint: string]>>> = {
  "fleet-not-found": ["there is no fleet named zebra", "GET /api/fleets lists the fleets"],
  "worker-not-found": ["fleet zeb has no worker 9", "GET /api/fleets/zeb lists the workers"],
  "invalid-request": ["not as expected: target", "errors says what each field takes; nothing has been changed"],
  "invalid-json": ["the body cannot be read as JSON", 'send an object such as {"count": 4}'],
  "body-too-large": ["a body may have 65536 bytes", "a whole spec is much shorter"],
  unauthorized: ["the request carries no bearer token", "send the header `Authorization: Bearer <token>`"],
  forbidden: ["the viewer's token reads and does dry runs; this needs the admin's", "use ADMIN_TOKEN"],
  "token-not-set": ["the secret ADMIN_TOKEN is missing", "set it with `wrangler secret put ADMIN_TOKEN`"],
  "confirm-required": [
    "fleets shows what would be ended; nothing has been done",
    'send the request again with "confirm": "mgxk3c9s-0f6c1c5d9c2f4f6a8b7e5d4c3b2a1908" within 5 minutes, or with "force": true',
  ],
  "version-mismatch": ["the fleet has version 4, not 3", "read it again and send the new ETag"],
  "history-unreachable": ["the database of history and blacklist (D1) does not answer", "ask again in a minute"],
  "market-unreachable": ["the market does not answer", "ask again in a minute; the workers go on without the market"],
  "internal-error": [
    "the log has it under 8d2f8a52-3c1c-4a43-9d8b-2a7a1d4d2f10",
    "look at GET /api/status before asking again",
  ],
};

const fieldError = partOf<FieldError>()({
  field: z.string().meta({ description: "`timeoutsSeconds.setup`; a header's or a parameter's name; `body`" }),
  expected: z.string(),
  got: z.string().exactOptional(),
});

/** Open: a confirmation lists what would be ended, a conflict who uses the thing. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: "Stable, for programs" }),
    detail: z.string().meta({ description: "What is wrong here" }),
    hint: z.string().meta({ description: "What to do" }),
    errors: z.array(fieldError).optional().meta({ description: "Each field that cannot be taken" }),
    confirm: z.string().optional().meta({ description: "Send the request again with this value to go on" }),
    expiresAt: z.iso.datetime().optional().meta({ description: "Until when `confirm` holds" }),
  })
  .meta({ ref: "Problem", description: "Why nothing was done", examples: [problemExample("fleet-not-found")] });

export function problemExample(code: ProblemCode) {
  const { status, title } = problemKinds[code];
  const [detail, hint] = words[code] ?? ["what is wrong here, in words", "what to do"];
  return {
    type: problemType(code),
    title,
    status,
    code,
    detail,
    hint,
    ...(code === "invalid-request" ? { errors: [{ field: "target", expected: "at most 1000", got: "5000" }] } : {}),
    ...(code === "confirm-required"
      ? { confirm: "mgxk3c9s-0f6c1c5d9c2f4f6a8b7e5d4c3b2a1908", expiresAt: "2026-11-23T18:05:00.000Z" }
      : {}),
  };
}
