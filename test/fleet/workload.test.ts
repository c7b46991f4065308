import { describe, expect, it } from "vitest";
import { readLog } from "../../src/fleet/log-lines.ts";
import { renderStartScript } from "../../src/fleet/start-script.ts";
import { type Workload, workloadSchema } from "../../src/fleet/workload.ts";
import { builtInWorkloads } from "../../src/fleet/workloads.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import { zebEvalAux } from "../../src/fleet/zeb-evalaux.ts";

/** A workload of someone else: another image, another program, another log. */
const other: Workload = {
  name: "folding",
  image: "ghcr.io/acme/fold:1.4",
  diskGb: 40,
  runtype: "ssh_direct",
  parameters: {},
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

describe.each(builtInWorkloads.map((each) => [each.name, each] as const))("the workload %s", (_name, workload) => {
  it("passes the check that a stranger's workload must pass, as JSON too", () => {
    expect(workloadSchema.parse(workload)).toEqual(workload);
    expect(workloadSchema.parse(JSON.parse(JSON.stringify(workload)))).toEqual(workload);
  });
});

describe("the workload zeb", () => {
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
});

describe("the workload zeb-evalaux", () => {
  it("shares box, log and Hub with zeb, and has the scripts' settings as parameters", () => {
    expect(zebEvalAux).toMatchObject({ image: zeb.image, diskGb: zeb.diskGb, hub: zeb.hub, log: zeb.log });
    const defaults = Object.entries(zebEvalAux.parameters).map(([name, parameter]) => [name, parameter.default]);
    expect(Object.fromEntries(defaults)).toEqual({
      oracleCheckpoint: "forge/models/domino-qval-large-3.3M-qgap0.071-qmae0.94.ckpt",
      eqSamples: "100",
      eqGamesPerBatch: "128",
      eqBatchSize: "0",
      eqTemperature: "0.1",
      eqPolicyTargets: "off",
    });
  });

  it("reads its own lines", () => {
    const log = [
      "=== Starting worker w (eval_aux) at Mon",
      "Loading oracle checkpoint: a.ckpt",
      "Eval-aux worker w starting (output: a/b)",
      "[w] batch 7: 3584 examples, 0.48 games/s, eq_win=51.6%, step=142, total_games=896",
    ];
    expect(readLog(log.join("\n"), zebEvalAux.log)).toMatchObject({
      phase: "producing",
      progress: { batch: 7, gamesPerSecond: 0.48, step: 142, totalGames: 896 },
    });
  });
});

describe("a unit of work", () => {
  const progress = (pattern: string, line: string) => readLog(line, { ...other.log, progress: pattern }).progress;

  it.each([
    ["its rate", "^unit (?<batch>[0-9]{1,9}) at (?<rate>[0-9.]{1,9})/s", "unit 3 at 5.5/s", 5.5],
    ["the seconds it took", "^image (?<batch>[0-9]{1,9}) in (?<seconds>[0-9.]{1,9})s", "image 3 in 4.0s", 0.25],
  ])("is told by its number and %s", (_words, pattern, line, gamesPerSecond) => {
    expect(problems({ ...other, log: { ...other.log, progress: pattern } })).toEqual([]);
    expect(progress(pattern, line)).toEqual({ batch: 3, gamesPerSecond, step: null, totalGames: null });
  });

  it("may count all work under either name", () => {
    const pattern = "^unit (?<batch>[0-9]{1,9}) at (?<rate>[0-9.]{1,9})/s of (?<total>[0-9]{1,9})";
    expect(progress(pattern, "unit 3 at 5.5/s of 90")?.totalGames).toBe(90);
  });

  it("that took no time at all is no measure", () => {
    expect(progress("^image (?<batch>[0-9]{1,9}) in (?<seconds>[0-9.]{1,9})s", "image 3 in 0.0s")).toBeNull();
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
      workloadArguments: {},
    };
    expect(renderStartScript(other, values)).toEqual({ ok: true, value: "exec /opt/fold --name=f-worker-vast-0" });
  });

  it.each([
    ["a costly pattern", { log: { ...other.log, benign: ["^.*a.*b.*c"] } }, "too costly"],
    [
      "a progress line without a rate",
      { log: { ...other.log, progress: "^unit (?<batch>[0-9]{1,9})" } },
      "must have the named groups batch, gamesPerSecond or rate or seconds",
    ],
    [
      "a commit line without a commit",
      { log: { ...other.log, commit: "^commit" } },
      "must have the named group commit",
    ],
    ["an unknown value in the start script", { startScript: "echo {{hubToken}}" }, "{{hubToken}} is not a value"],
    ["a quoted value in the start script", { startScript: 'echo "{{workerId}}"' }, "must stand bare"],
    ["an unknown value in an argument", { workerArguments: ["{{arguments}}"] }, "{{arguments}} is not a value"],
    [
      "a parameter that it does not declare",
      { startScript: "exec fold {{arg.depth}}" },
      "{{arg.depth}} is not a value",
    ],
    ["a parameter of that kind in an argument", { workerArguments: ["{{arg.depth}}"] }, "{{arg.depth}} is not a value"],
    ["an unknown source of a variable", { env: { DEPTH: "arg.depth" } }, "arg.depth is not a value"],
    ["a variable that is a number", { env: { DEPTH: 3 } }, 'the name of a value, such as "workerId", or {"text": "…"}'],
    [
      "a default that its own pattern refuses",
      { parameters: { depth: { words: "how deep", default: "x", pattern: "^[0-9]{1,3}$" } } },
      "the default must match",
    ],
    [
      "a parameter with a costly pattern",
      { parameters: { depth: { words: "how deep", default: "x", pattern: "^.*a.*b.*c" } } },
      "too costly",
    ],
    ["the keeper's own variable", { env: { FLEETKEEPER_ID: { text: "x" } } }, "are the keeper's own"],
    ["a disk that the market does not rent", { diskGb: 7 }, "expected number to be >=8"],
    ["a field that does not exist", { colour: "red" }, 'Unrecognized key: "colour"'],
  ])("is refused for %s, in words", (_what, change, message) => {
    expect(problems({ ...other, ...change }).join("\n")).toContain(message);
  });
});
