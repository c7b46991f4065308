import { describe, expect, it } from "vitest";
import logRequest from "../fixtures/vast/log-request.json" with { type: "json" };
import { aClient, API_KEY } from "./a-client.ts";
import { json, streamed, text } from "./fake-server.ts";

const LOG_URL = logRequest.result_url;
const SIM_URL = "http://127.0.0.1:8788";

describe("asking for a log", () => {
  it("sends its wishes as text, and answers with the log's address", async () => {
    const { vast, calls } = aClient([json(logRequest)]);
    expect(await vast.requestLogs(7, { tail: 50, daemon: false })).toEqual({ ok: true, value: { url: LOG_URL } });
    expect(`${calls[0]?.method} ${calls[0]?.url.pathname}`).toBe("PUT /api/v0/instances/request_logs/7/");
    expect(calls[0]?.body).toEqual({ tail: "50" });
  });

  it("can ask for the host's daemon log", async () => {
    const { vast, calls } = aClient([json(logRequest)]);
    await vast.requestLogs(7, { tail: 20, daemon: true });
    expect(calls[0]?.body).toEqual({ tail: "20", daemon_logs: "true" });
  });

  it.each([
    "https://s3.amazonaws.com/vast.ai/instance_logs/0a.log",
    "https://s3.amazonaws.com/public.vast.ai/instance_logs/0a.log?X-Amz-Signature=1",
    "https://vast.ai.s3.amazonaws.com/instance_logs/0a.log",
    "https://public.vast.ai.s3.amazonaws.com/instance_logs/0a.log",
  ])("believes an address at a log store of Vast's: %s", async (url) => {
    const { vast } = aClient([json({ success: true, result_url: url })]);
    expect(await vast.requestLogs(7, { tail: 50, daemon: false })).toEqual({ ok: true, value: { url } });
  });

  it.each([
    "https://s3.amazonaws.com/somebody-else/0a.log",
    "https://somebody.s3.amazonaws.com/vast.ai/0a.log",
    "http://s3.amazonaws.com/vast.ai/0a.log",
    "https://s3.amazonaws.com:8443/vast.ai/0a.log",
    "https://example.com/vast.ai/instance_logs/0a.log",
    "https://console.vast.ai/api/v0/users/current/",
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:9000/log",
    "nonsense",
  ])("does not believe %s", async (url) => {
    const { vast, calls } = aClient([json({ success: true, result_url: url }), text("never")]);
    expect(await vast.requestLogs(7, { tail: 50, daemon: false })).toMatchObject({
      ok: false,
      error: { kind: "unreadable" },
    });
    expect(await vast.readLog(url)).toMatchObject({ ok: false, error: { kind: "refused", status: 0 } });
    expect(calls).toHaveLength(1);
  });

  it("is unreadable without an address", async () => {
    const { vast } = aClient([json({ success: true })]);
    expect(await vast.requestLogs(7, { tail: 50, daemon: false })).toMatchObject({
      ok: false,
      error: { kind: "unreadable" },
    });
  });

  it("says when the box is not there, or still starting", async () => {
    const { vast } = aClient([
      json({ success: false, error: "invalid_id", msg: "Invalid instance id." }, 404),
      json({ success: false, msg: "starting" }, 400),
    ]);
    expect(await vast.requestLogs(7, { tail: 50, daemon: false })).toMatchObject({
      ok: false,
      error: { kind: "not-found" },
    });
    expect(await vast.requestLogs(7, { tail: 50, daemon: false })).toMatchObject({
      ok: false,
      error: { kind: "refused" },
    });
  });
});

describe("reading a log", () => {
  it("sends no key to the log store", async () => {
    const { vast, calls } = aClient([text("line\n")]);
    await vast.readLog(LOG_URL);
    expect(calls[0]?.headers.has("Authorization")).toBe(false);
    expect(JSON.stringify([...(calls[0]?.headers ?? [])])).not.toContain(API_KEY);
  });

  it("answers with the text and the time of its upload", async () => {
    const { vast } = aClient([text("one\ntwo\n", 200, { "Last-Modified": "Mon, 23 Nov 2026 17:59:30 GMT" })]);
    expect(await vast.readLog(LOG_URL)).toEqual({
      ok: true,
      value: { text: "one\ntwo\n", modifiedAtMs: Date.parse("2026-11-23T17:59:30Z"), truncated: false },
    });
  });

  it("takes an empty log for a log, and a missing time for none", async () => {
    const { vast } = aClient([text("")]);
    expect(await vast.readLog(LOG_URL)).toEqual({
      ok: true,
      value: { text: "", modifiedAtMs: null, truncated: false },
    });
  });

  it.each([403, 404])("is not ready at %i", async (status) => {
    const { vast } = aClient([text("<Error><Code>AccessDenied</Code></Error>", status)]);
    expect(await vast.readLog(LOG_URL)).toEqual({ ok: true, value: "not-ready" });
  });

  it.each([
    ["a broken store", () => text("", 503), "lost"],
    ["no answer", () => Promise.reject(new TypeError("x")), "lost"],
    ["a cut body", () => streamed(["half"], "cut"), "lost"],
    ["a redirect", () => text("", 302, { Location: "https://example.com/" }), "unreadable"],
    ["too many calls", () => text("", 429), "rate-limited"],
  ])("is a failure, never an empty log, with %s", async (_name, answer, kind) => {
    const { vast, calls } = aClient(answer);
    expect(await vast.readLog(LOG_URL)).toMatchObject({ ok: false, error: { kind } });
    expect(calls).toHaveLength(1);
  });

  it("keeps the last 512 KiB of a long log, from the start of a line", async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join("");
    const { vast } = aClient([text(lines)]);
    const answer = await vast.readLog(LOG_URL);
    const log = answer.ok && answer.value !== "not-ready" ? answer.value : null;
    expect(log?.truncated).toBe(true);
    expect(log?.text).toMatch(/^line \d+\n/);
    expect(log?.text.endsWith("line 99999\n")).toBe(true);
    expect(log?.text.length).toBeGreaterThan(512 * 1024 - 20);
  });

  it("is not paced as a call to Vast", async () => {
    const routes: string[] = [];
    const { vast } = aClient([text("x")], {
      before: async (route) => void routes.push(route),
      after: (route) => void routes.push(route),
    });
    await vast.readLog(LOG_URL);
    expect(routes).toEqual([]);
  });

  it.each(["http://127.0.0.1:9000/logs/7.log", "http://localhost:9000/logs/7.log"])(
    "follows another market's logs to any port of its machine, still without the key: %s",
    async (url) => {
      const { vast, calls } = aClient([json({ success: true, result_url: url }), text("hello\n")], {
        baseUrl: SIM_URL,
      });
      expect(await vast.requestLogs(7, { tail: 50, daemon: false })).toEqual({ ok: true, value: { url } });
      expect(await vast.readLog(url)).toMatchObject({ ok: true, value: { text: "hello\n" } });
      expect(calls[1]?.headers.has("Authorization")).toBe(false);
    },
  );

  it("follows a market of another machine to no port of this one", async () => {
    const url = "http://localhost:9000/logs/7.log";
    const { vast } = aClient([json({ success: true, result_url: url })], { baseUrl: "https://market.test" });
    expect(await vast.requestLogs(7, { tail: 50, daemon: false })).toMatchObject({ error: { kind: "unreadable" } });
  });
});
