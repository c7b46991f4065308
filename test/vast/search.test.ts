import { describe, expect, it } from "vitest";
import offers from "../fixtures/vast/offers.json" with { type: "json" };
import type { OfferQuery } from "../../src/fleet/offer.ts";
import { searchBody } from "../../src/vast/query.ts";
import { aClient } from "./a-client.ts";
import { json, text, type Call } from "./fake-server.ts";

const QUERY: OfferQuery = {
  gpus: ["RTX 3060", "RTX 3070 Ti"],
  maxPriceUsdPerHour: 0.09,
  diskGb: 15,
  minGpuRamGb: null,
  minReliability: null,
  minCudaVersion: null,
  minDriverVersion: null,
  minDurationSeconds: null,
  excludedMachineIds: [],
};

interface Row {
  readonly id: number;
  readonly gpu_name: string;
  readonly dph_total: number;
  readonly num_gpus: number;
}

const row = (id: number, price: number, gpu = "RTX 3060"): Row => ({
  id,
  gpu_name: gpu,
  dph_total: price,
  num_gpus: 1,
});

/** A market that honours price and type, sorts by price and gives 64 rows at most. `in` can be made to miss types. */
function market(rows: readonly Row[], missedByIn: readonly string[] = []) {
  return (call: Call): Response => {
    const body = call.body as { gpu_name: { in: string[] }; dph_total?: { gte?: number; lte?: number } };
    const wanted = body.gpu_name.in;
    const fits = rows.filter(
      (one) =>
        wanted.includes(one.gpu_name) &&
        !(wanted.length > 1 && missedByIn.includes(one.gpu_name)) &&
        one.dph_total >= (body.dph_total?.gte ?? 0) &&
        one.dph_total <= (body.dph_total?.lte ?? 1000),
    );
    return json({ offers: fits.toSorted((a, b) => a.dph_total - b.dph_total).slice(0, 64) });
  };
}

const gpusAsked = (call: Call) => (call.body as { gpu_name: { in: string[] } }).gpu_name.in;

describe("the search body", () => {
  it("holds the official client's default filters, the real disk and operator objects only", () => {
    expect(searchBody(QUERY)).toEqual({
      verified: { eq: true },
      external: { eq: false },
      rentable: { eq: true },
      rented: { eq: false },
      gpu_name: { in: ["RTX 3060", "RTX 3070 Ti"] },
      num_gpus: { eq: 1 },
      dph_total: { lte: 0.0905 },
      disk_space: { gte: 15 },
      type: "on-demand",
      order: [["dph_total", "asc"]],
      limit: 64,
      allocated_storage: 15,
    });
  });

  it("leaves the price out where there is no cap", () => {
    expect(searchBody({ ...QUERY, maxPriceUsdPerHour: null })).not.toHaveProperty("dph_total");
  });

  it("adds memory in megabytes with a margin, exclusions and the start of a page", () => {
    const query = { ...QUERY, minGpuRamGb: 10, excludedMachineIds: [7001, 7002] };
    expect(searchBody(query, { fromUsdPerHour: 0.05, gpus: ["RTX 3060"] })).toMatchObject({
      gpu_name: { in: ["RTX 3060"] },
      gpu_ram: { gte: 9000 },
      machine_id: { notin: [7001, 7002] },
      dph_total: { gte: 0.05 },
    });
  });

  it("adds what a machine must be like: the driver as a number, the promise in seconds", () => {
    const minimums = {
      minReliability: 0.98,
      minCudaVersion: 12.4,
      minDriverVersion: "535.0",
      minDurationSeconds: 86_400,
    };
    expect(searchBody({ ...QUERY, ...minimums })).toMatchObject({
      reliability: { gte: 0.98 },
      cuda_max_good: { gte: 12.4 },
      driver_version: { gte: 535_000_000 },
      duration: { gte: 86_400 },
    });
  });

  it("excludes at most 200 machines by query: the rest are refused on the rows", () => {
    const body = searchBody({ ...QUERY, excludedMachineIds: Array.from({ length: 300 }, (_, index) => index) });
    expect(body["machine_id"]).toMatchObject({ notin: { length: 200 } });
  });
});

describe("one search", () => {
  it("posts the query and answers with offers, storage left out", async () => {
    const { vast, calls } = aClient([json(offers)]);
    const answer = await vast.search(QUERY);
    expect(answer).toMatchObject({
      ok: true,
      value: { isCapped: false, offers: [{ offerId: 31234567 }, { offerId: 31234568 }] },
    });
    expect(`${calls[0]?.method} ${calls[0]?.url.href}`).toBe("POST https://console.vast.ai/api/v0/bundles/");
    expect(calls[0]?.body).toEqual(searchBody(QUERY));
  });

  it("takes a single offer in place of a list", async () => {
    const { vast } = aClient([json({ offers: offers.offers[0] })]);
    expect(await vast.search(QUERY)).toMatchObject({ ok: true, value: { offers: [{ offerId: 31234567 }] } });
  });

  it("says when the answer is full", async () => {
    const { vast } = aClient(market(Array.from({ length: 80 }, (_, index) => row(index + 1, 0.05 + index / 10_000))));
    expect(await vast.search(QUERY)).toMatchObject({ ok: true, value: { isCapped: true, offers: { length: 64 } } });
  });

  it.each([
    ["no offers", {}],
    ["offers that are null", { offers: null }],
    ["an offer without an id", { offers: [{ gpu_name: "RTX 3060" }] }],
  ])("is unreadable, not empty, with %s", async (_name, body) => {
    const { vast } = aClient([json(body)]);
    expect(await vast.search(QUERY)).toMatchObject({ ok: false, error: { kind: "unreadable" } });
  });
});

describe("a search by price", () => {
  it("needs one call where all fits into one answer", async () => {
    const { vast } = aClient(market([row(1, 0.05), row(2, 0.06, "RTX 3070 Ti")]));
    expect(await vast.searchPriced(QUERY)).toMatchObject({
      ok: true,
      value: { calls: 1, isCapped: false, missingGpus: [], failure: null },
    });
  });

  it("pages by price until all is read, each offer once, cheapest first", async () => {
    const rows = Array.from({ length: 150 }, (_, index) =>
      row(index + 1, 0.02 + Math.floor(index / 3) / 1000, index % 2 === 0 ? "RTX 3060" : "RTX 3070 Ti"),
    );
    const { vast, calls } = aClient(market(rows));
    const answer = await vast.searchPriced(QUERY);
    expect(answer.ok && answer.value.offers.map((offer) => offer.offerId)).toEqual(rows.map((one) => one.id));
    expect(answer.ok && answer.value.isCapped).toBe(false);
    expect(calls).toHaveLength(3);
  });

  it("stops after six pages and says that there may be more", async () => {
    const rows = Array.from({ length: 1000 }, (_, index) =>
      row(index + 1, 0.02 + index / 100_000, index % 2 === 0 ? "RTX 3060" : "RTX 3070 Ti"),
    );
    const { vast, calls } = aClient(market(rows));
    expect(await vast.searchPriced(QUERY)).toMatchObject({ ok: true, value: { isCapped: true, calls: 6 } });
    expect(calls).toHaveLength(6);
  });

  it("stops where a page brings nothing new: more than 64 offers at one price", async () => {
    const { vast, calls } = aClient(market(Array.from({ length: 90 }, (_, index) => row(index + 1, 0.05))));
    expect(await vast.searchPriced({ ...QUERY, gpus: ["RTX 3060"] })).toMatchObject({
      ok: true,
      value: { isCapped: true, offers: { length: 64 } },
    });
    expect(calls).toHaveLength(2);
  });

  it("asks again by type for a wanted GPU that the list missed", async () => {
    const { vast, calls } = aClient(market([row(1, 0.05), row(2, 0.04, "RTX 3070 Ti")], ["RTX 3070 Ti"]));
    const answer = await vast.searchPriced(QUERY);
    expect(answer).toMatchObject({ ok: true, value: { offers: [{ offerId: 2 }, { offerId: 1 }], missingGpus: [] } });
    expect(calls.map(gpusAsked)).toEqual([["RTX 3060", "RTX 3070 Ti"], ["RTX 3070 Ti"]]);
  });

  it("asks by type under the price cap where cheaper types filled every page", async () => {
    const cheap = Array.from({ length: 500 }, (_, index) => row(index + 1, 0.02 + index / 100_000));
    const { vast, calls } = aClient(market([...cheap, row(9999, 0.08, "RTX 3070 Ti")]));
    const answer = await vast.searchPriced(QUERY, 2);
    expect(answer.ok && answer.value.offers.at(-1)).toMatchObject({ offerId: 9999 });
    expect(answer).toMatchObject({ value: { isCapped: true, calls: 3 } });
    expect(calls.at(-1)?.body).toMatchObject({ dph_total: { lte: 0.0905 } });
  });

  it("names the types that nobody offers, and does not ask twice where only one is wanted", async () => {
    const { vast } = aClient(market([row(1, 0.05)]));
    expect(await vast.searchPriced(QUERY)).toMatchObject({
      ok: true,
      value: { missingGpus: ["RTX 3070 Ti"], calls: 2 },
    });
    const single = aClient(market([]));
    expect(await single.vast.searchPriced({ ...QUERY, gpus: ["RTX 3060"] })).toMatchObject({
      ok: true,
      value: { offers: [], calls: 1 },
    });
  });

  it("fails where the first page does", async () => {
    const { vast } = aClient([text("API requests too frequent", 429)]);
    expect(await vast.searchPriced(QUERY)).toMatchObject({ ok: false, error: { kind: "rate-limited" } });
  });

  it("keeps the offers it has where a later call fails, says so and asks no further", async () => {
    const three = { ...QUERY, gpus: ["RTX 3060", "RTX 3070 Ti", "RTX 3080"] };
    const { vast, calls } = aClient((call, index) =>
      index === 0 ? market([row(1, 0.05)])(call) : text("too frequent", 429),
    );
    expect(await vast.searchPriced(three)).toMatchObject({
      ok: true,
      value: { offers: [{ offerId: 1 }], failure: { kind: "rate-limited" }, calls: 2 },
    });
    expect(calls).toHaveLength(2);
  });
});
