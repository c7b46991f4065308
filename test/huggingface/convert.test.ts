import { describe, expect, it } from "vitest";
import {
  examplesFolder,
  findStateCommit,
  groupExamples,
  parseExampleName,
  stateFile,
  weightsFile,
} from "../../src/huggingface/convert.ts";
import { describeHubFailure, type HubFailure } from "../../src/huggingface/errors.ts";

describe("the files of a weights name", () => {
  it.each([
    ["model", "model.pt", "training_state.json", ""],
    ["large", "large.pt", "large-state.json", "large"],
    ["zeb-557k-1m", "zeb-557k-1m.pt", "zeb-557k-1m-state.json", "zeb-557k-1m"],
  ])("of %s are %s, %s and the folder %j", (name, weights, stateName, folder) => {
    expect([weightsFile(name), stateFile(name), examplesFolder(name)]).toEqual([weights, stateName, folder]);
  });
});

describe("an example's name", () => {
  it("tells its worker and its time, also where the worker's id has underscores and numbers", () => {
    expect(parseExampleName("zeb_2_worker-vast-0_1795456800_0a1b2c3d.pt")).toEqual({
      workerId: "zeb_2_worker-vast-0",
      madeAtMs: 1_795_456_800_000,
    });
  });

  it.each([
    "README.md",
    "large.pt",
    "w_179545_0a1b2c3d.pt",
    "w_1795456800_0a1b2c3.pt",
    "w_1795456800_0a1b2c3d.json",
    "_1795456800_0a1b2c3d.pt",
  ])("is not %s", (name) => {
    expect(parseExampleName(name)).toBeNull();
  });

  it("belongs to a folder only when it lies directly in it", () => {
    const file = "w_1795456800_0a1b2c3d.pt";
    expect(groupExamples([`large/${file}`, `large/old/${file}`, `larger/${file}`, file], "large")).toMatchObject([
      { workerId: "w", files: 1 },
    ]);
  });

  it("cannot become a property of every object", () => {
    expect(groupExamples(["__proto___1795456800_0a1b2c3d.pt"], "")).toMatchObject([
      { workerId: "__proto__", files: 1 },
    ]);
  });
});

describe("the commit of a state", () => {
  const commit = (title: string) => ({ id: title, title, atMs: 5 });

  it("is the one of that step and those games, with or without thousands separators", () => {
    expect(
      findStateCommit([commit("step 1, 5 games"), commit("step 9,925, 1,464,832 games")], 9925, 1_464_832)?.atMs,
    ).toBe(5);
  });

  it("is none for another namespace's step", () => {
    expect(
      findStateCommit([commit("step 152, 63489 games"), commit("step 1152, 63488 games")], 152, 63_488),
    ).toBeNull();
  });
});

it("has different words for every failure", () => {
  const oneOfEach: readonly HubFailure[] = [
    { kind: "no-token" },
    { kind: "no-credentials", status: 401, message: "m" },
    { kind: "entry-missing", message: "m" },
    { kind: "rate-limited", retryAfterSeconds: null, message: "m" },
    { kind: "refused", status: 0, message: "m" },
    { kind: "refused", status: 400, message: "m" },
    { kind: "unreadable", status: 200, message: "m" },
    { kind: "lost", reason: "m" },
  ];
  expect(new Set(oneOfEach.map(describeHubFailure)).size).toBe(oneOfEach.length);
});
