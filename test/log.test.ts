import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { logEvent, logLine, maskSecrets, registerSecrets } from "../src/log.ts";

const HEX_KEY = "0123456789abcdef".repeat(4);

describe("masking", () => {
  it.each([
    ["a Hub token", "token hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567 used", "token hf_… used"],
    ["a Hub token behind an equals sign", "HF_TOKEN=hf_AbCdEf0123456789", "HF_TOKEN=hf_…"],
    ["a Hub token in an encoded query", "x%3Dhf_AbCdEf0123456789", "x%3Dhf_…"],
    ["a Bearer header", "Authorization: Bearer abc.def-123456", "Authorization: Bearer …"],
    ["a Basic header", "authorization: Basic dXNlcjpwYXNz", "authorization: Basic …"],
    ["an API key in a query", "https://x.test/?api_key=abcdef123456&a=1", "https://x.test/?api_key=…&a=1"],
    ["a key in JSON", '{"instance_api_key":"d15a0123456789"}', '{"instance_api_key":"…"}'],
    ["a token in JSON", '{"jupyter_token": "53fc0123456789"}', '{"jupyter_token": "…"}'],
    ["the box's own key", "CONTAINER_API_KEY=abcdef0123456789", "CONTAINER_API_KEY=…"],
    ["credentials in a URL", "https://me:secret@host.test/x", "https://…@host.test/x"],
    [
      "a signed URL",
      "https://s3.test/f?X-Amz-Signature=abcdef0123&X-Amz-Date=20261123T1800",
      "https://s3.test/f?X-Amz-Signature=…&X-Amz-Date=…",
    ],
    [
      "the address of a log",
      "https://s3.amazonaws.com/public.vast.ai/instance_logs/0a1b2c.log",
      "https://s3.amazonaws.com/public.vast.ai/instance_logs/…",
    ],
    ["a Vast key by its look", `key ${HEX_KEY} was used`, "key … was used"],
  ])("hides %s", (_name, text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it.each([
    "[zeb-worker-vast-0] batch 31: 7168 examples, 2.4 games/s, step=152, total_games=63488",
    "  Model loaded (step 142), 3,300,000 params, tokenizer=default",
    "from huggingface_hub import hf_hub_download; use hf_transfer",
    "commit 0123456789abcdef0123456789abcdef01234567",
    `Digest: sha256:${HEX_KEY}`,
    "Error response from daemon: No such container: C.36717044",
    "API requests too frequent: endpoint threshold=4.5",
    "breaker open, signature: timeout:boot:repo-cloned",
  ])("leaves alone: %s", (line) => {
    expect(maskSecrets(line)).toBe(line);
  });

  it("hides registered values and their encoded form, however they look", () => {
    registerSecrets(["correct horse/battery", null, undefined]);
    expect(maskSecrets("a correct horse/battery b correct%20horse%2Fbattery c")).toBe("a … b … c");
  });

  it("hides values given with the call, the longest first", () => {
    expect(maskSecrets("x abcdefghij x abcdefgh x", ["abcdefgh", "abcdefghij"])).toBe("x … x … x");
  });

  it("does not let a short value blot out ordinary words", () => {
    registerSecrets(["batch", ""]);
    expect(maskSecrets("batch 31")).toBe("batch 31");
  });

  it("takes linear time on long lines made to hurt", () => {
    const startedAt = performance.now();
    for (const word of ["token", "x-amz-", "hf_", "https://", "api_key ", "a", "Bearer ", "signature:"]) {
      maskSecrets(word.repeat(400_000 / word.length));
    }
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe("an event", () => {
  const spies = {
    log: vi.spyOn(console, "log"),
    warn: vi.spyOn(console, "warn"),
    error: vi.spyOn(console, "error"),
  };
  beforeEach(() => {
    for (const spy of Object.values(spies)) spy.mockReset().mockImplementation(() => undefined);
  });
  afterEach(() => {
    for (const spy of Object.values(spies)) spy.mockReset();
  });
  const printed = (): unknown => JSON.parse(String(spies.log.mock.calls[0]?.[0]));

  it.each([
    [undefined, "log"],
    ["ok", "log"],
    ["skipped", "log"],
    ["refused", "warn"],
    ["unknown", "warn"],
    ["failed", "error"],
  ] as const)("with outcome %s is written once, by console.%s", (outcome, method) => {
    logEvent({ event: "check.done", ...(outcome === undefined ? {} : { outcome }) });
    expect(Object.entries(spies).map(([name, spy]) => [name, spy.mock.calls.length])).toEqual(
      ["log", "warn", "error"].map((name) => [name, name === method ? 1 : 0]),
    );
  });

  it("is one JSON object with the fields as given", () => {
    logEvent({
      event: "rent.done",
      outcome: "ok",
      fleet: "zeb",
      durationMs: 12,
      slots: [0, 1],
      offer: { id: 5, price: 0.07 },
      note: null,
    });
    expect(printed()).toEqual({
      event: "rent.done",
      outcome: "ok",
      fleet: "zeb",
      durationMs: 12,
      slots: [0, 1],
      offer: { id: 5, price: 0.07 },
      note: null,
    });
  });

  it("hides secrets in every depth, and whole fields that are named like one", () => {
    logEvent({
      event: "x",
      deep: { lines: ["HF_TOKEN=hf_AbCdEf0123456789"] },
      env: { HF_TOKEN: "plain", WORKER: "w" },
      apiKey: "plain",
      adminToken: "plain",
      instance_api_key: "plain",
    });
    expect(printed()).toEqual({
      event: "x",
      deep: { lines: ["HF_TOKEN=hf_…"] },
      env: "…",
      apiKey: "…",
      adminToken: "…",
      instance_api_key: "…",
    });
  });

  it("tells an error by name and message, never by its stack", () => {
    logEvent({ event: "x", error: new TypeError("Bearer abcdef0123456789 refused"), at: new Date(0), big: 5n });
    expect(printed()).toEqual({
      event: "x",
      error: { name: "TypeError", message: "Bearer … refused" },
      at: "1970-01-01T00:00:00.000Z",
      big: "5",
    });
  });

  it("survives a value without end and cuts long texts", () => {
    const endless: Record<string, unknown> = {};
    endless["self"] = endless;
    logEvent({ event: "x", endless, long: "y".repeat(5000) });
    expect((printed() as { long: string }).long).toHaveLength(2000);
  });

  it("may be a line for people, masked too", () => {
    logLine("CHECK #3 ok with hf_AbCdEf0123456789");
    expect(spies.log).toHaveBeenCalledWith("CHECK #3 ok with hf_…");
  });
});
