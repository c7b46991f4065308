import { describe, expect, it } from "vitest";
import { fingerprintOf, renderEnv, renderStartScript } from "../../src/fleet/start-script.ts";
import type { Workload } from "../../src/fleet/workload.ts";
import { argumentsOf } from "../../src/fleet/workload-arguments.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import { aSpec } from "../support/builders.ts";

const folding: Workload = {
  ...zeb,
  name: "folding",
  parameters: {
    depth: { words: "how deep", default: "3", pattern: "^[0-9]{1,3}$" },
    source: { words: "where from", default: null, pattern: null },
  },
  startScript: "depth={{arg.depth}}; exec fold {{arguments}}",
  workerArguments: ["--from={{arg.source}}"],
  env: { DEPTH: "arg.depth" },
};
const launch = (workloadArguments: Record<string, string>) => ({
  ...aSpec({ workloadArguments }),
  workerId: "f-worker-vast-0",
  uploadIntervalSeconds: 240,
});

describe("what a fleet gives its workload's parameters", () => {
  it("is its own values and the defaults of the rest", () => {
    expect(argumentsOf(folding, { source: "s3://x" })).toEqual({ ok: true, value: { depth: "3", source: "s3://x" } });
    expect(argumentsOf(zeb, {})).toEqual({ ok: true, value: {} });
  });

  it.each([
    ["a parameter that there is not", { source: "x", dept: "3" }, "dept", "there are depth, source"],
    ["one that an object has anyway", { source: "x", constructor: "3" }, "constructor", "no such parameter"],
    ["a missing value", {}, "source", "the workload folding needs it: where from"],
    ["a value that does not match", { source: "x", depth: "deep" }, "depth", "must match ^[0-9]{1,3}$: how deep"],
  ])("is refused for %s, by name", (_words, given, name, detail) => {
    const answer = argumentsOf(folding, given);
    expect(answer.ok ? null : answer.error).toEqual({
      field: `workloadArguments.${name}`,
      detail: expect.stringContaining(detail),
    });
  });

  it("says of a workload without parameters that it has none", () => {
    expect(argumentsOf(zeb, { depth: "3" })).toMatchObject({
      error: { detail: expect.stringContaining("it has none") },
    });
  });
});

describe("a parameter in a box", () => {
  it("is filled into script, arguments and environment, and is one word whatever is in it", () => {
    const values = launch({ source: "a b'; rm -rf /", depth: "9" });
    const quoted = String.raw`'--from=a b'\''; rm -rf /'`;
    expect(renderStartScript(folding, values)).toEqual({ ok: true, value: `depth=9; exec fold ${quoted}` });
    const env = renderEnv(folding, { ...values, hubToken: "hf_x", keeperId: "k", intentId: "i" });
    expect(env.ok && env.value["DEPTH"]).toBe("9");
  });

  it("stops the launch where its value is missing", () => {
    const missing = { ok: false, error: { field: "workloadArguments.source" } };
    expect(renderStartScript(folding, launch({}))).toMatchObject(missing);
    expect(renderEnv(folding, { ...launch({}), hubToken: "hf_x", keeperId: "k", intentId: "i" })).toMatchObject(
      missing,
    );
  });

  it("is part of the fingerprint by its value in force", () => {
    const of = (workloadArguments: Record<string, string>) => fingerprintOf(aSpec({ workloadArguments }), folding);
    expect(of({ source: "x", depth: "3" })).toBe(of({ source: "x" }));
    expect(of({ source: "x", depth: "4" })).not.toBe(of({ source: "x" }));
    expect(of({ source: "y" })).not.toBe(of({ source: "x" }));
  });
});
