import { describe, expect, it } from "vitest";
import { aMarket, KEY, MINUTE, SECOND } from "./a-market.ts";

describe("logs in two steps", () => {
  it("puts the file on the request's own origin, and on S3 for console.vast.ai", async () => {
    const test = aMarket();
    const id = await test.rent("zeb-worker-vast-0");
    const near = await test.call("PUT", `/api/v0/instances/request_logs/${id}/`, {});
    expect(near.json["result_url"]).toMatch(/^http:\/\/market\.test\/instance_logs\/[0-9a-f]{32}\.log$/);
    const { createApp } = await import("../../sim/app.ts");
    const far = await createApp(test.market).request(`https://console.vast.ai/api/v0/instances/request_logs/${id}/`, {
      method: "PUT",
      headers: KEY,
      body: "{}",
    });
    expect(((await far.json()) as { result_url: string }).result_url).toMatch(
      /^https:\/\/s3\.amazonaws\.com\/public\.vast\.ai\/instance_logs\/[0-9a-f]{32}\.log$/,
    );
  });

  it("is 403 AccessDenied until the host has uploaded, then text with Last-Modified", async () => {
    const test = aMarket({ logDelayMs: 2000 });
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(5 * MINUTE);
    const asked = await test.call("PUT", `/api/v0/instances/request_logs/${id}/`, { tail: "2" });
    const path = new URL(String(asked.json["result_url"])).pathname;
    const early = await test.call("GET", path, undefined, {});
    expect([early.status, early.text]).toEqual([403, expect.stringContaining("<Code>AccessDenied</Code>")]);
    await test.pass(2 * SECOND);
    const ready = await test.call("GET", path, undefined, {});
    expect([ready.status, ready.type]).toEqual([200, "text/plain"]);
    expect(ready.headers.get("Last-Modified")).toBe("Mon, 23 Nov 2026 12:05:02 GMT");
    expect(ready.text.trimEnd().split("\n")).toHaveLength(2);
    await test.pass(MINUTE);
    expect((await test.call("GET", path, undefined, {})).text).toBe(ready.text);
  });

  it("serves any bucket path that ends in instance_logs", async () => {
    const test = aMarket();
    const id = await test.rent("zeb-worker-vast-0");
    const asked = await test.call("PUT", `/api/v0/instances/request_logs/${id}/`, {});
    const path = new URL(String(asked.json["result_url"])).pathname;
    expect((await test.call("GET", `/public.vast.ai${path}`, undefined, {})).status).toBe(200);
    expect((await test.call("GET", "/vast.ai/instance_logs/00.log", undefined, {})).status).toBe(403);
  });

  it("honours filter and daemon_logs", async () => {
    const test = aMarket();
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(10 * MINUTE);
    expect(await test.log(id, { filter: "GPU OK" })).toBe("GPU OK: NVIDIA GeForce RTX 3070\n");
    expect(await test.log(id, { filter: "nothing of the kind" })).toBe("");
    expect(await test.log(id, { daemon_logs: "true", tail: "1" })).toBe("success, running pytorch/pytorch_2.6.0/ssh\n");
  });

  it("is 404 invalid_id for an unknown or destroyed box", async () => {
    const test = aMarket();
    const id = await test.rent("x");
    await test.call("DELETE", `/api/v0/instances/${id}/`, {});
    const answer = await test.call("PUT", `/api/v0/instances/request_logs/${id}/`, {});
    expect([answer.status, answer.json["error"]]).toEqual([404, "invalid_id"]);
  });

  it("counts a key that is sent to the log store", async () => {
    const test = aMarket();
    await test.call("GET", "/instance_logs/00.log", undefined, {});
    expect((await test.truth())["leaks"]).toEqual({ authorizationToLogs: 0 });
    await test.call("GET", "/instance_logs/00.log", undefined, KEY);
    expect((await test.truth())["leaks"]).toEqual({ authorizationToLogs: 1 });
  });
});
