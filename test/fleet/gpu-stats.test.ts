import { describe, expect, it } from "vitest";
import { type RateGroup, rankGroups } from "../../src/fleet/gpu-stats.ts";

function aGroup(group: Partial<RateGroup>): RateGroup {
  return {
    weightsName: "large",
    gpu: "RTX 3070",
    machineId: null,
    samples: 10,
    games: 100,
    instances: 1,
    gamesPerSecond: 2,
    gamesPerSecondMin: 1.5,
    gamesPerSecondMax: 2.5,
    usdPerHour: 0.08,
    usdPerHourMin: 0.08,
    usdPerHourMax: 0.08,
    ...group,
  };
}

const shown = (groups: readonly RateGroup[]) =>
  rankGroups(groups).map(({ weightsName, gpu, rank, usdPerGamePerSecond }) => [
    weightsName,
    gpu,
    rank,
    usdPerGamePerSecond,
  ]);

describe("the ranking of GPU types", () => {
  it("puts the lowest $/game/s first", () => {
    const groups = [aGroup({ gpu: "dear" }), aGroup({ gpu: "good", gamesPerSecond: 4 })];
    expect(shown(groups)).toEqual([
      ["large", "good", 1, 0.02],
      ["large", "dear", 2, 0.04],
    ]);
  });

  it("ranks each weights name by itself", () => {
    const groups = [aGroup({ weightsName: "small", gamesPerSecond: 8 }), aGroup({})];
    expect(shown(groups)).toEqual([
      ["large", "RTX 3070", 1, 0.04],
      ["small", "RTX 3070", 1, 0.01],
    ]);
  });

  it("puts last what has no price or gave nothing, and gives it no value", () => {
    const groups = [
      aGroup({ gpu: "a", usdPerHour: null }),
      aGroup({ gpu: "b", gamesPerSecond: 0 }),
      aGroup({ gpu: "c" }),
    ];
    expect(shown(groups)).toEqual([
      ["large", "c", 1, 0.04],
      ["large", "a", 2, null],
      ["large", "b", 3, null],
    ]);
  });
});
