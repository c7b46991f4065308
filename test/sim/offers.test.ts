import { describe, expect, it } from "vitest";
import { aMarket, goodHosts, type Json, listOf, NOW } from "./a-market.ts";

const MANY = { hosts: { count: 300, dudShare: 0 } };

describe("searching offers", () => {
  it("answers with exactly application/json, no charset", async () => {
    const answer = await aMarket().call("POST", "/api/v0/bundles/", {});
    expect(answer.type).toBe("application/json");
  });

  it("takes numbers as strings and names with underscores, as the official client's parser may send them", async () => {
    const test = aMarket(MANY);
    const rows = await test.offers({
      gpu_name: { in: ["RTX_3070", "RTX 3080"] },
      num_gpus: { eq: "1" },
      dph_total: { lte: "0.1" },
    });
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) {
      expect(["RTX 3070", "RTX 3080"]).toContain(row["gpu_name"]);
      expect(row["dph_total"]).toBeLessThanOrEqual(0.1);
    }
  });

  it("combines the operators of one object and excludes machines given as strings", async () => {
    const test = aMarket(MANY);
    const [first] = await test.offers();
    const rows = await test.offers({
      dph_total: { gte: 0.06, lt: 0.08 },
      machine_id: { notin: [String(first?.["machine_id"])] },
    });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => Number(row["dph_total"]) >= 0.06 && Number(row["dph_total"]) < 0.08)).toBe(true);
    expect(rows.map((row) => row["machine_id"])).not.toContain(first?.["machine_id"]);
  });

  it("never gives more than 64 rows, whatever the limit", async () => {
    const test = aMarket(MANY);
    expect(await test.offers({ limit: 1000 })).toHaveLength(64);
    expect(await test.offers({ limit: 3 })).toHaveLength(3);
  });

  it("sorts by price when asked and by score otherwise", async () => {
    const test = aMarket(MANY);
    const prices = (await test.offers()).map((row) => Number(row["dph_total"]));
    expect(prices).toEqual([...prices].sort((left, right) => left - right));
    const scores = listOf((await test.call("POST", "/api/v0/bundles/", { num_gpus: { eq: 1 } })).json["offers"]).map(
      (row) => Number(row["score"]),
    );
    expect(scores).toEqual([...scores].sort((left, right) => right - left));
  });

  it("adds the disk to the price only when allocated_storage is set", async () => {
    const test = aMarket();
    const [bare] = await test.offers();
    const [stored] = await test.offers({ allocated_storage: 15 });
    expect(bare?.["dph_total"]).toBe(bare?.["dph_base"]);
    expect(stored?.["dph_total"]).toBeCloseTo(Number(stored?.["dph_base"]) + (0.15 * 15) / 720, 6);
  });

  it("refuses a bare filter value", async () => {
    const answer = await aMarket().call("POST", "/api/v0/bundles/", { gpu_name: "RTX 3070" });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ success: false, error: "bad_request" });
    expect(answer.json["msg"]).toContain("q.gpu_name: Input should be a valid dictionary");
  });

  it("finds nothing by id, and the offer by ask_contract_id", async () => {
    const test = aMarket();
    const [first] = await test.offers();
    expect(await test.offers({ id: { eq: first?.["id"] } })).toEqual([]);
    expect(await test.offers({ ask_contract_id: { eq: first?.["id"] } })).toHaveLength(1);
  });

  it("filters places by their two-letter code, and verified by its boolean twin", async () => {
    const test = aMarket(MANY);
    const rows = await test.offers({ geolocation: { in: ["US"] }, verified: { eq: true }, external: { eq: false } });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => String(row["geolocation"]).endsWith(", US") && row["verification"] === "verified")).toBe(
      true,
    );
  });

  it("shows storage-only rows in a search that names no GPU", async () => {
    const rows = listOf((await aMarket().call("POST", "/api/v0/bundles/", {})).json["offers"]);
    expect(rows.filter((row) => row["num_gpus"] === 0)).toHaveLength(1);
  });

  it("serves the newer form and the legacy one", async () => {
    const test = aMarket();
    const newer = await test.call("PUT", "/api/v0/search/asks/", {
      select_cols: ["*"],
      q: { gpu_name: { eq: "RTX 3070" } },
    });
    const legacy = await test.call("GET", `/api/v0/bundles?q=${encodeURIComponent('{"gpu_name":{"eq":"RTX 3070"}}')}`);
    expect(listOf(newer.json["offers"])).toHaveLength(12);
    expect(listOf(legacy.json["offers"])).toHaveLength(12);
  });

  it("prices bids by min_bid", async () => {
    const [row] = await aMarket().offers({ type: "bid" });
    expect(row?.["is_bid"]).toBe(true);
    expect(row?.["dph_base"]).toBe(row?.["min_bid"]);
  });

  it("names the GPUs without a key", async () => {
    const answer = await aMarket().call("GET", "/api/v0/gpu_names/unique/", undefined, {});
    expect(answer.json).toEqual({ gpu_names: ["RTX 3070"] });
  });

  it("takes all offers of a machine off the market while it is rented, and lists it anew under new ids", async () => {
    const test = aMarket({ hosts: goodHosts(1, { gpuCount: 2 }) });
    const before = listOf(
      (await test.call("POST", "/api/v0/bundles/", { gpu_name: { eq: "RTX 3070" } })).json["offers"],
    );
    expect(new Set(before.map((row) => row["num_gpus"]))).toEqual(new Set([1, 2]));
    const id = await test.rent("zeb-worker-vast-0");
    expect(await test.offers({ gpu_name: { eq: "RTX 3070" } })).toEqual([]);
    await test.call("DELETE", `/api/v0/instances/${id}/`, {});
    await test.pass(40_000);
    const [after] = await test.offers({ gpu_name: { eq: "RTX 3070" } });
    expect(after?.["machine_id"]).toBe(before[0]?.["machine_id"]);
    expect(before.map((row) => row["id"])).not.toContain(after?.["id"]);
  });

  it("filters by what a machine is like: reliability, CUDA, driver by number, days left", async () => {
    const good = { reliability: 0.99, cudaMaxGood: 12.4, driverVersion: "550.90.07" };
    const test = aMarket({ hosts: goodHosts(1, { ...good, listedUntilMs: NOW + 10 * 86_400_000 }) });
    const found = async (filter: Json): Promise<number> => (await test.offers(filter)).length;
    expect(await found({ reliability: { gte: 0.99 }, cuda_max_good: { gte: 12.4 } })).toBe(1);
    expect(await found({ reliability: { gte: 0.991 } })).toBe(0);
    expect(await found({ cuda_max_good: { gte: 12.6 } })).toBe(0);
    expect(await found({ driver_version: { gte: 550_090_007 } })).toBe(1);
    expect(await found({ driver_version: { gte: "550090008" } })).toBe(0);
    expect(await found({ duration: { gte: 9.9 * 86_400 } })).toBe(1);
    expect(await found({ duration: { gte: 10.1 * 86_400 } })).toBe(0);
  });
});
