// Rule 21 beyond the formula: what the repo really has to bear, and who still uploads as it was rented.

import { describe, expect, it } from "vitest";
import { type CommitLoad, projectCommits } from "../../src/fleet/commit-load.ts";
import { decide } from "../../src/fleet/decide.ts";
import type { SpecPatch } from "../../src/fleet/spec.ts";
import { aSituation, aSpec, aWorker, anInstance, anIntent, aMemory } from "../support/builders.ts";

const alone: CommitLoad = { otherWorkers: 0, learnerPerHour: null };
const born = (count: number, uploadIntervalSeconds: number | null) =>
  Array.from({ length: count }, (_, slot) => aWorker({ slot, uploadIntervalSeconds }));
const project = (patch: SpecPatch, workers = born(0, null), commits: CommitLoad | null = alone) =>
  projectCommits({ commits, spec: aSpec(patch), mode: "active" }, workers);

describe("the projection", () => {
  it.each([
    ["4 workers", 4, alone, 60],
    ["12 workers", 12, alone, 100],
    ["8, and 8 of another fleet", 8, { otherWorkers: 8, learnerPerHour: null }, 100],
    ["12, and a learner that was measured", 12, { otherWorkers: 0, learnerPerHour: 16 }, 116],
  ])("of %s", (_words, target, commits, perHour) => {
    expect(project({ target }, undefined, commits)).toEqual({ perHour, notes: [] });
  });

  it("counts a worker with the interval it was rented with", () => {
    expect(project({ target: 12 }, born(4, 240)).perHour).toBeCloseTo(4 * 15 + 8 * (3600 / 432), 1);
  });

  it("counts one whose interval is not known with the present one", () => {
    expect(project({ target: 12 }, born(12, null))).toEqual({ perHour: 100, notes: [] });
  });

  it("is none for a workload that commits nothing, and counts no worker to come of a fleet that is down", () => {
    expect(project({ target: 4 }, undefined, null)).toEqual({ perHour: null, notes: [] });
    expect(projectCommits({ commits: alone, spec: aSpec({ target: 4 }), mode: "down" }, []).perHour).toBe(0);
  });
});

describe("a note", () => {
  const repo = aSpec().examplesRepo;

  it.each([
    [28, []],
    [
      29,
      [
        `129 commits an hour are to be expected on ${repo}, over the Hub's 128: uploads will be refused; raise uploadIntervalSeconds or lower a target`,
      ],
    ],
  ])("tells when the learner's %i commits make it more than the Hub's 128", (learnerPerHour, notes) => {
    expect(project({ target: 12 }, undefined, { otherWorkers: 0, learnerPerHour }).notes).toEqual(notes);
  });

  it("names the workers that upload as they were rented", () => {
    const workers = [
      ...born(2, 240),
      aWorker({ slot: 2, uploadIntervalSeconds: 432 }),
      aWorker({ slot: 3, uploadIntervalSeconds: 288 }),
    ];
    expect(project({ target: 12 }, workers).notes).toEqual([
      "upload as they were rented, workers 0, 1 every 240 s; 3 every 288 s; a new one would every 432 s: replace them to change it",
    ]);
  });
});

it("a worker carries the interval of the rent that made it, for life", () => {
  const intent = anIntent({ uploadIntervalSeconds: 288 });
  const rows = [anInstance({ intentId: intent.id })];
  const first = decide(aSituation({ rows, memory: aMemory({ intents: [intent] }), commits: alone }));
  expect(first.memory.workers[0]?.uploadIntervalSeconds).toBe(288);
  const second = decide(aSituation({ rows, memory: first.memory, commits: alone }));
  expect(second.memory.workers[0]?.uploadIntervalSeconds).toBe(288);
  expect([second.projectedCommitsPerHour, second.notes]).toEqual([
    57.5,
    [expect.stringContaining("0 every 288 s; a new one would every 240 s")],
  ]);
});
