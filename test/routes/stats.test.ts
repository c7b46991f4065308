import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import type { HourlyThroughput } from "../../src/fleet/event.ts";
import type { RankedGroup } from "../../src/fleet/gpu-stats.ts";
import { anHour, DAY, HOUR, NOW } from "../db/builders.ts";
import { aWorld, VIEWER } from "./fakes.ts";

interface Stats {
  readonly since: string;
  readonly gpus?: RankedGroup[];
  readonly machines?: RankedGroup[];
  readonly reference: { readonly weightsName: string; readonly gpus: unknown[]; readonly sessions: unknown[] };
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW + 1000 });
  await env.DB.prepare("DELETE FROM throughput").run();
});

function hours(...rows: (Partial<HourlyThroughput> & Pick<HourlyThroughput, "instanceId">)[]): Promise<void> {
  return writeOutbox(
    env.DB,
    rows.map((row) => ({ kind: "throughput", row: anHour({ hourAtMs: NOW - HOUR, ...row }) })),
  );
}

async function ask(query = ""): Promise<Stats> {
  const answer = await aWorld().ask(`/api/stats/gpus${query}`, { token: VIEWER });
  expect(answer.status).toBe(200);
  return answer.json();
}

describe("GET /api/stats/gpus", () => {
  it("weighs every report the same in rate and price, and knows the extremes", async () => {
    await hours(
      {
        instanceId: 1,
        samples: 10,
        gamesPerSecondSum: 20,
        gamesPerSecondMin: 1,
        gamesPerSecondMax: 3,
        usdPerHour: 0.06,
      },
      { instanceId: 2, machineId: 5, samples: 30, gamesPerSecondSum: 90, gamesPerSecondMin: 2, gamesPerSecondMax: 4 },
    );
    const { gpus, machines } = await ask();
    const price = (10 * 0.06 + 30 * 0.102) / 40;
    expect(gpus).toEqual([
      {
        weightsName: "large",
        gpu: "RTX 3070",
        samples: 40,
        games: 17_280,
        instances: 2,
        gamesPerSecond: 2.75,
        gamesPerSecondMin: 1,
        gamesPerSecondMax: 4,
        usdPerHour: expect.closeTo(price),
        usdPerHourMin: 0.06,
        usdPerHourMax: 0.102,
        usdPerGamePerSecond: expect.closeTo(price / 2.75),
        rank: 1,
      },
    ]);
    expect(machines?.map(({ machineId, rank, gamesPerSecond }) => [machineId, rank, gamesPerSecond])).toEqual([
      [4411, 1, 2],
      [5, 2, 3],
    ]);
  });

  it("keeps weights apart, and can show those of one name, one grouping, and from an hour on", async () => {
    await hours(
      { instanceId: 1 },
      { instanceId: 2, weightsName: "small", gpu: "RTX 3060", machineId: null },
      { instanceId: 3, weightsName: "small", hourAtMs: NOW - 8 * DAY },
    );
    const both = await ask();
    expect(both.gpus?.map(({ weightsName, rank }) => [weightsName, rank])).toEqual([
      ["large", 1],
      ["small", 1],
    ]);
    expect(both.machines).toHaveLength(1);
    expect((await ask("?weightsName=small&since=30d")).gpus).toHaveLength(2);
    const machines = await ask("?by=machine&since=30d&limit=1");
    expect([machines.gpus, machines.machines?.length]).toEqual([undefined, 1]);
    expect((await ask("?by=gpu")).machines).toBeUndefined();
    // The hour that an instant falls into counts whole.
    expect((await ask(`?since=${new Date(NOW - HOUR / 2).toISOString()}`)).gpus).toHaveLength(2);
    expect((await ask(`?since=${new Date(NOW).toISOString()}`)).gpus).toEqual([]);
  });

  it("takes the mean of an hour without extremes, and no price of 0 for a price", async () => {
    const bare = { gamesPerSecondMin: null, gamesPerSecondMax: null, samples: 10, gamesPerSecondSum: 21 };
    await hours({ instanceId: 1, ...bare, usdPerHour: 0 });
    expect((await ask("?by=gpu")).gpus?.[0]).toMatchObject({
      gamesPerSecondMin: 2.1,
      gamesPerSecondMax: 2.1,
      usdPerHour: null,
      usdPerHourMin: null,
      usdPerGamePerSecond: null,
    });
    await hours({ instanceId: 2, usdPerHour: 0.08 });
    expect((await ask("?by=gpu")).gpus?.[0]).toMatchObject({ usdPerHour: 0.08, usdPerHourMin: 0.08 });
  });

  it("does not count an hour without a report", async () => {
    await hours({ instanceId: 1, samples: 0, gamesPerSecondSum: 0 });
    expect((await ask()).gpus).toEqual([]);
  });

  it("stands beside the runbook's table", async () => {
    const { reference } = await ask();
    expect(reference.weightsName).toBe("large-belief");
    expect(reference.gpus[0]).toMatchObject({
      gpu: "RTX 4070 Ti",
      gamesPerSecond: [4.1, 4.2],
      usdPerHour: [0.074, 0.09],
    });
    expect(reference.sessions).toHaveLength(2);
  });

  it("prints both, and the runbook's table below", async () => {
    await hours({ instanceId: 1 });
    const text = await (await aWorld().ask("/api/stats/gpus?format=text")).text();
    expect(text).toContain("   1  RTX 3070         large             2.4    1.8-2.6   0.102        0.102     0.043");
    expect(text).toContain("    4411     1  RTX 3070");
    expect(text).toContain("RTX 4070 Ti        4.1-4.2  0.074-0.090  0.018-0.021  Best value: fast and cheap");
    expect(text).toContain("12 x RTX 4070 Ti, RTX 4070, RTX 3080: $0.97/hr, 35 games/s");
  });
});
