import { describe, expect, it } from "vitest";
import { readOpenMetrics, readSamples, valueOf } from "../support/open-metrics.ts";
import { aFleet, aWorker, aWorld, brokenD1, VIEWER, type World } from "./fakes.ts";

/** What Prometheus 2.49 and later send. */
const PROMETHEUS = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

function twoFleets(): World {
  const world = aWorld(
    aFleet("zeb", {
      state: "breaker-open",
      workers: [aWorker(), aWorker({ slot: 1, instanceId: 2, gamesPerSecond: null, verdict: "booting", gpu: null })],
    }),
    aFleet("zeb-large"),
  );
  // Nothing of it comes from D1.
  world.env = { ...world.env, DB: brokenD1() };
  return world;
}

async function ask(world: World, query = "", accept = PROMETHEUS) {
  const answer = await world.ask(`/metrics${query}`, { token: VIEWER, headers: { Accept: accept } });
  // workerd takes this content type for no text, and would warn of it.
  const text = new TextDecoder().decode(await answer.arrayBuffer());
  return { type: answer.headers.get("Content-Type"), status: answer.status, text };
}

describe("GET /metrics", () => {
  it("answers OpenMetrics where it is preferred, and Prometheus' own text otherwise", async () => {
    const world = twoFleets();
    expect((await ask(world)).type).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    for (const accept of [
      "*/*",
      "text/plain",
      "application/json",
      "text/plain;q=0.9,application/openmetrics-text;q=0.1",
    ]) {
      const { type, text, status } = await ask(world, "", accept);
      expect([status, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
      expect(text).not.toContain("# EOF");
      expect(text).not.toContain("# UNIT");
      expect(text).toContain("# TYPE fleetkeeper_rents_total counter\n");
      expect(text).toContain("# TYPE fleetkeeper_fleet_info gauge\n");
    }
  });

  it("says the same in both forms, by the rules of OpenMetrics", async () => {
    const world = twoFleets();
    const rows = readOpenMetrics((await ask(world)).text);
    expect(rows.length).toBeGreaterThan(100);
    expect(readSamples((await ask(world, "", "text/plain")).text)).toEqual(rows);
  });

  it("tells each fleet's figures by GPU and verdict, and its state", async () => {
    const rows = readOpenMetrics((await ask(twoFleets())).text);
    const zeb = { fleet: "zeb" };
    const of = (name: string, labels: Record<string, string> = {}) =>
      valueOf(rows, `fleetkeeper_${name}`, { ...zeb, ...labels });
    expect(of("workers", { gpu: "RTX 3070", verdict: "producing" })).toBe(1);
    expect(of("workers", { gpu: "unknown", verdict: "booting" })).toBe(1);
    expect(of("burn_usd_per_hour")).toBeCloseTo(0.204);
    expect(of("fleet_state")).toBe(1);
    expect(of("fleet_state", { state: "breaker-open" })).toBe(1);
    expect(of("fleet_state", { state: "steady" })).toBe(0);
    expect(of("last_check_age_seconds")).toBe(30);
    expect(of("rents_total", { outcome: "rented" })).toBe(7);
    expect(of("rents_total", { outcome: "no-credit" })).toBe(0);
    expect(of("destroys_total", { reason: "stuck-boot" })).toBe(1);
    expect(of("api_calls_total", { route: "rent", status: "4xx" })).toBe(2);
    expect(of("blind_seconds_total")).toBe(90);
    expect(of("fleet_info", { preset: "zeb", weights_name: "zeb-557k-1m" })).toBe(1);
  });

  it("tells the account's figures, and calls that no fleet made without a fleet", async () => {
    const rows = readOpenMetrics((await ask(twoFleets())).text);
    expect(valueOf(rows, "fleetkeeper_credit_usd")).toBe(25);
    expect(valueOf(rows, "fleetkeeper_credit_left_seconds")).toBe(50 * 3600);
    const list = rows.find(({ labels }) => labels["route"] === "list" && labels["status"] === "429");
    expect(list).toEqual({ name: "fleetkeeper_api_calls_total", labels: { route: "list", status: "429" }, value: 1 });
  });

  it("leaves out what is not known, instead of a 0", async () => {
    const world = twoFleets();
    world.credit = { creditUsd: null, readAtMs: null, usdPerHour: 0, hoursLeft: null, wait: null };
    world.fleets.set("zeb", aFleet("zeb", { spec: { ...aFleet("zeb").spec, maxPriceUsdPerHour: null } }));
    const rows = readOpenMetrics((await ask(world)).text);
    expect(valueOf(rows, "fleetkeeper_credit_usd")).toBeNull();
    expect(valueOf(rows, "fleetkeeper_credit_left_seconds")).toBeNull();
    expect(valueOf(rows, "fleetkeeper_price_cap_usd_per_hour", { fleet: "zeb" })).toBeNull();
    expect(valueOf(rows, "fleetkeeper_price_cap_usd_per_hour", { fleet: "zeb-large" })).toBe(0.09);
  });

  it("bears a GPU name that a stranger has made up", async () => {
    const gpu = 'RTX "3070"\\\n} 1\nevil_metric 1';
    const rows = readOpenMetrics((await ask(aWorld(aFleet("zeb", { workers: [aWorker({ gpu })] })))).text);
    expect(rows.find(({ name }) => name === "fleetkeeper_workers")?.labels["gpu"]).toBe(gpu);
    expect(rows.map(({ name }) => name)).not.toContain("evil_metric");
  });

  it("says which fleet does not answer, and goes on without it", async () => {
    const world = twoFleets();
    world.faults.set("metrics", new Error("the object is overloaded"));
    const rows = readOpenMetrics((await ask(world)).text);
    expect(valueOf(rows, "fleetkeeper_fleet_answers", { fleet: "zeb" })).toBe(0);
    expect(valueOf(rows, "fleetkeeper_account_answers")).toBe(1);
    expect(rows.filter(({ name }) => name === "fleetkeeper_workers")).toEqual([]);
  });

  it("takes the names from D1 while the account's keeper is silent, and shows nothing when both are", async () => {
    const world = aWorld(aFleet("zeb"));
    await world.publish("zeb");
    world.credit = new Error("the account's keeper is overloaded");
    const rows = readOpenMetrics((await ask(world)).text);
    expect(valueOf(rows, "fleetkeeper_account_answers")).toBe(0);
    expect(valueOf(rows, "fleetkeeper_target_workers", { fleet: "zeb" })).toBe(4);
    expect(valueOf(rows, "fleetkeeper_credit_usd")).toBeNull();
  });

  it("forgets a fleet that was deleted", async () => {
    const world = twoFleets();
    world.fleets.delete("zeb");
    const rows = readOpenMetrics((await ask(world)).text);
    expect(new Set(rows.map(({ labels }) => labels["fleet"]))).toEqual(new Set(["zeb-large", undefined]));
  });

  it("asks 40 fleets at most, says how many it left out, and gives all of them by shards", async () => {
    const names = Array.from({ length: 93 }, (_, index) => `fleet-${index}`);
    const world = aWorld(...names.map((name) => aFleet(name)));
    const fleetsOf = (text: string) =>
      readOpenMetrics(text).flatMap(({ name, labels }) =>
        name === "fleetkeeper_target_workers" ? [labels["fleet"] ?? ""] : [],
      );
    const whole = (await ask(world)).text;
    expect(fleetsOf(whole)).toHaveLength(40);
    expect(valueOf(readOpenMetrics(whole), "fleetkeeper_fleets_omitted")).toBe(53);
    expect(world.calls).toHaveLength(40);
    const shards = await Promise.all([0, 1, 2, 3].map((index) => ask(world, `?shard=${index}/4`)));
    expect(shards.flatMap(({ text }) => fleetsOf(text)).toSorted()).toEqual(names.toSorted());
    expect(shards.map(({ text }) => valueOf(readOpenMetrics(text), "fleetkeeper_fleets_omitted"))).toEqual([
      0, 0, 0, 0,
    ]);
    expect(fleetsOf((await ask(world, "?fleet=fleet-92")).text)).toEqual(["fleet-92"]);
  });

  it.each(["?shard=4/4", "?shard=1", "?shard=0/101", "?shard=-1/2", "?fleet=NO", "?flet=zeb"])(
    "refuses %s by name",
    async (query) => {
      const { status, text } = await ask(twoFleets(), query);
      expect([status, JSON.parse(text).errors[0].field]).toEqual([422, /[a-z]+/.exec(query)?.[0]]);
    },
  );

  it("needs a token, of a viewer at least", async () => {
    expect((await twoFleets().ask("/metrics", { token: null })).status).toBe(401);
    expect((await twoFleets().ask("/metrics", { token: "wrong-token-for-tests" })).status).toBe(401);
  });
});
