import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import {
  createOutbound,
  createSlots,
  USER_AGENT,
  type OutboundRequest,
  type Outcome,
  type SendOptions,
} from "../src/outbound.ts";
import { fakeServer, hang, streamed, text, type Answer, type Call } from "./vast/fake-server.ts";

const HOSTS = ["console.vast.ai", "127.0.0.1:8788", "localhost:*", "*.hf.co"];

function anOutbound(answers: ((call: Call, index: number) => Answer) | readonly Answer[], slots: number = 5) {
  const server = fakeServer(answers);
  const outbound = createOutbound({ fetch: server.fetch, allowedHosts: HOSTS, slots });
  const get = (url = "https://console.vast.ai/x", options?: SendOptions) =>
    outbound.send({ method: "GET", url }, options);
  return { calls: server.calls, outbound, get };
}

describe("which calls may leave", () => {
  it.each([
    "https://console.vast.ai/api/v1/instances/",
    "http://127.0.0.1:8788/api",
    "http://localhost:4000/log",
    "https://cas-bridge.xethub.hf.co/blob?X-Amz-Signature=1",
  ])("sends to %s", async (url) => {
    const { get, calls } = anOutbound([text("yes")]);
    expect(await get(url)).toMatchObject({ kind: "answer", status: 200, text: "yes" });
    expect(calls).toHaveLength(1);
  });

  it.each([
    ["another host", "https://example.com/"],
    ["a host that begins like an allowed one", "https://console.vast.ai.example.com/"],
    ["a host that ends like an allowed one", "https://evil-console.vast.ai/"],
    ["a host that ends like an allowed domain", "https://evilhf.co/"],
    ["an allowed host on another port", "https://console.vast.ai:8443/"],
    ["a domain rule on another port", "https://cdn.hf.co:8443/"],
    ["a loopback port that is not listed", "http://127.0.0.1:9999/"],
    ["plain http to a host that is not loopback", "http://console.vast.ai/"],
    ["another protocol", "ftp://console.vast.ai/"],
    ["credentials in the URL", "https://me:pass@console.vast.ai/"],
    ["text that is no URL", "console.vast.ai/api"],
  ])("does not send to %s", async (_name, url) => {
    const { get, calls } = anOutbound([text("no")]);
    expect(await get(url)).toMatchObject({ kind: "not-sent" });
    expect(calls).toHaveLength(0);
  });

  it.each(["GET", "HEAD"] as const)("never sends a body with %s", async (method) => {
    const { outbound, calls } = anOutbound([text("no")]);
    const request: OutboundRequest = { method, url: "https://console.vast.ai/", body: "{}" };
    expect(await outbound.send(request)).toMatchObject({ kind: "not-sent" });
    expect(calls).toHaveLength(0);
  });

  it("says why without the path, the query or the credentials of the URL", async () => {
    const { get } = anOutbound([]);
    for (const url of ["https://example.com/secret-path?api_key=secret", "https://me:secret@console.vast.ai/"]) {
      expect(JSON.stringify(await get(url))).not.toContain("secret");
    }
  });
});

describe("one call", () => {
  it("hands a redirect back instead of following it", async () => {
    const { get, calls } = anOutbound([text("", 308, { Location: "https://example.com/" })]);
    expect(await get()).toMatchObject({ kind: "answer", status: 308 });
    expect(calls).toHaveLength(1);
    expect(calls[0]?.redirect).toBe("manual");
  });

  it("names this program and its version", async () => {
    const { get, calls } = anOutbound([text("")]);
    await get();
    expect(calls[0]?.headers.get("User-Agent")).toBe(USER_AGENT);
    expect(USER_AGENT).toBe(`fleetkeeper/${packageJson.version}`);
  });

  it("calls the platform's fetch without a receiver, which it insists on", async () => {
    const receivers: unknown[] = [];
    function strictFetch(this: unknown): Promise<Response> {
      receivers.push(this);
      return Promise.resolve(text("ok"));
    }
    await createOutbound({ fetch: strictFetch, allowedHosts: HOSTS }).send({
      method: "GET",
      url: "https://console.vast.ai/",
    });
    expect(receivers).toEqual([undefined]);
  });

  it("reports a network error as lost, without the error's text", async () => {
    const { get } = anOutbound(() =>
      Promise.reject(new TypeError("connect to https://console.vast.ai/?key=secret failed")),
    );
    expect(await get()).toEqual({ kind: "lost", reason: "network error (TypeError)" });
  });

  it("reports a body that breaks off as lost", async () => {
    const { get } = anOutbound([streamed(["half of the ans"], "cut")]);
    expect(await get()).toMatchObject({ kind: "lost" });
  });
});

describe("the body cap", () => {
  it("keeps the head by default, and cancels the rest", async () => {
    const cancelled = vi.fn<() => void>();
    const { get } = anOutbound([streamed(["abcd", "efgh", "ijkl"], "open", cancelled)]);
    expect(await get(undefined, { maxBytes: 6 })).toMatchObject({ kind: "answer", text: "abcdef", truncated: true });
    expect(cancelled).toHaveBeenCalledOnce();
  });

  it.each([
    [["abcd", "efgh", "ijkl"], 6, "ghijkl"],
    [["abcdefghijkl"], 6, "ghijkl"],
    [["a", "b", "c", "d", "e"], 2, "de"],
    [["abc", "def"], 3, "def"],
  ])("keeps the tail of %j where %i bytes are kept", async (pieces, maxBytes, kept) => {
    const { get } = anOutbound([streamed(pieces)]);
    expect(await get(undefined, { maxBytes, keep: "tail" })).toMatchObject({ text: kept, truncated: true });
  });

  it.each(["head", "tail"] as const)("does not call a body of exactly the cap truncated (%s)", async (keep) => {
    const { get } = anOutbound([streamed(["abc", "def"])]);
    expect(await get(undefined, { maxBytes: 6, keep })).toMatchObject({ text: "abcdef", truncated: false });
  });

  it("takes an answer without a body", async () => {
    const { get } = anOutbound([new Response(null, { status: 204 })]);
    expect(await get()).toMatchObject({ kind: "answer", status: 204, text: "", truncated: false });
  });
});

describe("time and slots", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("gives a call that never answers up at its time-out, not before, and aborts it", async () => {
    const { get, calls } = anOutbound(hang);
    const outcome = vi.fn<(outcome: Outcome) => void>();
    void get(undefined, { timeoutMs: 1000 }).then(outcome);
    await vi.advanceTimersByTimeAsync(999);
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toHaveBeenCalledWith({ kind: "lost", reason: "no whole answer within 1000 ms" });
    expect(calls[0]?.signal?.aborted).toBe(true);
  });

  it("waits 30 s where nothing else is said", async () => {
    const { get } = anOutbound(hang);
    const outcome = vi.fn<(outcome: Outcome) => void>();
    void get().then(outcome);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toHaveBeenCalledOnce();
  });

  it("counts a body that does not end into the time-out, and cancels it", async () => {
    const cancelled = vi.fn<() => void>();
    const { get } = anOutbound([streamed(["some"], "open", cancelled)]);
    const outcome = vi.fn<(outcome: Outcome) => void>();
    void get(undefined, { timeoutMs: 1000 }).then(outcome);
    await vi.advanceTimersByTimeAsync(1000);
    expect(outcome).toHaveBeenCalledWith(expect.objectContaining({ kind: "lost" }));
    expect(cancelled).toHaveBeenCalled();
  });

  it("gives up even on a fetch that ignores its abort signal", async () => {
    const { get } = anOutbound(() => new Promise<Response>(() => {}));
    const outcome = vi.fn<(outcome: Outcome) => void>();
    void get(undefined, { timeoutMs: 1000 }).then(outcome);
    await vi.advanceTimersByTimeAsync(1000);
    expect(outcome).toHaveBeenCalledWith(expect.objectContaining({ kind: "lost" }));
  });

  it("starts the time-out of a waiting call only when it has its slot", async () => {
    const { get, calls } = anOutbound(hang, 1);
    const [first, second] = [vi.fn<(outcome: Outcome) => void>(), vi.fn<(outcome: Outcome) => void>()];
    void get(undefined, { timeoutMs: 1000 }).then(first);
    void get(undefined, { timeoutMs: 1000 }).then(second);
    await vi.advanceTimersByTimeAsync(1000);
    expect(first).toHaveBeenCalledOnce();
    expect(second).not.toHaveBeenCalled();
    expect(calls).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(999);
    expect(second).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(second).toHaveBeenCalledWith(expect.objectContaining({ kind: "lost" }));
  });

  it("has at most five calls in flight, also with twelve that hang", async () => {
    let [inFlight, most] = [0, 0];
    const { get, calls } = anOutbound(async (call) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      return hang(call).finally(() => (inFlight -= 1));
    });
    const all = Promise.all(Array.from({ length: 12 }, () => get(undefined, { timeoutMs: 1000 })));
    await vi.advanceTimersByTimeAsync(500);
    expect(calls).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(3000);
    expect((await all).map((outcome) => outcome.kind)).toEqual(Array.from({ length: 12 }, () => "lost"));
    expect(most).toBe(5);
  });

  it("shares its slots with the other clients of an invocation", async () => {
    const slots = createSlots(5);
    const server = fakeServer(hang);
    const outbounds = [1, 2].map(() => createOutbound({ fetch: server.fetch, allowedHosts: HOSTS, slots }));
    const all = outbounds.flatMap((outbound) =>
      Array.from({ length: 4 }, () =>
        outbound.send({ method: "GET", url: "https://console.vast.ai/" }, { timeoutMs: 1000 }),
      ),
    );
    await vi.advanceTimersByTimeAsync(500);
    expect(server.calls).toHaveLength(5);
    expect(slots.inFlight).toBe(5);
    await vi.advanceTimersByTimeAsync(2000);
    await Promise.all(all);
    expect(slots.inFlight).toBe(0);
  });

  it("gives the slot back after an answer, a loss and a call that was not sent", async () => {
    const slots = createSlots(1);
    const server = fakeServer([text("ok"), streamed(["x"], "cut"), text("ok")]);
    const outbound = createOutbound({ fetch: server.fetch, allowedHosts: HOSTS, slots });
    for (const url of [
      "https://console.vast.ai/",
      "https://console.vast.ai/",
      "https://example.com/",
      "https://console.vast.ai/",
    ]) {
      await outbound.send({ method: "GET", url });
      expect(slots.inFlight).toBe(0);
    }
    expect(server.calls).toHaveLength(3);
  });

  it("is given back once however often it is handed in", async () => {
    const slots = createSlots(2);
    const [first] = await Promise.all([slots.take(), slots.take()]);
    first?.();
    first?.();
    expect(slots.inFlight).toBe(1);
  });
});
