import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import create from "../fixtures/vast/create.json" with { type: "json" };
import { aClient, API_KEY } from "./a-client.ts";
import { hang, json, streamed, text } from "./fake-server.ts";
import { createOutbound } from "../../src/outbound.ts";
import { createVastClient, vastHosts, type Rental } from "../../src/vast/client.ts";
import { fakeServer } from "./fake-server.ts";

const gateway = readFileSync(new URL("../fixtures/vast/gateway.html", import.meta.url).pathname, "utf8");

const RENTAL: Rental = {
  image: "pytorch/pytorch:2.6.0-cuda12.6-cudnn9-runtime",
  diskGb: 15,
  label: "zeb-worker-vast-3",
  env: { HF_TOKEN: "hf_madeUp0123456789abcdef", FLEETKEEPER_INTENT: "intent-1", FLEETKEEPER_ID: "keeper-a" },
  onstart: "echo hello",
  runtype: "ssh",
};

describe("a rent", () => {
  it("asks on demand, running at once or not at all, with the environment as an object and no bid", async () => {
    const { vast, calls } = aClient([json(create)]);
    await vast.rent(31234567, RENTAL);
    const [call] = calls;
    expect(`${call?.method} ${call?.url.href}`).toBe("PUT https://console.vast.ai/api/v0/asks/31234567/");
    expect(call?.headers.get("Authorization")).toBe(`Bearer ${API_KEY}`);
    expect(call?.headers.get("Content-Type")).toBe("application/json");
    expect(call?.body).toEqual({
      client_id: "me",
      image: RENTAL.image,
      disk: 15,
      label: "zeb-worker-vast-3",
      env: RENTAL.env,
      onstart: "echo hello",
      runtype: "ssh",
      cancel_unavail: true,
      target_state: "running",
    });
  });

  it("answers with the new instance's id, and with nothing of its key", async () => {
    const { vast } = aClient([json(create)]);
    const outcome = await vast.rent(1, RENTAL);
    expect(outcome).toEqual({ kind: "rented", instanceId: 36717044 });
    expect(JSON.stringify(outcome)).not.toContain("d15a");
  });

  it("takes an id in digits, and an answer that leaves success out", async () => {
    const { vast } = aClient([json({ new_contract: "36717044" })]);
    expect(await vast.rent(1, RENTAL)).toEqual({ kind: "rented", instanceId: 36717044 });
  });

  it.each([
    ["offer gone", 410, { success: false, error: "no_such_ask", msg: "no longer available" }, "offer-gone"],
    [
      "no credit",
      400,
      { error: "insufficient_credit", msg: "Your account lacks credit; see the billing page." },
      "no-credit",
    ],
    ["rate limit", 429, { detail: "API requests too frequent endpoint threshold=4.5" }, "rate-limited"],
    ["spend limit", 400, { success: false, error: "spend_rate_limit", msg: "x" }, "spend-limit"],
    ["bad key", 404, { success: false, error: "auth_error", msg: "Invalid user key" }, "auth"],
    ["our own fault", 400, { success: false, error: "invalid_args", msg: "x" }, "refused"],
    ["a 200 that says no", 200, { success: false, error: "no_such_ask", msg: "x" }, "offer-gone"],
    ["a 200 that says no without a reason", 200, { success: false }, "offer-gone"],
    ["a word for it that is not documented", 410, { success: false, msg: "already rented" }, "offer-gone"],
    ["an offer that is not found", 404, { success: false, error: "not_found", msg: "Offer not found" }, "offer-gone"],
  ])("is certainly refused: %s", async (_name, status, body, kind) => {
    const { vast } = aClient([json(body, status)]);
    expect(await vast.rent(1, RENTAL)).toMatchObject({ kind: "refused", failure: { kind } });
  });

  it.each([
    ["502 page", () => text(gateway, 502)],
    ["500 in JSON", () => json({ success: false, error: "server_error", msg: "x" }, 500)],
    ["504", () => text("", 504)],
    ["network error", () => Promise.reject(new TypeError("fetch failed"))],
    ["body cut off", () => streamed(['{"success":true,"new_con'], "cut")],
    ["half a JSON text", () => text('{"success":true,"new_con')],
    ["200 without an id", () => json({ success: true })],
    ["200 with an id that is none", () => json({ success: true, new_contract: "soon" })],
    ["200 in HTML", () => text("<html>welcome</html>")],
    ["400 in HTML", () => text("<html>bad</html>", 400)],
  ])("is unknown, never refused: %s", async (_name, answer) => {
    const { vast } = aClient(answer);
    expect(await vast.rent(1, RENTAL)).toMatchObject({ kind: "unknown", instanceId: null });
  });

  it.each([
    [400, { success: false, error: "insufficient_credit", msg: "lacks credit", new_contract: 7 }],
    [500, { success: false, error: "server_error", new_contract: 7 }],
    [200, { success: false, error: "resources_unavailable", new_contract: 7 }],
    [429, { detail: "too frequent", new_contract: 7 }],
  ])("is not refused where an error at %i carries a contract id: the box exists", async (status, body) => {
    const { vast } = aClient([json(body, status)]);
    expect(await vast.rent(1, RENTAL)).toMatchObject({ kind: "unknown", instanceId: 7 });
  });

  it("is unknown after its time-out", async () => {
    const server = fakeServer(hang);
    const outbound = createOutbound({
      fetch: server.fetch,
      allowedHosts: vastHosts("https://console.vast.ai"),
      timeoutMs: 5,
    });
    const vast = createVastClient({ outbound, baseUrl: "https://console.vast.ai", apiKey: API_KEY });
    expect(await vast.rent(1, RENTAL)).toMatchObject({ kind: "unknown", instanceId: null });
  });

  it("is sent once, whatever comes back", async () => {
    for (const answer of [text("", 503), text("too frequent", 429), json({ success: false })]) {
      const { vast, calls } = aClient(() => answer);
      await vast.rent(1, RENTAL);
      expect(calls).toHaveLength(1);
    }
  });

  it("is not sent without a key, and says so", async () => {
    const { vast, calls } = aClient([json(create)], { apiKey: null });
    expect(await vast.rent(1, RENTAL)).toEqual({ kind: "refused", failure: { kind: "no-key" } });
    expect(calls).toHaveLength(0);
  });

  it("is refused where the market's host may not be called: nothing was sent", async () => {
    const outbound = createOutbound({ fetch: fakeServer([]).fetch, allowedHosts: [] });
    const vast = createVastClient({ outbound, baseUrl: "https://console.vast.ai", apiKey: API_KEY });
    expect(await vast.rent(1, RENTAL)).toMatchObject({ kind: "refused", failure: { kind: "refused", status: 0 } });
  });
});

describe("a destroy", () => {
  it("deletes the instance by id", async () => {
    const { vast, calls } = aClient([json({ success: true })]);
    expect(await vast.destroy(7)).toEqual({ kind: "done", wasGone: false });
    expect(`${calls[0]?.method} ${calls[0]?.url.pathname}`).toBe("DELETE /api/v0/instances/7/");
    expect(calls[0]?.body).toEqual({});
  });

  it.each([
    [400, { success: false, error: "invalid_args", msg: "invalid instance_id" }],
    [404, { success: false, error: "not_found", msg: "Instance not found" }],
    [404, { success: false, error: "no_such_instance", msg: "Instance 7 not found." }],
  ])("is done where nothing is left to destroy (%i %j)", async (status, body) => {
    const { vast } = aClient([json(body, status)]);
    expect(await vast.destroy(7)).toEqual({ kind: "done", wasGone: true });
  });

  it.each([
    ["a bad key that answers 404", 404, { success: false, error: "auth_error", msg: "Invalid user key" }, "auth"],
    ["the rate limit", 429, { detail: "too frequent threshold=3.0" }, "rate-limited"],
    ["another refusal", 400, { success: false, error: "invalid_args", msg: "x" }, "refused"],
    ["a router's 404", 404, { detail: "Not Found" }, "refused"],
  ])("is refused, not done: %s", async (_name, status, body, kind) => {
    const { vast } = aClient([json(body, status)]);
    expect(await vast.destroy(7)).toMatchObject({ kind: "refused", failure: { kind } });
  });

  it.each([
    ["504", () => text("", 504)],
    ["network error", () => Promise.reject(new TypeError("fetch failed"))],
    ["a page with 200", () => text("<html></html>")],
    ["an empty 404", () => text("", 404)],
  ])("is unknown: %s", async (_name, answer) => {
    const { vast } = aClient(answer);
    expect(await vast.destroy(7)).toMatchObject({ kind: "unknown" });
  });
});

describe("a destroy of many", () => {
  it("names the ids in one call", async () => {
    const { vast, calls } = aClient([json({ success: true })]);
    expect(await vast.destroyMany([7, 8])).toEqual({ kind: "done", wasGone: false });
    expect(`${calls[0]?.method} ${calls[0]?.url.pathname}`).toBe("DELETE /api/v0/instances/");
    expect(calls[0]?.body).toEqual({ instance_ids: [7, 8] });
  });

  it("does not call where there is nothing to destroy, and takes no more than 64", async () => {
    const { vast, calls } = aClient([]);
    expect(await vast.destroyMany([])).toMatchObject({ kind: "done" });
    await expect(vast.destroyMany(Array.from({ length: 65 }, (_, id) => id + 1))).rejects.toThrow(RangeError);
    expect(calls).toHaveLength(0);
  });

  it("is not done because one id of many is said to be missing", async () => {
    const { vast } = aClient([json({ success: false, error: "no_such_instance", msg: "Instance 7 not found." }, 404)]);
    expect(await vast.destroyMany([7, 8])).toMatchObject({ kind: "refused" });
  });
});
