// One call to the Hub. Redirects are followed here, because the outbound gate follows none: within the Hub with the
// token (its small files live behind one), anywhere else without it.

import { err, ok, type Result } from "../fleet/result.ts";
import { registerSecrets } from "../log.ts";
import type { Outbound, Outcome } from "../outbound.ts";
import type { z } from "zod";
import { classifyAnswer, classifySilence, type HubFailure } from "./errors.ts";

/** resolve → resolve-cache is one hop, a renamed repo another (observed 2026-07). */
const REDIRECTS_MAX = 4;
/** Where the Hub keeps large files; only reached by redirect, never with the token. */
const STORAGE_HOSTS = ["*.hf.co", "*.huggingface.co"];

export interface HubClientOptions {
  readonly outbound: Outbound;
  /** Base address without a path behind it, as `env.ts` gives it. */
  readonly baseUrl: string;
  /** `null`: public repos can still be read. */
  readonly token: string | null;
}

type Answer = Extract<Outcome, { kind: "answer" }>;

export interface HubPage<Value> {
  readonly value: Value;
  /** `null` on the last page. */
  readonly nextUrl: string | null;
}

export interface HubCaller {
  /**
   * The last answer of the chain of redirects. `stopAtStorage`: a redirect out of the Hub is an answer by itself, which
   * is enough to know that a file is there.
   */
  send(method: "GET" | "HEAD", url: string, stopAtStorage?: boolean): Promise<Result<Answer, HubFailure>>;
  /** A GET whose 2xx body is read by a schema, with the address of the next page (`null`: none). */
  read<Schema extends z.ZodType>(url: string, schema: Schema): Promise<Result<HubPage<z.output<Schema>>, HubFailure>>;
  url(path: string): string;
}

/** Entries of the outbound allow-list that this client needs. None for a bad URL. */
export function hubHosts(hubUrl: string): readonly string[] {
  if (!URL.canParse(hubUrl)) return [];
  return [new URL(hubUrl).host, ...STORAGE_HOSTS];
}

export function createHubCaller(options: HubClientOptions): HubCaller {
  registerSecrets([options.token]);
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const hubOrigin = URL.canParse(baseUrl) ? new URL(baseUrl).origin : null;

  const send: HubCaller["send"] = async (method, firstUrl, stopAtStorage = false) => {
    let url = firstUrl;
    for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
      const isHub = hubOrigin !== null && new URL(url).origin === hubOrigin;
      const headers = isHub && options.token !== null ? { Authorization: `Bearer ${options.token}` } : {};
      const outcome = await options.outbound.send({ method, url, headers });
      if (outcome.kind !== "answer") return err(classifySilence(outcome));
      const target = redirectTarget(outcome, url);
      if (target === null || (stopAtStorage && new URL(target).origin !== hubOrigin)) return ok(outcome);
      url = target;
    }
    return err({ kind: "unreadable", status: 302, message: "the Hub redirects in a circle" });
  };

  return {
    send,
    url: (path) => `${baseUrl}${path}`,
    async read(url, schema) {
      const sent = await send("GET", url);
      if (!sent.ok) return sent;
      const answer = sent.value;
      if (answer.status < 200 || answer.status >= 300) return err(classifyAnswer(answer));
      const parsed = schema.safeParse(parseJson(answer.text));
      if (parsed.success) return ok({ value: parsed.data, nextUrl: nextPage(answer.headers, url, hubOrigin) });
      const [issue] = parsed.error.issues;
      const message = `${issue?.path.join(".") ?? "answer"}: ${issue?.message ?? "not as expected"}`.slice(0, 300);
      return err({ kind: "unreadable", status: answer.status, message });
    },
  };
}

/** Where a redirect leads; `null` for any other answer. */
function redirectTarget(answer: Answer, from: string): string | null {
  const location = answer.headers.get("Location");
  if (answer.status < 300 || answer.status >= 400 || location === null || !URL.canParse(location, from)) return null;
  return new URL(location, from).href;
}

/** The `rel="next"` address of a Link header; one outside the Hub is not believed. */
function nextPage(headers: Headers, from: string, hubOrigin: string | null): string | null {
  const target = /<([^<>]{1,4000})>\s*;\s*rel="?next"?/.exec(headers.get("Link") ?? "")?.[1];
  if (target === undefined || !URL.canParse(target, from)) return null;
  const url = new URL(target, from);
  return url.origin === hubOrigin ? url.href : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No schema accepts undefined: the answer becomes unreadable.
    return undefined;
  }
}
