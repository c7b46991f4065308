import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { throughputByMachine } from "../../src/db/throughput.ts";
import type { HourlyThroughput } from "../../src/fleet/event.ts";
import { anHour, HOUR, NOW } from "./builders.ts";

async function measure(...hours: HourlyThroughput[]): Promise<void> {
  await writeOutbox(
    env.DB,
    hours.map((row) => ({ kind: "throughput", row })),
  );
}

describe("throughputByMachine", () => {
  it("gives the mean over all measured reports, by machine and by GPU type", async () => {
    const weightsName = "mean";
    await measure(
      anHour({ instanceId: 1, weightsName, machineId: 1, samples: 10, gamesPerSecondSum: 20 }),
      anHour({ instanceId: 1, weightsName, machineId: 1, hourAtMs: NOW + HOUR, samples: 30, gamesPerSecondSum: 90 }),
      anHour({ instanceId: 2, weightsName, machineId: 2, samples: 40, gamesPerSecondSum: 50 }),
      anHour({ instanceId: 3, weightsName, machineId: 3, gpu: "RTX 4070 Ti", samples: 2, gamesPerSecondSum: 8.4 }),
    );
    expect(await throughputByMachine(env.DB, { weightsName, sinceMs: NOW })).toEqual({
      byMachine: { 1: 110 / 40, 2: 1.25, 3: 4.2 },
      byGpu: { "RTX 3070": 160 / 80, "RTX 4070 Ti": 4.2 },
    });
  });

  it("replaces the sums of an hour and does not add them up", async () => {
    const hour = anHour({ instanceId: 5, weightsName: "replaced", samples: 1, gamesPerSecondSum: 3 });
    await measure(hour);
    await measure({ ...hour, samples: 2, gamesPerSecondSum: 4 });
    await measure({ ...hour, samples: 2, gamesPerSecondSum: 4 });
    const { byMachine } = await throughputByMachine(env.DB, { weightsName: "replaced", sinceMs: NOW });
    expect(byMachine).toEqual({ 4411: 2 });
  });

  it("leaves out older hours, other weights, and hours without a measured report", async () => {
    const weightsName = "current";
    await measure(
      anHour({ instanceId: 6, weightsName, hourAtMs: NOW - 1, gpu: "RTX 3060" }),
      anHour({ instanceId: 7, weightsName: "other", gpu: "RTX 3080" }),
      anHour({ instanceId: 8, weightsName, machineId: 8, samples: 0, gamesPerSecondSum: 0 }),
      anHour({ instanceId: 9, weightsName, machineId: null, gpu: "RTX 3090", samples: 1, gamesPerSecondSum: 2 }),
    );
    expect(await throughputByMachine(env.DB, { weightsName, sinceMs: NOW })).toEqual({
      byMachine: {},
      byGpu: { "RTX 3090": 2 },
    });
  });
});
