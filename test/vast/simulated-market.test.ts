// The clients against the independent simulator, in process: both sides read the same references and neither the other.

import { describe, expect, it } from "vitest";
import { createApp } from "../../sim/app.ts";
import { handClock } from "../../sim/clock.ts";
import { createMarket } from "../../sim/market.ts";
import type { OfferQuery } from "../../src/fleet/offer.ts";
import { createHubClient, hubHosts } from "../../src/huggingface/client.ts";
import { createOutbound } from "../../src/outbound.ts";
import { createVastClient, vastHosts, type Rental } from "../../src/vast/client.ts";

const BASE = "http://127.0.0.1:8788";
const START = Date.parse("2026-11-23T18:00:00Z");
const REPO = "jasonyandell/zeb-42";
const QUERY: OfferQuery = {
  gpus: ["RTX 3060", "RTX 3060 Ti", "RTX 3070", "RTX 3080", "RTX 3090", "RTX 4070 Ti"],
  maxPriceUsdPerHour: null,
  diskGb: 15,
  minGpuRamGb: null,
  minReliability: null,
  minCudaVersion: null,
  minDriverVersion: null,
  minDurationSeconds: null,
  excludedMachineIds: [],
};
const RENTAL: Rental = {
  image: "pytorch/pytorch:2.6.0-cuda12.6-cudnn9-runtime",
  diskGb: 15,
  label: "zeb-worker-vast-0",
  env: { FLEETKEEPER_ID: "keeper-a", FLEETKEEPER_INTENT: "intent-0", HF_TOKEN: "hf_madeUp0123456789abcdef" },
  onstart: "echo hello",
  runtype: "ssh",
};

function aWorld(token: string | null = "hf_madeUp0123456789abcdef") {
  const clock = handClock(START);
  const app = createApp(createMarket({ seed: 7, clock, demo: true }));
  const send = async (url: string, init: RequestInit): Promise<Response> => app.fetch(new Request(url, init));
  const outbound = createOutbound({ fetch: send, allowedHosts: [...vastHosts(BASE), ...hubHosts(BASE)] });
  const steer = (path: string, body: object) =>
    send(`${BASE}/sim/${path}`, { method: "POST", body: JSON.stringify(body) });
  return {
    vast: createVastClient({ outbound, baseUrl: BASE, apiKey: "any-key-0123456789", now: () => clock.nowMs() }),
    hub: createHubClient({ outbound, baseUrl: BASE, token }),
    fault: async (name: string, more: object = {}) => expect((await steer("faults", { name, ...more })).ok).toBe(true),
    pass: async (seconds: number) => expect((await steer("clock", { advanceMs: seconds * 1000 })).ok).toBe(true),
    truth: async () =>
      (await (await send(`${BASE}/sim/state`, {})).json()) as { now: { billed: number }; leaks?: unknown },
  };
}

type World = ReturnType<typeof aWorld>;

async function rentOne(world: World, label = RENTAL.label, skip = 0): Promise<number> {
  const found = await world.vast.search(QUERY);
  const offer = found.ok ? found.value.offers[skip] : undefined;
  const outcome = await world.vast.rent(offer?.offerId ?? 0, { ...RENTAL, label });
  expect(outcome.kind).toBe("rented");
  return outcome.kind === "rented" ? outcome.instanceId : 0;
}

describe("against the simulated market, the client", () => {
  it("searches, rents, lists, reads, labels and destroys one instance", async () => {
    const world = aWorld();
    const instanceId = await rentOne(world);
    await world.pass(300);
    const list = await world.vast.list();
    expect(list).toMatchObject({
      ok: true,
      totalInstances: 1,
      rows: [{ instanceId, label: RENTAL.label, envReadable: true, keeperId: "keeper-a", intentId: "intent-0" }],
    });
    expect(JSON.stringify(list)).not.toContain("hf_madeUp");
    expect(await world.vast.label(instanceId, "zeb-worker-vast-5")).toEqual({ ok: true, value: null });
    expect(await world.vast.one(instanceId)).toMatchObject({
      ok: true,
      value: { label: "zeb-worker-vast-5", actualStatus: "running" },
    });
    expect(await world.vast.destroy(instanceId)).toEqual({ kind: "done", wasGone: false });
    expect(await world.vast.one(instanceId)).toEqual({ ok: true, value: null });
    expect(await world.vast.destroy(instanceId)).toMatchObject({ kind: "done", wasGone: true });
    expect(await world.vast.list()).toMatchObject({ ok: true, totalInstances: 0, rows: [] });
  });

  it("reads a list of more than one page whole", async () => {
    const world = aWorld();
    for (let slot = 0; slot < 28; slot += 1) await rentOne(world, `zeb-worker-vast-${slot}`);
    const list = await world.vast.list();
    expect(list).toMatchObject({ ok: true, totalInstances: 28, rows: { length: 28 } });
    const ids = list.ok ? list.rows.map((row) => row.instanceId) : [];
    expect(await world.vast.destroyMany(ids)).toMatchObject({ kind: "done" });
    expect((await world.truth()).now.billed).toBe(0);
  });

  it("finds by price at least what one page shows, within one call per wanted type more", async () => {
    const world = aWorld();
    const [page, priced] = [await world.vast.search(QUERY), await world.vast.searchPriced(QUERY)];
    const pageIds = page.ok ? page.value.offers.map((offer) => offer.offerId) : [];
    expect(priced.ok && priced.value.failure).toBeNull();
    expect(priced.ok && priced.value.offers.map((offer) => offer.offerId)).toEqual(expect.arrayContaining(pageIds));
    expect(priced.ok && priced.value.calls).toBeLessThanOrEqual(6 + QUERY.gpus.length);
  });

  it.each(["list-fails", "list-410", "list-garbage", "bad-key", "api-down"])("has no list with %s", async (name) => {
    const world = aWorld();
    await rentOne(world);
    await world.fault(name);
    expect(await world.vast.list()).toMatchObject({ ok: false });
  });

  it("carries what proves a list partial, or another account's", async () => {
    const world = aWorld();
    await rentOne(world);
    const bound = await world.vast.account();
    await world.fault("list-partial");
    expect(await world.vast.list()).toMatchObject({ ok: true, totalInstances: 1, rows: [] });
    await world.fault("list-other-account");
    const other = await world.vast.account();
    expect(other.ok && bound.ok && other.value.accountId !== bound.value.accountId).toBe(true);
  });

  it.each([
    ["create-taken", "offer-gone"],
    ["create-no-credit", "no-credit"],
    ["create-spend-limit", "spend-limit"],
    ["create-429", "rate-limited"],
  ])("is certainly refused with %s: %s", async (name, kind) => {
    const world = aWorld();
    const found = await world.vast.search(QUERY);
    await world.fault(name);
    const offerId = (found.ok && found.value.offers[0]?.offerId) || 0;
    for (let round = 0; round < 4; round += 1) {
      expect(await world.vast.rent(offerId, RENTAL)).toMatchObject({ kind: "refused", failure: { kind } });
    }
    expect((await world.truth()).now.billed).toBe(0);
  });

  it.each(["create-error-but-rented", "create-error"])("does not know what happened with %s", async (name) => {
    const world = aWorld();
    const found = await world.vast.search(QUERY);
    await world.fault(name);
    const offerId = (found.ok && found.value.offers[0]?.offerId) || 0;
    expect(await world.vast.rent(offerId, RENTAL)).toMatchObject({ kind: "unknown" });
  });

  it("never says refused with create-success-false-200 while a box is billed", async () => {
    const world = aWorld();
    const found = await world.vast.search(QUERY);
    await world.fault("create-success-false-200");
    const outcome = await world.vast.rent((found.ok && found.value.offers[0]?.offerId) || 0, RENTAL);
    const { billed } = (await world.truth()).now;
    expect(outcome.kind === "refused" && billed > 0).toBe(false);
  });

  it.each(["destroy-500", "destroy-504"])("does not know what happened with %s", async (name) => {
    const world = aWorld();
    const instanceId = await rentOne(world);
    await world.fault(name);
    expect(await world.vast.destroy(instanceId)).toMatchObject({ kind: "unknown" });
  });

  it("reads a log once it is there, and sends the log store no key", async () => {
    const world = aWorld();
    const instanceId = await rentOne(world);
    await world.pass(600);
    const asked = await world.vast.requestLogs(instanceId, { tail: 50, daemon: false });
    expect(asked.ok).toBe(true);
    const log = await world.vast.readLog(asked.ok ? asked.value.url : "");
    expect(log).toMatchObject({ ok: true, value: { truncated: false } });
    await world.fault("log-never-ready");
    expect(await world.vast.readLog(asked.ok ? asked.value.url : "")).toEqual({ ok: true, value: "not-ready" });
    expect(JSON.stringify(await world.truth())).toMatch(/"authorizationToLogs":0/);
  });

  it("does not follow a log to a strange host", async () => {
    const world = aWorld();
    const instanceId = await rentOne(world);
    await world.fault("log-wrong-host");
    expect(await world.vast.requestLogs(instanceId, { tail: 50, daemon: false })).toMatchObject({
      ok: false,
      error: { kind: "unreadable" },
    });
  });
});

describe("against the simulated Hub, the client", () => {
  it("knows weights that are there from weights that are not", async () => {
    const { hub, fault } = aWorld();
    expect(await hub.weightsPresent(REPO, "large")).toBe("present");
    expect(await hub.weightsPresent(REPO, "nowhere")).toBe("missing");
    expect(await hub.weightsPresent("jasonyandell/nowhere", "large")).toBe("no-credentials");
    await fault("hub-down");
    expect(await hub.weightsPresent(REPO, "large")).toBe("unknown");
  });

  it("knows a token that is refused", async () => {
    const { hub, fault } = aWorld();
    await fault("token-bad");
    expect(await hub.weightsPresent(REPO, "large")).toBe("no-credentials");
    expect(await hub.whoami()).toMatchObject({ ok: false, error: { kind: "no-credentials" } });
  });

  it("knows where the token may write", async () => {
    const writer = await aWorld().hub.whoami([REPO]);
    expect(writer).toMatchObject({ ok: true, value: { writes: [{ repo: REPO, canWrite: true }] } });
    const reader = await aWorld("hf_readonly0123456789").hub.whoami([REPO]);
    expect(reader).toMatchObject({ ok: true, value: { writes: [{ repo: REPO, canWrite: false }] } });
  });

  it("reads the learner's state with its date, the commits, and a folder without examples", async () => {
    const { hub } = aWorld();
    const state = await hub.learnerState(REPO, "large");
    expect(state).toMatchObject({ ok: true, value: { step: 142, totalGames: 61_440 } });
    expect(state.ok && state.value.pushedAtMs).not.toBeNull();
    const commits = await hub.commits(REPO);
    expect(commits.ok && commits.value.length).toBeGreaterThan(0);
    expect(await hub.examples(`${REPO}-examples`, "large")).toEqual({
      ok: true,
      value: { files: 0, newestAtMs: null, workers: [] },
    });
  });
});
