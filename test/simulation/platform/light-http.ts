// Requests and answers in process. The real classes read every body through streams, which costs more than all the rest of
// a call; these have what the Worker and the market use of them.

type Body = string | Uint8Array | LightBody | null | undefined;

interface LightInit {
  readonly status?: number;
  readonly headers?: HeadersInit | LightHeaders;
}

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

/** Of the platform's class: what is called, names without regard to case. */
class LightHeaders {
  readonly #values = new Map<string, string>();

  constructor(init?: HeadersInit | LightHeaders) {
    if (init instanceof LightHeaders) for (const [name, value] of init.#values) this.#values.set(name, value);
    else if (Array.isArray(init) || init instanceof Headers) for (const [name, value] of init) this.append(name, value);
    else for (const name of Object.keys(init ?? {})) this.set(name, (init as Record<string, string>)[name] ?? "");
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), value);
  }

  append(name: string, value: string): void {
    const known = this.get(name);
    this.set(name, known === null ? value : `${known}, ${value}`);
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  forEach(each: (value: string, name: string) => void): void {
    for (const [name, value] of this.#values) each(value, name);
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#values[Symbol.iterator]();
  }
}

/** A signal with its listeners in a list. */
class LightSignal {
  aborted = false;
  reason: unknown;
  readonly #listeners: (() => void)[] = [];

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index !== -1) this.#listeners.splice(index, 1);
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners.slice()) listener();
  }
}

export class LightAbortController {
  readonly signal = new LightSignal();

  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    this.signal.abort(reason);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class LightResponse {
  readonly status: number;
  readonly headers: LightHeaders;
  readonly body: LightBody | null;

  constructor(body?: Body, init: LightInit = {}) {
    this.status = init.status ?? 200;
    this.headers = new LightHeaders(init.headers);
    if (typeof body === "string") {
      this.body = new LightBody(encoder.encode(body));
      if (!this.headers.has("Content-Type")) this.headers.set("Content-Type", "text/plain;charset=UTF-8");
    } else if (body instanceof Uint8Array) this.body = new LightBody(body);
    else this.body = body ?? null;
  }

  static json(value: unknown, init: LightInit = {}): LightResponse {
    const headers = new LightHeaders(init.headers);
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
  readonly headers: LightHeaders;
  readonly signal: AbortSignal | LightSignal;
  readonly #body: string;

  constructor(url: string, init: RequestInit) {
    this.url = url;
    this.method = init.method ?? "GET";
    this.headers = new LightHeaders(init.headers);
    this.signal = init.signal ?? new LightSignal();
    this.#body = typeof init.body === "string" ? init.body : "";
  }

  async text(): Promise<string> {
    return this.#body;
  }
}
