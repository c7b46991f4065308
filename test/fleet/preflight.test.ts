import { describe, expect, it } from "vitest";
import { judgePreflight, type PreflightFacts } from "../../src/fleet/preflight.ts";
import { must } from "../support/builders.ts";

const facts: PreflightFacts = {
  spec: {
    target: 4,
    weightsRepo: "a/weights",
    weightsName: "large",
    examplesRepo: "a/examples",
    uploadIntervalSeconds: null,
  },
  account: { kind: "answer", value: { accountId: 7, creditUsd: 10 } },
  boundAccountId: 7,
  plannedUsdPerHour: 0.4,
  sshKeys: { kind: "answer", value: 1 },
  hubToken: { kind: "answer", value: { user: "a", writes: [{ repo: "a/weights", canWrite: true }] } },
  weights: "present",
  othersOnRepo: 0,
};
const silent = { kind: "silent", why: "no answer" } as const;
const refused = { kind: "refused", why: "the key is bad" } as const;

function resultOf(name: string, changes: Partial<PreflightFacts>): string {
  const { result, detail } = must(
    judgePreflight({ ...facts, ...changes }).find((check) => check.name === name),
    name,
  );
  return `${result}: ${detail}`;
}

describe("a preflight", () => {
  it("has nothing to say against a fleet that can be made, and a hint nowhere", () => {
    expect(judgePreflight(facts)).toEqual([
      { name: "Vast key", result: "ok", detail: "account 7", hint: null },
      {
        name: "credit",
        result: "ok",
        detail: "$10.00 lasts 25.0 h at $0.400/hr, all of the account's boxes together",
        hint: null,
      },
      { name: "SSH key", result: "ok", detail: "1 on the account", hint: null },
      { name: "Hub token", result: "ok", detail: "of a", hint: null },
      { name: "write a/weights", result: "ok", detail: "the token may", hint: null },
      { name: "weights", result: "ok", detail: "large in a/weights", hint: null },
      {
        name: "commits",
        result: "ok",
        detail: "4 workers on a/examples, each every 240 s: 60 an hour of 128, the learner's not counted",
        hint: null,
      },
    ]);
  });

  it.each<[string, Partial<PreflightFacts>, string]>([
    ["Vast key", { account: silent }, "not measured: no answer"],
    ["Vast key", { account: refused }, "failed: the key is bad"],
    ["Vast key", { boundAccountId: 8 }, "failed: the key is of account 7, this deployment is bound to 8"],
    ["Vast key", { boundAccountId: null }, "ok: account 7"],
    ["credit", { account: silent }, "not measured: no answer"],
    [
      "credit",
      { account: { kind: "answer", value: { accountId: 7, creditUsd: null } } },
      "not measured: the account does not say its credit",
    ],
    ["SSH key", { sshKeys: silent }, "not measured: no answer"],
    ["SSH key", { sshKeys: { kind: "answer", value: 0 } }, "failed: the account has no SSH key"],
    ["Hub token", { hubToken: silent }, "not measured: no answer"],
    ["Hub token", { hubToken: refused }, "failed: the key is bad"],
    ["weights", { weights: "missing" }, "failed: large in a/weights: not there; the fleet would wait"],
    [
      "weights",
      { weights: "no-credentials" },
      "failed: large in a/weights: the Hub refuses the token, or has no such repo",
    ],
    ["weights", { weights: "unknown" }, "not measured: large in a/weights: the Hub does not answer"],
  ])("judges %s", (name, changes, expected) => {
    expect(resultOf(name, changes)).toBe(expected);
  });

  it.each([
    [0.2, "failed"],
    [0.2001, "ok"],
    [0, "failed"],
  ])("wants credit for more than half an hour: $%s at $0.4/hr is %s", (creditUsd, result) => {
    const account = { kind: "answer", value: { accountId: 7, creditUsd } } as const;
    expect(resultOf("credit", { account }).split(":")[0]).toBe(result);
  });

  it.each([
    [true, "ok"],
    [false, "failed"],
    [null, "not measured"],
  ])("tells of each repo whether the token may write: %s is %s", (canWrite, result) => {
    const hubToken = { kind: "answer", value: { user: "a", writes: [{ repo: "a/examples", canWrite }] } } as const;
    expect(resultOf("write a/examples", { hubToken }).split(":")[0]).toBe(result);
  });

  it("counts the workers of other fleets on the examples repo", () => {
    expect(resultOf("commits", { othersOnRepo: 8 })).toContain(
      "12 workers on a/examples, each every 432 s: 100 an hour",
    );
    const spec = { ...facts.spec, uploadIntervalSeconds: 60 };
    expect(resultOf("commits", { spec })).toContain("failed: an upload interval of 60 s is refused");
  });

  it("leaves out what the workload does not need", () => {
    const names = judgePreflight({ ...facts, weights: null, othersOnRepo: null }).map(({ name }) => name);
    expect(names).not.toContain("weights");
    expect(names).not.toContain("commits");
  });
});
