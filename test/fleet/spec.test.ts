import { describe, expect, it } from "vitest";
import {
  cadenceDefaults,
  completeSpec,
  normaliseGpu,
  patchSpec,
  rateNameOf,
  resolveSpec,
  specPatchSchema,
  specRequestSchema,
  timeoutDefaults,
} from "../../src/fleet/spec.ts";

const problemsOf = (request: unknown): string[] =>
  specRequestSchema.safeParse(request).error?.issues.map(({ path, code }) => `${path.join(".")} ${code}`) ?? [];

describe("the defaults", () => {
  it("are the runbook's", () => {
    expect(resolveSpec("zeb", { target: 4 }, null)).toMatchObject({
      preset: "zeb",
      target: 4,
      maxPriceUsdPerHour: 0.09,
      weightsName: "zeb-557k-1m",
      weightsRepo: "jasonyandell/zeb-42",
      examplesRepo: "jasonyandell/zeb-42-examples",
      gitRef: "forge",
      strikeLimit: 3,
      strikeExpiryDays: 30,
      launchBatch: 4,
      proveFirst: true,
      onBudget: "hold",
      timeoutsSeconds: timeoutDefaults,
      cadenceSeconds: cadenceDefaults,
    });
  });

  it("time as design §6 says", () => {
    expect(timeoutDefaults).toEqual({
      errorGrace: 300,
      setup: 600,
      boot: 600,
      wait: 900,
      stallMinimum: 600,
      intentSettle: 120,
      statusConfirm: 120,
    });
    expect(cadenceDefaults).toEqual({
      ramp: 60,
      rampFor: 1800,
      steady: 600,
      logPoll: 45,
      logPollSteady: 150,
      creditProbe: 300,
    });
  });
});

describe("a request", () => {
  it("needs a target and nothing else", () => {
    expect(problemsOf({})).toEqual(["target invalid_type"]);
    expect(problemsOf({ target: 0 })).toEqual([]);
  });

  it.each([
    ["an unknown field", { target: 4, tarrget: 5 }, [" unrecognized_keys"]],
    ["an unknown time-out", { target: 4, timeoutsSeconds: { bot: 1 } }, ["timeoutsSeconds unrecognized_keys"]],
    ["a negative target", { target: -1 }, ["target too_small"]],
    ["a reliability above 1", { target: 1, minReliability: 1.01 }, ["minReliability too_big"]],
    ["a driver that is no version", { target: 1, minDriverVersion: "new" }, ["minDriverVersion invalid_format"]],
    ["half a driver", { target: 1, minDriverVersion: "535." }, ["minDriverVersion invalid_format"]],
    ["a promise of no time", { target: 1, minDurationDays: 0 }, ["minDurationDays too_small"]],
    ["a workload's name with blanks", { target: 1, workload: "my work" }, ["workload invalid_format"]],
    [
      "a parameter's name with a dot",
      { target: 1, workloadArguments: { "a.b": "x" } },
      ["workloadArguments.a.b invalid_key"],
    ],
    ["a parameter of two lines", { target: 1, workloadArguments: { a: "x\ny" } }, ["workloadArguments.a custom"]],
    ["half a worker", { target: 1.5 }, ["target invalid_type"]],
    ["a target as text", { target: "4" }, ["target invalid_type"]],
    ["more than 1,000 workers", { target: 1001 }, ["target too_big"]],
    ["a price of nothing", { target: 4, maxPriceUsdPerHour: 0 }, ["maxPriceUsdPerHour too_small"]],
    ["a time-out under a second", { target: 4, timeoutsSeconds: { boot: 0 } }, ["timeoutsSeconds.boot too_small"]],
    ["no GPU at all", { target: 4, gpus: [] }, ["gpus too_small"]],
    ["a repo without owner", { target: 4, weightsRepo: "zeb-42" }, ["weightsRepo invalid_format"]],
    ["a path in a weights name", { target: 4, weightsName: "../large" }, ["weightsName invalid_format"]],
    ["shell in a git ref", { target: 4, gitRef: "forge; rm -rf /" }, ["gitRef invalid_format"]],
    [
      "two faults at once",
      { target: 4, strikeLimit: 0, launchBatch: 99 },
      ["strikeLimit too_small", "launchBatch too_big"],
    ],
  ])("refuses %s, naming the field", (_words, request, problems) => {
    expect(problemsOf(request)).toEqual(problems);
  });

  it("takes a second for every time-out and cadence", () => {
    const ones = (all: object): object => Object.fromEntries(Object.keys(all).map((key) => [key, 1]));
    const request = { target: 1, timeoutsSeconds: ones(timeoutDefaults), cadenceSeconds: ones(cadenceDefaults) };
    expect(problemsOf(request)).toEqual([]);
  });

  it.each(["RTX_3070_Ti", " RTX 3070  Ti ", "RTX 3070_Ti"])("writes %j as the market does", (name) => {
    expect(normaliseGpu(name)).toBe("RTX 3070 Ti");
    expect(specRequestSchema.parse({ target: 4, gpus: [name] }).gpus).toEqual(["RTX 3070 Ti"]);
  });
});

describe("a PUT", () => {
  const large = resolveSpec("zeb-large", { target: 8 }, null);

  it.each([
    ["the one that it names", "anything", { preset: "zeb-belief" as const }, large, "zeb-belief"],
    ["the one that the fleet has", "anything", {}, large, "zeb-large"],
    ["the one of the fleet's own name", "zeb-belief", {}, null, "zeb-belief"],
    ["zeb", "anything", {}, null, "zeb"],
  ])("takes its preset from: %s", (_words, fleet, request, existing, preset) => {
    expect(resolveSpec(fleet, request, existing).preset).toBe(preset);
  });

  it("forgets what it leaves out", () => {
    const existing = resolveSpec("zeb", { target: 4, strikeLimit: 9, timeoutsSeconds: { boot: 5 } }, null);
    const spec = resolveSpec("zeb", { target: 5 }, existing);
    expect([spec.strikeLimit, spec.timeoutsSeconds.boot]).toEqual([3, 600]);
  });
});

it("takes the bounds of what an offer must have", () => {
  const request = { target: 1, minReliability: 1, minDriverVersion: "535", minCudaVersion: 12.4, minDurationDays: 0.5 };
  expect(problemsOf(request)).toEqual([]);
  expect(problemsOf({ ...request, minReliability: 0, minDriverVersion: "535.86.05" })).toEqual([]);
});

describe("a workload of one's own", () => {
  it("does not take the preset's weights, which are of another", () => {
    expect(resolveSpec("x", { target: 1, workload: "sd-batch" }, null).weightsName).toBe("none");
    expect(resolveSpec("x", { target: 1, workload: "sd-batch", weightsName: "w" }, null).weightsName).toBe("w");
    expect(resolveSpec("x", { target: 1, workload: "zeb" }, null).weightsName).toBe("zeb-557k-1m");
  });

  it("has its rates under its own name, and zeb's under the weights' alone", () => {
    const rates = (workload: string) => rateNameOf({ workload, weightsName: "large" });
    expect([rates("zeb"), rates("zeb-evalaux")]).toEqual(["large", "zeb-evalaux:large"]);
  });
});

it("gives a spec that an earlier version stored what it lacks", () => {
  const { minReliability, minCudaVersion, minDriverVersion, minDurationDays, workloadArguments, ...old } = resolveSpec(
    "zeb-large",
    { target: 7, strikeLimit: 9 },
    null,
  );
  const missing = { minReliability, minCudaVersion, minDriverVersion, minDurationDays, workloadArguments };
  expect(completeSpec(old)).toEqual({ ...old, ...missing });
});

describe("a PATCH", () => {
  const existing = resolveSpec("zeb", { target: 4, strikeLimit: 9, timeoutsSeconds: { boot: 5 } }, null);

  it("keeps what it leaves out, down to each time-out", () => {
    const patch = specPatchSchema.parse({ timeoutsSeconds: { setup: 7 } });
    expect(patchSpec(existing, patch)).toEqual({
      ...existing,
      timeoutsSeconds: { ...timeoutDefaults, boot: 5, setup: 7 },
    });
  });

  it("of another preset takes what a preset is about, and keeps what is the fleet's own", () => {
    const own = {
      target: 3,
      weightsRepo: "me/weights",
      examplesRepo: "me/examples",
      minReliability: 0.98,
      uploadIntervalSeconds: 600,
      budgetUsdPerDay: 2,
      budgetUsdTotal: 25,
      stopAt: "2026-12-01T08:00:00Z",
      onBudget: "down",
    } as const;
    const spec = patchSpec(patchSpec(existing, { ...own, gpus: ["RTX 4090"] }), { preset: "zeb-belief" });
    const { weightsName, gpus, maxPriceUsdPerHour } = resolveSpec("zeb-belief", {}, null);
    expect(spec).toMatchObject({ ...own, preset: "zeb-belief", weightsName, gpus, maxPriceUsdPerHour });
    expect(spec.timeoutsSeconds).toEqual(existing.timeoutsSeconds);
  });

  it("sets each parameter of the workload by itself, and takes one back with null", () => {
    const first = patchSpec(existing, { workloadArguments: { a: "1", b: "2" } });
    const second = patchSpec(first, { workloadArguments: { b: null, c: "3" } });
    expect(second.workloadArguments).toEqual({ a: "1", c: "3" });
    expect(patchSpec(second, { target: 5 }).workloadArguments).toEqual({ a: "1", c: "3" });
  });

  it("of another workload keeps the weights and none of the old one's parameters", () => {
    const first = patchSpec(existing, { workloadArguments: { a: "1" }, weightsName: "large" });
    expect(patchSpec(first, { workload: "zeb-evalaux", workloadArguments: { eqSamples: "9" } })).toMatchObject({
      workload: "zeb-evalaux",
      weightsName: "large",
      workloadArguments: { eqSamples: "9" },
    });
    expect(patchSpec(first, { workload: "zeb-evalaux" }).workloadArguments).toEqual({});
  });

  it("can lift the price cap", () => {
    expect(patchSpec(existing, { maxPriceUsdPerHour: null }).maxPriceUsdPerHour).toBeNull();
  });
});
