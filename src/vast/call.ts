// One authorised call to Vast: pace hook, canonical URL, key in the header, answer read into a value or a failure.

import { err, ok, type Result } from "../fleet/result.ts";
import { registerSecrets } from "../log.ts";
import type { Outbound, OutboundRequest, Outcome } from "../outbound.ts";
import type { z } from "zod";
import {
  classifyAnswer,
  classifySilence,
  cleanMessage,
  parseEnvelope,
  type VastFailure,
  type VastRoute,
} from "./errors.ts";

export interface VastClientOptions {
  readonly outbound: Outbound;
  /** Base address without a path behind it, as `env.ts` gives it. */
  readonly baseUrl: string;
  /** `null`: every call answers `no-key` and nothing is sent. */
  readonly apiKey: string | null;
  /** Runs before each paced call. It may wait; a failure that it answers with is passed on and nothing is sent. */
  readonly before?: (route: VastRoute) => Promise<VastFailure | void>;
  /** Runs after each call that was sent, with its status and what was made of it: the pace learns here. */
  readonly after?: (route: VastRoute, status: number | "lost", failure: VastFailure | null) => void;
  readonly now?: () => number;
}

export interface VastCall {
  readonly route: VastRoute;
  readonly method: OutboundRequest["method"];
  /** With its trailing slash: a redirect would drop the key (Vast API reference §1). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface VastCaller {
  readonly now: () => number;
  /** The answer as it came, for calls whose refusals carry meaning of their own. `after` is left to the reader. */
  answer(call: VastCall): Promise<Result<Extract<Outcome, { kind: "answer" }>, VastFailure>>;
  /** The answer's object read by a schema; a refusal, in whatever form, is a failure. */
  read<Schema extends z.ZodType>(call: VastCall, schema: Schema): Promise<Result<z.output<Schema>, VastFailure>>;
  /** Tells the pace how a call went. */
  report(route: VastRoute, status: number | "lost", failure: VastFailure | null): void;
}

export function createVastCaller(options: VastClientOptions): VastCaller {
  const { outbound, apiKey } = options;
  registerSecrets([apiKey]);
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const now = options.now ?? Date.now;
  const report: VastCaller["report"] = (route, status, failure) => options.after?.(route, status, failure);

  const answer: VastCaller["answer"] = async (call) => {
    if (apiKey === null) return err({ kind: "no-key" });
    const held = await options.before?.(call.route);
    if (held) return err(held);
    const outcome = await outbound.send({
      method: call.method,
      url: `${baseUrl}${call.path}${queryString(call.query)}`,
      headers: {
        Authorization: `Bearer ${apiKey}`,
        Accept: "application/json",
        ...(call.body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    if (outcome.kind === "answer") return ok(outcome);
    const failure = classifySilence(outcome);
    if (outcome.kind === "lost") report(call.route, "lost", failure);
    return err(failure);
  };

  return {
    now,
    report,
    answer,
    async read(call, schema) {
      const answered = await answer(call);
      if (!answered.ok) return answered;
      const result = readAnswer(answered.value, call.route, schema, now());
      report(call.route, answered.value.status, result.ok ? null : result.error);
      return result;
    },
  };
}

function readAnswer<Schema extends z.ZodType>(
  answered: Extract<Outcome, { kind: "answer" }>,
  route: VastRoute,
  schema: Schema,
  nowMs: number,
): Result<z.output<Schema>, VastFailure> {
  const { json, isRefusal } = parseEnvelope(answered);
  if (isRefusal || json === null) return err(classifyAnswer(answered, route, nowMs));
  const parsed = schema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const message = cleanMessage(`${issue?.path.join(".") ?? "answer"}: ${issue?.message ?? "not as expected"}`);
  return err({ kind: "unreadable", status: answered.status, message });
}

function queryString(query: Readonly<Record<string, string>> = {}): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? "" : `?${text}`;
}
