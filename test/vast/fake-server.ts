// A server behind a fake `fetch`: answers in order or by function, and remembers every call as it left.

export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: unknown;
  readonly redirect: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export type Answer = Response | Promise<Response>;

export interface FakeServer {
  readonly calls: readonly Call[];
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** Answers by function, or one answer after the other; a call beyond the last is a network error. */
export function fakeServer(answers: ((call: Call, index: number) => Answer) | readonly Answer[]): FakeServer {
  const calls: Call[] = [];
  return {
    calls,
    async fetch(url, init) {
      const call: Call = {
        method: init.method ?? "GET",
        url: new URL(url),
        headers: new Headers(init.headers as HeadersInit),
        body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : undefined,
        redirect: init.redirect,
        signal: init.signal ?? undefined,
      };
      calls.push(call);
      const answer = typeof answers === "function" ? answers(call, calls.length - 1) : answers[calls.length - 1];
      if (answer === undefined) throw new TypeError("fetch failed");
      return answer;
    },
  };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
}

export function text(body: string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers });
}

/** A call that never answers; it ends only when the caller leaves. */
export function hang(call: Call): Promise<Response> {
  return new Promise((_, reject) => {
    call.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
  });
}

/** A body made of these pieces that then stays open (`"open"`), breaks (`"cut"`) or ends. */
export function streamed(
  pieces: readonly string[],
  end: "close" | "open" | "cut" = "close",
  onCancel = (): void => {},
): Response {
  const encoder = new TextEncoder();
  let next = 0;
  const body = new ReadableStream({
    pull(controller) {
      const piece = pieces[next];
      next += 1;
      if (piece !== undefined) controller.enqueue(encoder.encode(piece));
      else if (end === "close") controller.close();
      else if (end === "cut") controller.error(new TypeError("terminated"));
      else return new Promise<void>(() => {});
      return undefined;
    },
    cancel: onCancel,
  });
  return new Response(body as unknown as BodyInit);
}
