import { describe, expect, it } from "vitest";
import { presets } from "../../src/fleet/preset.ts";
import { readLog } from "../../src/fleet/log-lines.ts";
import { renderStartScript } from "../../src/fleet/start-script.ts";
import { type Workload, workloadSchema } from "../../src/fleet/workload.ts";
import { zeb } from "../../src/fleet/zeb.ts";

/** A workload of someone else: another image, another program, another log. */
const other: Workload = {
  name: "folding",
  image: "ghcr.io/acme/fold:1.4",
  diskGb: 40,
  runtype: "ssh_direct",
  startScript: "exec /opt/fold {{arguments}}",
  workerArguments: ["--name={{workerId}}"],
  env: { FOLD_MODE: { text: "fast" } },
  hub: { readsWeights: false, writesExamples: false },
  gamesPerSecondByGpu: {},
  gamesPerSecondDefault: 5,
  log: {
    milestones: [{ pattern: "^fold up$", words: "up", phase: "starting" }],
    progress: "^unit (?<batch>[0-9]{1,9}) done at (?<gamesPerSecond>[0-9.]{1,9})/s$",
    uploadStarted: [],
    uploadCompleted: [],
    uploadFailed: [],
    signsOfLife: [],
    commit: null,
    noContainer: ["No such container"],
    benign: [],
    benignBlocks: [],
    faults: [{ patterns: ["^bad licence$"], faultClass: "credentials", isFinal: "always", isVague: false }],
    launcherLoop: { patterns: [], minimumLines: 10 },
  },
};

const problems = (workload: unknown) =>
  workloadSchema.safeParse(workload).error?.issues.map((issue) => issue.message) ?? [];

describe("the workload zeb", () => {
  it("passes the check that a stranger's workload must pass", () => {
    expect(workloadSchema.parse(zeb)).toEqual(zeb);
  });

  it("can be stored as JSON", () => {
    expect(workloadSchema.parse(JSON.parse(JSON.stringify(zeb)))).toEqual(zeb);
  });

  it("is the runbook's box", () => {
    expect(zeb).toMatchObject({ image: "pytorch/pytorch:2.6.0-cuda12.6-cudnn9-runtime", diskGb: 15, runtype: "ssh" });
  });

  it.each([
    ["RTX 4070 Ti", 4.2],
    ["RTX 4070", 3.3],
    ["RTX 3080", 3.0],
    ["RTX 3080 Ti", 2.8],
    ["RTX 3070 Ti", 2.7],
    ["RTX 3070", 2.4],
    ["RTX 3060", 1.8],
    ["RTX 5090", 1.8],
  ])("expects of an %s %f games/s", (gpu, rate) => {
    expect(zeb.gamesPerSecondByGpu[gpu] ?? zeb.gamesPerSecondDefault).toBe(rate);
  });

  it("has a number for every GPU of every preset", () => {
    const named = new Set(Object.values(presets).flatMap((preset) => [...preset.gpus]));
    expect([...named].filter((gpu) => !Object.hasOwn(zeb.gamesPerSecondByGpu, gpu))).toEqual([]);
  });
});

describe("a second workload", () => {
  it("is a new record and no new code", () => {
    expect(problems(other)).toEqual([]);
    expect(readLog("fold up\nunit 3 done at 5.5/s\n", other.log)).toMatchObject({
      phase: "producing",
      progress: { batch: 3, gamesPerSecond: 5.5, step: null },
    });
    expect(readLog("fold up\nbad licence\n", other.log)).toMatchObject({
      phase: "starting",
      error: { faultClass: "credentials", isFinal: true },
    });
    const values = {
      gitRef: "main",
      weightsRepo: "a/b",
      weightsName: "w",
      examplesRepo: "a/c",
      workerId: "f-worker-vast-0",
      uploadIntervalSeconds: 240,
    };
    expect(renderStartScript(other, values)).toEqual({ ok: true, value: "exec /opt/fold --name=f-worker-vast-0" });
  });

  it.each([
    ["a costly pattern", { log: { ...other.log, benign: ["^.*a.*b.*c"] } }, "too costly"],
    [
      "a progress line without a rate",
      { log: { ...other.log, progress: "^unit (?<batch>[0-9]{1,9})" } },
      "must have the named groups batch, gamesPerSecond",
    ],
    [
      "a commit line without a commit",
      { log: { ...other.log, commit: "^commit" } },
      "must have the named group commit",
    ],
    ["an unknown value in the start script", { startScript: "echo {{hubToken}}" }, "{{hubToken}} is not a value"],
    ["a quoted value in the start script", { startScript: 'echo "{{workerId}}"' }, "must stand bare"],
    ["an unknown value in an argument", { workerArguments: ["{{arguments}}"] }, "{{arguments}} is not a value"],
    ["the keeper's own variable", { env: { FLEETKEEPER_ID: { text: "x" } } }, "are the keeper's own"],
    ["a disk that the market does not rent", { diskGb: 7 }, "expected number to be >=8"],
    ["a field that does not exist", { colour: "red" }, 'Unrecognized key: "colour"'],
  ])("is refused for %s, in words", (_what, change, message) => {
    expect(problems({ ...other, ...change }).join("\n")).toContain(message);
  });
});
