// Requests and answers in process. The real classes read every body through streams, which costs more than all the rest of
// a call; these have what the Worker and the market use of them.

type Body = string | Uint8Array | LightBody | null | undefined;

class LightBody {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array }>; cancel(): Promise<void> } {
    let isRead = this.bytes.byteLength === 0;
    return {
      read: async () => {
        if (isRead) return { done: true };
        isRead = true;
        return { done: false, value: this.bytes };
      },
      cancel: async () => undefined,
    };
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class LightResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: LightBody | null;

  constructor(body?: Body, init: { readonly status?: number; readonly headers?: HeadersInit } = {}) {
    this.status = init.status ?? 200;
    this.headers = new Headers(init.headers);
    if (typeof body === "string") {
      this.body = new LightBody(encoder.encode(body));
      if (!this.headers.has("Content-Type")) this.headers.set("Content-Type", "text/plain;charset=UTF-8");
    } else if (body instanceof Uint8Array) this.body = new LightBody(body);
    else this.body = body ?? null;
  }

  static json(value: unknown, init: { readonly status?: number; readonly headers?: HeadersInit } = {}): LightResponse {
    const headers = new Headers(init.headers);
    if (!headers.has("Content-Type")) headers.set("Content-Type", "application/json");
    return new LightResponse(JSON.stringify(value), { ...init, headers });
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  async text(): Promise<string> {
    return this.body === null ? "" : decoder.decode(this.body.bytes);
  }
}

export class LightRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  readonly #body: string;

  constructor(url: string, init: RequestInit) {
    this.url = url;
    this.method = init.method ?? "GET";
    this.headers = new Headers(init.headers);
    this.signal = init.signal ?? new AbortController().signal;
    this.#body = typeof init.body === "string" ? init.body : "";
  }

  async text(): Promise<string> {
    return this.#body;
  }
}
