import { describe, expect, it } from "vitest";
import { launchProblem, workloadProblem } from "../../src/fleet/launch-check.ts";
import { NO_WEIGHTS } from "../../src/fleet/spec.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import { zebEvalAux } from "../../src/fleet/zeb-evalaux.ts";
import { aSpec } from "../support/builders.ts";

const LONGEST = {
  gitRef: "g".repeat(100),
  weightsRepo: `${"r".repeat(63)}/${"r".repeat(64)}`,
  weightsName: "w".repeat(96),
  examplesRepo: `${"e".repeat(63)}/${"e".repeat(64)}`,
};
const FLEET = "f".repeat(41);

describe("a spec and its workload", () => {
  it.each([zeb, zebEvalAux])("can be launched with the longest names that a spec allows: $name", (workload) => {
    expect(launchProblem(FLEET, aSpec({ ...LONGEST, workload: workload.name }), workload)).toBeNull();
  });

  it("are refused at 4,097 characters with their own values, with the length, and accepted at 4,096", () => {
    const at = (length: number) => {
      const startScript = `${"x".repeat(length - "fleet-worker-vast-999 ".length)} {{workerId}}`;
      return launchProblem("fleet", aSpec(), { ...zeb, startScript });
    };
    expect(at(4096)).toBeNull();
    expect(at(4097)).toEqual({
      field: "startScript",
      detail: "4097 characters when filled in; the market takes 4096",
    });
  });

  it("need a weights name where the workload reads weights", () => {
    const spec = aSpec({ weightsName: NO_WEIGHTS });
    expect(launchProblem("x", spec, zeb)).toMatchObject({ field: "weightsName" });
    expect(launchProblem("x", spec, { ...zeb, hub: { ...zeb.hub, readsWeights: false } })).toBeNull();
  });

  it("need an upload interval of 120 s from four workers on, where examples are written at all", () => {
    const spec = aSpec({ target: 4, uploadIntervalSeconds: 119 });
    expect(launchProblem("x", spec, zeb)).toMatchObject({ field: "uploadIntervalSeconds" });
    expect(launchProblem("x", spec, { ...zeb, hub: { ...zeb.hub, writesExamples: false } })).toBeNull();
  });

  it("are refused for what the workload's parameters lack", () => {
    const spec = aSpec({ workloadArguments: { eqTemperature: "warm" } });
    expect(launchProblem("x", spec, zebEvalAux)).toMatchObject({ field: "workloadArguments.eqTemperature" });
  });

  it("are refused for an environment that the market does not take", () => {
    expect(launchProblem("x", aSpec(), { ...zeb, env: { EMPTY: { text: "" } } })).toEqual({
      field: "env.EMPTY",
      detail: "is empty",
    });
  });
});

describe("a workload by itself", () => {
  it("is refused where no fleet could launch it", () => {
    const startScript = `${"x".repeat(4090)} {{workerId}}`;
    expect(workloadProblem({ ...zeb, startScript })).toMatchObject({ field: "startScript" });
    expect(workloadProblem({ ...zeb, env: { X: { text: "a\nb" } } })).toMatchObject({ field: "env.X" });
  });

  it("is not refused for a parameter that each fleet must give", () => {
    const source = { words: "where from", default: null, pattern: "^https://" };
    expect(workloadProblem({ ...zeb, parameters: { source }, workerArguments: ["{{arg.source}}"] })).toBeNull();
  });
});
