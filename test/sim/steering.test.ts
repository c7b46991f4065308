import { describe, expect, it } from "vitest";
import worker from "../../sim/worker.ts";
import { aMarket, MINUTE, NOW } from "./a-market.ts";

describe("steering", () => {
  it("moves a hand clock forward only", async () => {
    const test = aMarket();
    expect((await test.call("POST", "/sim/clock", { advanceMs: MINUTE })).json["nowMs"]).toBe(NOW + MINUTE);
    expect((await test.call("POST", "/sim/clock", { nowMs: NOW })).json["nowMs"]).toBe(NOW + MINUTE);
  });

  it("resets to a fresh market with a clock, a seed and machines of its own", async () => {
    const test = aMarket();
    await test.rent("x");
    await test.fault("list-fails");
    const hosts = [{ machineId: 7, gpuName: "RTX 4090", gpuCount: 1, trait: "good" }];
    const answer = await test.call("POST", "/sim/reset", { seed: 5, nowMs: NOW - MINUTE, credit: 3, hosts });
    expect(answer.json).toEqual({ nowMs: NOW - MINUTE, seed: 5, hosts: 1 });
    expect(await test.truth()).toMatchObject({
      boxes: [],
      faults: [],
      account: { credit: 3 },
      mostPaidAtOnce: 0,
      calls: {},
    });
    expect(await test.offers()).toMatchObject([{ machine_id: 7, gpu_name: "RTX 4090" }]);
  });

  it("shows names of environment variables and never their values, but for the intent", async () => {
    const test = aMarket();
    const id = await test.rent("x", {
      env: { HF_TOKEN: "hf_secret", FLEETKEEPER_INTENT: "u-1", FLEETKEEPER_ID: "k-1" },
    });
    expect(await test.boxTruth(id)).toMatchObject({
      env: ["HF_TOKEN", "FLEETKEEPER_INTENT", "FLEETKEEPER_ID"],
      intentId: "u-1",
      keeperId: "k-1",
    });
    expect(JSON.stringify(await test.truth())).not.toContain("hf_secret");
  });

  it("runs as a worker: one fetch, a hand clock at noon of 2026-11-23", async () => {
    const response = await worker.fetch(new Request("http://sim/sim/state"));
    expect(await response.json()).toMatchObject({ nowMs: NOW, clock: "hand", seed: 1 });
  });

  it("seeds further weights names with a learner", async () => {
    const test = aMarket();
    await test.call("POST", "/sim/hub/weights", { name: "lb-v-eq-3740", step: 3740, games: 1_700_608 });
    const state = await test.call("GET", "/jasonyandell/zeb-42/resolve/main/lb-v-eq-3740-state.json", undefined, {});
    expect(state.json).toMatchObject({ step: 3740, total_games: 1_700_608 });
  });
});
