import { describe, expect, it } from "vitest";
import account from "../fixtures/vast/account.json" with { type: "json" };
import { aClient, API_KEY } from "./a-client.ts";
import { json, text } from "./fake-server.ts";

describe("the account", () => {
  it("is its id and its spendable credit, and nothing else of the answer", async () => {
    const { vast, calls } = aClient([json(account)]);
    expect(await vast.account()).toEqual({ ok: true, value: { accountId: 123456, creditUsd: 25.31 } });
    expect(calls[0]?.url.href).toBe("https://console.vast.ai/api/v0/users/current/");
  });

  it.each([
    [{ id: 1, balance: 3.5 }, 3.5],
    [{ id: 1, credit: null, balance: 3.5 }, 3.5],
    [{ id: 1, credit: 0, balance: 3.5 }, 0],
    [{ id: "1", credit: "2.5" }, 2.5],
    [{ id: 1 }, null],
  ])("has its credit from %j: %s", async (body, creditUsd) => {
    const { vast } = aClient([json(body)]);
    expect(await vast.account()).toEqual({ ok: true, value: { accountId: 1, creditUsd } });
  });

  it("is unreadable without an id: it could be anybody's", async () => {
    const { vast } = aClient([json({ credit: 5 })]);
    expect(await vast.account()).toMatchObject({ ok: false, error: { kind: "unreadable" } });
  });

  it("says that a key is bad also where the status is 404", async () => {
    const { vast } = aClient([json({ success: false, error: "auth_error", msg: "Invalid user key" }, 404)]);
    expect(await vast.account()).toMatchObject({ ok: false, error: { kind: "auth", status: 404 } });
  });
});

describe("the SSH keys", () => {
  const row = { id: 1, user_id: 2, public_key: "ssh-ed25519 AAAA", created_at: "2026-01-01", deleted_at: null };

  it.each([
    ["a bare list", [row, row], 200, 2],
    ["an object around it", { ssh_keys: [row] }, 200, 1],
    ["an empty list", [], 200, 0],
    ["404 where there are none", { success: false, error: "not_found", msg: "No SSH keys found" }, 404, 0],
  ])("are counted from %s", async (_words, body, status, count) => {
    const { vast, calls } = aClient([json(body, status)]);
    expect(await vast.sshKeys()).toEqual({ ok: true, value: count });
    expect(calls[0]?.url.pathname).toBe("/api/v0/ssh/");
  });

  it.each([
    ["a bad key is no empty list", { success: false, error: "auth_error", msg: "Invalid user key" }, 404, "auth"],
    ["nor is a riddle", { keys: 3 }, 200, "unreadable"],
    ["nor an answer that broke", { success: false }, 502, "lost"],
  ])("%s", async (_words, body, status, kind) => {
    const { vast } = aClient([json(body, status)]);
    expect(await vast.sshKeys()).toMatchObject({ ok: false, error: { kind } });
  });
});

describe("a label", () => {
  it("is set on the instance", async () => {
    const { vast, calls } = aClient([json({ success: true, msg: "ok" })]);
    expect(await vast.label(7, "zeb-worker-vast-1")).toEqual({ ok: true, value: null });
    expect(`${calls[0]?.method} ${calls[0]?.url.pathname}`).toBe("PUT /api/v0/instances/7/");
    expect(calls[0]?.body).toEqual({ label: "zeb-worker-vast-1" });
  });

  it.each([
    [400, { success: false, error: "label_too_long", msg: "x" }, "refused"],
    [404, { success: false, error: "no_such_instance", msg: "Instance 7 not found." }, "not-found"],
    [200, { success: false, msg: "no" }, "refused"],
  ])("is not set at %i %j", async (status, body, kind) => {
    const { vast } = aClient([json(body, status)]);
    expect(await vast.label(7, "x")).toMatchObject({ ok: false, error: { kind } });
  });
});

describe("every call", () => {
  const all = async ({ vast }: ReturnType<typeof aClient>) => [
    await vast.search({
      gpus: ["RTX 3060"],
      maxPriceUsdPerHour: null,
      diskGb: 15,
      minGpuRamGb: null,
      minReliability: null,
      minCudaVersion: null,
      minDriverVersion: null,
      minDurationSeconds: null,
      excludedMachineIds: [],
    }),
    await vast.rent(1, {
      image: "i",
      diskGb: 15,
      label: "l",
      env: { HF_TOKEN: "hf_madeUp0123456789abcdef" },
      onstart: "",
      runtype: "ssh",
    }),
    await vast.list(),
    await vast.one(7),
    await vast.destroy(7),
    await vast.destroyMany([7]),
    await vast.label(7, "x"),
    await vast.requestLogs(7, { tail: 50, daemon: false }),
    await vast.account(),
    await vast.sshKeys(),
  ];
  const routes = [
    "search",
    "rent",
    "list",
    "one",
    "destroy",
    "destroy-many",
    "manage",
    "request-logs",
    "account",
    "ssh-keys",
  ];

  it("goes to the canonical address with its trailing slash, the key in the header and never in the address", async () => {
    const client = aClient(() => json({}, 400));
    await all(client);
    expect(client.calls).toHaveLength(routes.length);
    for (const call of client.calls) {
      expect(call.url.pathname).toMatch(/^\/api\/v[01]\/.*\/$/);
      expect(call.url.origin).toBe("https://console.vast.ai");
      expect(call.url.href).not.toContain(API_KEY);
      expect(call.headers.get("Authorization")).toBe(`Bearer ${API_KEY}`);
      expect(call.redirect).toBe("manual");
    }
  });

  it("sends a body with no GET", async () => {
    const client = aClient(() => json({}, 400));
    await all(client);
    for (const call of client.calls) expect(call.method === "GET" && call.body !== undefined).toBe(false);
  });

  it("is paced under its own route, before and after, with what became of it", async () => {
    const before: string[] = [];
    const after: unknown[] = [];
    const client = aClient(
      (_, index) => (index % 2 === 0 ? text("too frequent", 429) : Promise.reject(new TypeError("x"))),
      {
        before: async (route) => void before.push(route),
        after: (route, status, failure) => void after.push([route, status, failure?.kind]),
      },
    );
    await all(client);
    // A page of the list that came too early is asked for once more.
    const asked = routes.flatMap((route) => (route === "list" ? [route, route] : [route]));
    expect(before).toEqual(asked);
    expect(after).toEqual(
      asked.map((route, index) => (index % 2 === 0 ? [route, 429, "rate-limited"] : [route, "lost", "lost"])),
    );
  });

  it("reports a good answer to the pace too", async () => {
    const after: unknown[] = [];
    const client = aClient(
      (_, index) => (index === 0 ? json({ success: true, new_contract: 5 }) : json({ success: true })),
      {
        after: (route, status, failure) => void after.push([route, status, failure]),
      },
    );
    await client.vast.rent(1, { image: "i", diskGb: 15, label: "l", env: {}, onstart: "", runtype: "ssh" });
    await client.vast.destroy(5);
    await client.vast.label(5, "x");
    expect(after).toEqual([
      ["rent", 200, null],
      ["destroy", 200, null],
      ["manage", 200, null],
    ]);
  });

  it("is not sent where the pace says when to come back", async () => {
    const held = { kind: "rate-limited", thresholdSeconds: 4.5, retryAfterSeconds: 3, message: "paced" } as const;
    const client = aClient(() => json({}), { before: async () => held });
    const answers = await all(client);
    expect(client.calls).toHaveLength(0);
    expect(answers[0]).toEqual({ ok: false, error: held });
    expect(answers[1]).toEqual({ kind: "refused", failure: held });
    expect(answers[2]).toMatchObject({ ok: false, failure: held });
    expect(answers[4]).toEqual({ kind: "refused", failure: held });
  });

  it("answers no-key and sends nothing where there is no key", async () => {
    const client = aClient(() => json({}), { apiKey: null });
    await all(client);
    expect(client.calls).toHaveLength(0);
  });

  it("takes the key out of what a server echoes", async () => {
    const echoes = [
      json({ success: false, error: "oops", msg: `Authorization: Bearer ${API_KEY}` }, 400),
      text(`<html>Bearer ${API_KEY}</html>`, 400),
      text(`Bearer ${API_KEY}`, 400),
      json({ success: false, error: API_KEY, msg: `the key ${API_KEY} is unknown` }, 400),
    ];
    for (const echo of echoes) {
      const answers = await all(aClient(() => echo.clone()));
      expect(JSON.stringify(answers)).not.toContain(API_KEY);
    }
  });

  it("fails as a value, never by throwing, where the base address is unusable", async () => {
    const client = aClient(() => json({}), { baseUrl: "" });
    expect(await all(client)).toHaveLength(routes.length);
    expect(await client.vast.readLog("https://s3.amazonaws.com/vast.ai/x.log")).toMatchObject({ ok: false });
    expect(client.calls).toHaveLength(0);
  });

  it("works behind a base address with a slash at its end", async () => {
    const client = aClient([json(account)], { baseUrl: "https://console.vast.ai/" });
    await client.vast.account();
    expect(client.calls[0]?.url.href).toBe("https://console.vast.ai/api/v0/users/current/");
  });
});
