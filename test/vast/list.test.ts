import { describe, expect, it } from "vitest";
import page from "../fixtures/vast/instance-page.json" with { type: "json" };
import deprecatedList from "../fixtures/vast/deprecated-list.json" with { type: "json" };
import { aClient, NOW } from "./a-client.ts";
import { json, text, type Call } from "./fake-server.ts";

const rows = (from: number, count: number) => Array.from({ length: count }, (_, index) => ({ id: from + index }));

function aPage(instances: readonly unknown[], total: number, nextToken: string | null): Response {
  return json({
    success: true,
    instances_found: instances.length,
    total_instances: total,
    next_token: nextToken,
    instances,
  });
}

/** Pages of 25 as the server makes them: the token is the number of rows before the page. */
function pagesOf(total: number) {
  return (call: Call): Response => {
    const from = Number(call.url.searchParams.get("after_token") ?? 0);
    const count = Math.min(25, total - from);
    return aPage(rows(from + 1, count), total, from + count < total ? String(from + count) : null);
  };
}

describe("the instance list", () => {
  it("is read from the paged route, 25 rows at a time, by id, without a body", async () => {
    const { vast, calls } = aClient([json(page)]);
    await vast.list();
    const [call] = calls;
    expect(`${call?.method} ${call?.url.pathname}`).toBe("GET /api/v1/instances/");
    expect(Object.fromEntries(call?.url.searchParams ?? [])).toEqual({
      limit: "25",
      order_by: '[{"col":"id","dir":"asc"}]',
    });
    expect(call?.body).toBeUndefined();
  });

  it("holds every row of every page, and the total that the market counts", async () => {
    const { vast, calls } = aClient(pagesOf(60));
    const list = await vast.list();
    expect(list).toMatchObject({ ok: true, totalInstances: 60, begunAtMs: NOW, endedAtMs: NOW });
    expect(list.ok && list.rows.map((row) => row.instanceId)).toEqual(rows(1, 60).map((row) => row.id));
    expect(calls.map((call) => call.url.searchParams.get("after_token"))).toEqual([null, "25", "50"]);
  });

  it("may be empty, when the market says that there are none", async () => {
    const { vast } = aClient([aPage([], 0, null)]);
    expect(await vast.list()).toMatchObject({ ok: true, rows: [], totalInstances: 0 });
  });

  it("holds an instance once that two pages name", async () => {
    const { vast } = aClient([aPage(rows(1, 25), 30, "a"), aPage(rows(25, 6), 30, null)]);
    const list = await vast.list();
    expect(list.ok && list.rows).toHaveLength(30);
  });

  it("carries rows and total as they came where they differ: the proof is judged elsewhere", async () => {
    const { vast } = aClient([aPage(rows(1, 3), 5, null)]);
    const list = await vast.list();
    expect(list).toMatchObject({ ok: true, totalInstances: 5 });
    expect(list.ok && list.rows).toHaveLength(3);
  });

  it("carries an empty page with a total of five as such, not as an empty account", async () => {
    const { vast } = aClient([aPage([], 5, null)]);
    expect(await vast.list()).toMatchObject({ ok: true, rows: [], totalInstances: 5 });
  });

  it("is read again from the start where the total moves between two pages", async () => {
    const { vast, calls } = aClient([
      aPage(rows(1, 25), 30, "a"),
      aPage(rows(26, 6), 31, null),
      aPage(rows(1, 25), 31, "a"),
      aPage(rows(26, 6), 31, null),
    ]);
    const list = await vast.list();
    expect(list).toMatchObject({ ok: true, totalInstances: 31 });
    expect(calls).toHaveLength(4);
  });

  it("is not ok where the total moves again, and is not read a third time", async () => {
    const { vast, calls } = aClient((_, index) => aPage(rows(index * 25 + 1, 25), 100 + index, `t${index}`));
    expect(await vast.list()).toMatchObject({
      ok: false,
      failure: null,
      reason: expect.stringContaining("moved") as string,
    });
    expect(calls).toHaveLength(4);
  });

  it("asks again for a page that came too early for the market", async () => {
    const answers = [aPage(rows(1, 25), 30, "a"), text("API requests too frequent", 429), aPage(rows(26, 5), 30, null)];
    const { vast, calls } = aClient(answers);
    expect(await vast.list()).toMatchObject({ ok: true, totalInstances: 30 });
    expect(calls.map((call) => call.url.searchParams.get("after_token"))).toEqual([null, "a", "a"]);
  });

  it.each([
    ["rate limited", () => text("API requests too frequent", 429), "rate limit"],
    ["broken", () => text("<html>", 502), "502"],
    ["unreadable", () => text("<html>"), "cannot be read"],
    ["silent", () => Promise.reject(new TypeError("x")), "no answer"],
    ["refused behind a 200", () => json({ success: false, error: "oops", msg: "no" }), "refused"],
    ["refused for a bad token", () => json({ success: false, error: "invalid_token", msg: "bad" }, 400), "bad"],
    ["of a retired route", () => json(deprecatedList, 410), "deprecated"],
    ["refused for a bad key", () => json({ success: false, error: "auth_error", msg: "Invalid user key" }, 404), "key"],
  ])("is not ok where a later page is %s, however good the first", async (_name, second, words) => {
    const { vast } = aClient((_, index) => (index === 0 ? aPage(rows(1, 25), 30, "a") : second()));
    const list = await vast.list();
    expect(list).toMatchObject({ ok: false, reason: expect.stringContaining(words) as string });
    expect(list).toMatchObject({ reason: expect.stringContaining("page 2") as string });
  });

  it("tells a missing key apart", async () => {
    const { vast } = aClient([], { apiKey: null });
    expect(await vast.list()).toMatchObject({ ok: false, failure: { kind: "no-key" } });
  });

  it.each([
    ["no rows", { success: true, total_instances: 0 }],
    ["rows that are null", { success: true, total_instances: 0, instances: null }],
    ["no total", { success: true, instances: [] }],
    ["a total in words", { success: true, instances: [], total_instances: "many" }],
    ["a row without an id", { success: true, instances: [{ label: "x" }], total_instances: 1 }],
    ["a row with a negative id", { success: true, instances: [{ id: -1 }], total_instances: 1 }],
    ["a row that is null", { success: true, instances: [null], total_instances: 1 }],
    ["a token that is a number", { success: true, instances: [], total_instances: 0, next_token: 5 }],
    ["nothing", {}],
  ])("is not ok where a page has %s", async (_name, body) => {
    const { vast } = aClient([json(body)]);
    expect(await vast.list()).toMatchObject({ ok: false, failure: { kind: "unreadable" } });
  });

  it("gives up on a server that repeats a page, and on one that never ends", async () => {
    const repeating = aClient(() => aPage(rows(1, 25), 100, "same"));
    expect(await repeating.vast.list()).toMatchObject({ ok: false });
    expect(repeating.calls.length).toBeLessThan(5);
    const endless = aClient((_, index) => aPage(rows(1, 1), 1, `t${index}`));
    expect(await endless.vast.list()).toMatchObject({ ok: false });
    expect(endless.calls).toHaveLength(60);
  });

  it("takes totals and ids in digits", async () => {
    const { vast } = aClient([
      json({ success: true, instances: [{ id: "12" }], total_instances: "1", next_token: "" }),
    ]);
    expect(await vast.list()).toMatchObject({ ok: true, totalInstances: 1, rows: [{ instanceId: 12 }] });
  });
});

describe("one page", () => {
  it("says where the next begins and how many the account has", async () => {
    const { vast, calls } = aClient(pagesOf(60));
    const answer = await vast.listPage("25");
    expect(answer).toMatchObject({ ok: true, value: { nextToken: "50", total: 60, found: 25 } });
    expect(calls[0]?.url.searchParams.get("after_token")).toBe("25");
  });
});

describe("one instance", () => {
  const [instance] = page.instances;

  it("is read by its id", async () => {
    const { vast, calls } = aClient([json({ instances: instance })]);
    expect(await vast.one(36717044)).toMatchObject({ ok: true, value: { instanceId: 36717044, gpu: "RTX 4090" } });
    expect(calls[0]?.url.href).toBe("https://console.vast.ai/api/v0/instances/36717044/?owner=me");
  });

  it("may come in an array of one", async () => {
    const { vast } = aClient([json({ instances: [instance] })]);
    expect(await vast.one(36717044)).toMatchObject({ ok: true, value: { instanceId: 36717044 } });
  });

  it.each([[{ instances: null }], [{ instances: [] }], [{ instances: {} }]])(
    "is gone where the answer is %j",
    async (body) => {
      const { vast } = aClient([json(body)]);
      expect(await vast.one(7)).toEqual({ ok: true, value: null });
    },
  );

  it.each([
    ["a bad key behind a 404", 404, { success: false, error: "auth_error", msg: "Invalid user key" }, "auth"],
    ["an answer without the field", 200, {}, "unreadable"],
    ["another instance", 200, { instances: { id: 8 } }, "unreadable"],
    ["a row without an id", 200, { instances: { label: "x" } }, "unreadable"],
    ["a 200 that says no", 200, { success: false, msg: "no" }, "refused"],
    [
      "a 404 that says so",
      404,
      { success: false, error: "no_such_instance", msg: "Instance 7 not found." },
      "not-found",
    ],
    ["a 502", 502, {}, "lost"],
  ])("is not gone because of %s", async (_name, status, body, kind) => {
    const { vast } = aClient([json(body, status)]);
    expect(await vast.one(7)).toMatchObject({ ok: false, error: { kind } });
  });
});
