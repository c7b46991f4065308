// Every refusal as application/problem+json (RFC 9457), from one table of codes. A code without a row does not compile.

import type { TypedResponse } from "hono";
import type { DoorRefusal, LogReadFailure } from "../durable/rpc.ts";

export type ProblemCode =
  | DoorRefusal["code"]
  | LogReadFailure["code"]
  | "token-not-set"
  | "unauthorized"
  | "forbidden"
  | "foreign-origin"
  | "access-unreachable"
  | "too-many-requests"
  | "no-such-door"
  | "method-not-allowed"
  | "invalid-request"
  | "invalid-json"
  | "body-too-large"
  | "confirm-required"
  | "confirm-expired"
  | "idempotency-key-reused"
  | "idempotency-in-progress"
  | "no-such-report"
  | "no-receiver"
  | "hook-not-set"
  | "hook-refused"
  | "history-unreachable"
  | "upgrade-required"
  | "too-many-viewers"
  | "internal-error";

export const problemKinds: Readonly<Record<ProblemCode, { readonly status: ProblemStatus; readonly title: string }>> = {
  "fleet-not-found": { status: 404, title: "No such fleet" },
  "worker-not-found": { status: 404, title: "No such worker" },
  "version-mismatch": { status: 412, title: "The fleet has changed since you read it" },
  "fleet-is-down": { status: 409, title: "The fleet is down" },
  "fleet-is-new": { status: 409, title: "The fleet is new" },
  "not-empty": { status: 409, title: "The fleet is not empty" },
  "confirm-mismatch": { status: 409, title: "Something else would be ended than what was confirmed" },
  "is-stray": { status: 409, title: "No fleet of this keeper owns the instance" },
  "not-a-stray": { status: 409, title: "The instance is a fleet's" },
  "stray-is-ending": { status: 409, title: "The instance has been ordered to go" },
  "check-running": { status: 409, title: "A CHECK is running" },
  "workload-not-found": { status: 404, title: "No such workload" },
  "workload-is-built-in": { status: 409, title: "The workload comes with the code" },
  "workload-in-use": { status: 409, title: "Fleets use the workload" },
  "storage-unavailable": { status: 503, title: "D1 does not answer" },
  "invalid-spec": { status: 422, title: "The spec cannot be" },
  "no-such-instance": { status: 404, title: "No such instance" },
  "instance-ended": { status: 410, title: "The instance has ended" },
  "log-not-ready": { status: 503, title: "The log is not ready" },
  "market-unreachable": { status: 502, title: "The market does not answer" },
  "no-credentials": { status: 503, title: "The market's key is missing or refused" },
  "token-not-set": { status: 503, title: "No token is set" },
  unauthorized: { status: 401, title: "A token is needed" },
  forbidden: { status: 403, title: "This token may not do that" },
  "foreign-origin": { status: 403, title: "Another site's page asks" },
  "access-unreachable": { status: 503, title: "Cloudflare Access does not answer" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "no-such-door": { status: 404, title: "Nothing is here" },
  "method-not-allowed": { status: 405, title: "The path has other methods" },
  "invalid-request": { status: 422, title: "The request cannot be understood" },
  "invalid-json": { status: 400, title: "The body is not JSON" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "confirm-required": { status: 409, title: "This ends instances and needs a confirmation" },
  "confirm-expired": { status: 409, title: "The confirmation has expired" },
  "idempotency-key-reused": { status: 422, title: "The Idempotency-Key belongs to another request" },
  "idempotency-in-progress": {
    status: 409,
    title: "The first request with this Idempotency-Key has not been answered",
  },
  "no-receiver": { status: 409, title: "There is no receiver of alerts" },
  "hook-not-set": { status: 503, title: "This hook is not set up" },
  "hook-refused": { status: 401, title: "The signature is not right" },
  "no-such-report": { status: 404, title: "No such report" },
  "history-unreachable": { status: 503, title: "The history does not answer" },
  "upgrade-required": { status: 426, title: "This door is a WebSocket" },
  "too-many-viewers": { status: 503, title: "Too many pages are open" },
  "internal-error": { status: 500, title: "Something went wrong here" },
};

export interface FieldError {
  /** `timeoutsSeconds.setup`; a header's or a query parameter's name; `body` for the whole body. */
  readonly field: string;
  readonly expected: string;
  /** What was sent, cut short; left out where showing it helps nobody. */
  readonly got?: string;
}

export interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly hint: string;
  readonly errors?: readonly FieldError[];
  /** Further members of the answer, such as what a confirmation is about. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal as a typed client reads it; what a confirmation lists comes besides. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly hint: string;
  readonly errors?: readonly FieldError[];
  readonly confirm?: string;
  readonly expiresAt?: string;
}

type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 410 | 412 | 413 | 422 | 426 | 429 | 500 | 502 | 503;
export type ProblemResponse = Response & TypedResponse<ProblemDocument, ProblemStatus, "json">;

export function problem({ code, detail, hint, errors, more = {}, headers = {} }: Problem): ProblemResponse {
  const { status, title } = problemKinds[code];
  const type = problemType(code);
  const body = { type, title, status, code, detail, hint, ...(errors === undefined ? {} : { errors }), ...more };
  const all = { ...headers, "Content-Type": "application/problem+json" };
  // The type tells a typed client what it would otherwise not know; the runtime has nothing of it.
  return Response.json(body, { status, headers: all }) as ProblemResponse;
}

/** The stable name of a kind of problem, for programs. */
export function problemType(code: ProblemCode): string {
  return `urn:fleetkeeper:problem:${code}`;
}

export function invalidRequest(errors: readonly FieldError[]): ProblemResponse {
  const fields = errors.map(({ field }) => field).join(", ");
  return problem({
    code: "invalid-request",
    detail: `not as expected: ${fields}`,
    hint: "errors says what each field takes; nothing has been changed",
    errors,
  });
}

export function fleetNotFound(fleet: string): ProblemResponse {
  return problem({
    code: "fleet-not-found",
    detail: `there is no fleet named ${fleet}`,
    hint: "GET /api/fleets lists the fleets; PUT /api/fleets/{fleet} or POST …/up makes one",
  });
}
