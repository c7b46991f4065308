// The one place where bytes leave: host allow-list, five calls in flight, time-out, body cap, no redirects followed.
// It answers with what happened on the wire and judges nothing: what a status means is for the client that asked.

/** Sent with every call. */
export const USER_AGENT = "fleetkeeper/0.1.0";

/** A Worker queues the seventh call that waits for headers, silently (platform reference §1); one is left for the runtime. */
export const SLOTS_DEFAULT = 5;
/** Ten seconds flaps, none hangs for ever (Vast API reference §8). */
const TIMEOUT_MS_DEFAULT = 30_000;
/** A page of 64 offers is about 150 kB. */
const BODY_BYTES_DEFAULT = 4 * 1024 * 1024;
/** A body read for its tail is read to its end; past this it is given up, so that a chatty box cannot eat the CPU time. */
const TAIL_READ_BYTES_LIMIT = 64 * 1024 * 1024;

export const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface OutboundRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SendOptions {
  /** Counted from the moment the slot is taken, body included. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** Which end of a longer body is kept. Logs need the tail. */
  readonly keep?: "head" | "tail";
}

export type Outcome =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Headers;
      readonly text: string;
      /** True where the body was longer than the cap and `text` is only one end of it. */
      readonly truncated: boolean;
    }
  /** Sent, and nobody knows whether it arrived: time-out, network error, body cut. */
  | { readonly kind: "lost"; readonly reason: string }
  /** Nothing left this machine. */
  | { readonly kind: "not-sent"; readonly reason: string };

export interface Outbound {
  send(request: OutboundRequest, options?: SendOptions): Promise<Outcome>;
}

/** Places for calls in flight. One set per invocation or object, shared by its clients: the limit of six is theirs together. */
export interface Slots {
  readonly inFlight: number;
  /** Resolves when a place is free, first come first served, with the function that gives it back. */
  take(): Promise<() => void>;
}

export interface OutboundOptions {
  readonly fetch: Fetch;
  /** "host" (default port), "host:port", "host:*" (any port) or "*.domain" (any host below it). */
  readonly allowedHosts: readonly string[];
  readonly slots?: number | Slots;
  readonly timeoutMs?: number;
}

/** Only a loopback host may be called without TLS. Takes `URL.hostname`, in which IPv6 has brackets. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK_HOSTS.has(hostname);
}

export function createSlots(count: number = SLOTS_DEFAULT): Slots {
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next) next();
    else inFlight -= 1;
  };
  return {
    get inFlight() {
      return inFlight;
    },
    async take() {
      if (inFlight < count) inFlight += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      let isHeld = true;
      return () => {
        if (isHeld) giveBack();
        isHeld = false;
      };
    },
  };
}

export function createOutbound(options: OutboundOptions): Outbound {
  // Called without a receiver: the platform's own fetch refuses any other `this`.
  const { fetch: fetchUrl, allowedHosts, timeoutMs = TIMEOUT_MS_DEFAULT } = options;
  const slots = typeof options.slots === "object" ? options.slots : createSlots(options.slots);
  return {
    async send(request, sendOptions = {}) {
      const problem = requestProblem(request, allowedHosts);
      if (problem !== null) return { kind: "not-sent", reason: problem };
      const release = await slots.take();
      try {
        return await exchange(fetchUrl, request, { timeoutMs, ...sendOptions });
      } finally {
        release();
      }
    },
  };
}

/** Why a request may not leave, in words without its path or query; `null` when it may. */
function requestProblem(request: OutboundRequest, allowedHosts: readonly string[]): string | null {
  if (!URL.canParse(request.url)) return "the URL cannot be read";
  const url = new URL(request.url);
  if (url.username !== "" || url.password !== "") return "a URL may not carry credentials";
  const isPlainLoopback = url.protocol === "http:" && isLoopbackHost(url.hostname);
  if (url.protocol !== "https:" && !isPlainLoopback) return `${url.protocol}//${url.host} is not https`;
  if (!allowedHosts.some((rule) => matchesHost(url, rule))) return `${url.host} is not a host this deployment may call`;
  if (request.body !== undefined && (request.method === "GET" || request.method === "HEAD")) {
    return `a ${request.method} may not carry a body`;
  }
  return null;
}

function matchesHost(url: URL, rule: string): boolean {
  if (rule.startsWith("*.")) return url.port === "" && url.hostname.endsWith(rule.slice(1));
  if (rule.endsWith(":*")) return url.hostname === rule.slice(0, -2);
  return url.host === rule;
}

async function exchange(
  fetchUrl: Fetch,
  request: OutboundRequest,
  options: SendOptions & { readonly timeoutMs: number },
): Promise<Outcome> {
  const controller = new AbortController();
  const timeout = Promise.withResolvers<Outcome>();
  // Not AbortSignal.timeout: that runs on real time in tests and cannot be stopped.
  const timer = setTimeout(() => {
    timeout.resolve({ kind: "lost", reason: `no whole answer within ${options.timeoutMs} ms` });
    controller.abort();
  }, options.timeoutMs);
  try {
    return await Promise.race([timeout.promise, roundTrip(fetchUrl, request, options, controller.signal)]);
  } finally {
    clearTimeout(timer);
  }
}

/** Never rejects: what goes wrong after the time-out has been answered is nobody's business any more. */
async function roundTrip(
  fetchUrl: Fetch,
  request: OutboundRequest,
  options: SendOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const response = await fetchUrl(request.url, {
      method: request.method,
      headers: { "User-Agent": USER_AGENT, ...request.headers },
      redirect: "manual",
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const body = await readBody(response, options, signal);
    if (body === null) return { kind: "lost", reason: "the body was cut off or did not end" };
    return { kind: "answer", status: response.status, headers: response.headers, ...body };
  } catch (error) {
    return { kind: "lost", reason: `network error (${error instanceof Error ? error.name : "unknown"})` };
  }
}

/** The body's text up to the cap, or `null` when it broke off. The stream is always read out or cancelled. */
async function readBody(
  response: Response,
  options: SendOptions,
  signal: AbortSignal,
): Promise<{ text: string; truncated: boolean } | null> {
  if (response.body === null) return { text: "", truncated: false };
  const { maxBytes = BODY_BYTES_DEFAULT, keep = "head" } = options;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const cancel = (): void => {
    // A stream that cannot even be cancelled has nothing left to lose.
    reader.cancel().catch(() => undefined);
  };
  signal.addEventListener("abort", cancel, { once: true });
  const chunks: Uint8Array[] = [];
  let kept = 0;
  let read = 0;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      kept += value.byteLength;
      read += value.byteLength;
      if (keep === "head" && kept > maxBytes) break;
      for (let first = chunks[0]; keep === "tail" && first && kept - first.byteLength >= maxBytes; first = chunks[0]) {
        kept -= first.byteLength;
        chunks.shift();
      }
      if (read > TAIL_READ_BYTES_LIMIT) return null;
    }
  } catch {
    return null;
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
  const bytes = join(chunks, kept);
  const end = keep === "head" ? bytes.subarray(0, maxBytes) : bytes.subarray(Math.max(0, kept - maxBytes));
  return { text: new TextDecoder().decode(end), truncated: read > maxBytes };
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
