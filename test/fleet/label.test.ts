import { expect, it } from "vitest";
import { fleetNameProblem, formatLabel, formatWorkerId, parseLabel } from "../../src/fleet/label.ts";

it("writes the runbook's label", () => {
  expect(formatLabel("zeb-large", 11)).toBe("zeb-large-worker-vast-11");
});

it.each([
  ["zeb-worker-vast-0", { fleet: "zeb", slot: 0 }],
  ["zeb-large-worker-vast-10", { fleet: "zeb-large", slot: 10 }],
  ["a-worker-vast-1-worker-vast-2", { fleet: "a-worker-vast-1", slot: 2 }],
  ["zeb-worker-vast-999999", { fleet: "zeb", slot: 999_999 }],
  ["zeb-worker-vast-1000000", null],
  ["zeb-worker-vast-01", null],
  ["zeb-worker-vast-", null],
  ["zeb-worker-vast--1", null],
  ["zeb-worker-vast-1 ", null],
  ["-worker-vast-1", null],
  ["zeb", null],
  ["", null],
  [null, null],
])("reads %j as %j", (label, expected) => {
  expect(parseLabel(label)).toEqual(expected);
});

it("reads back what it writes, for every slot", () => {
  for (const slot of [0, 1, 9, 10, 11, 100, 999])
    expect(parseLabel(formatLabel("z", slot))).toEqual({ fleet: "z", slot });
});

it.each(["z", "0zeb", "zeb-large", "a".repeat(41), "worker-vast"])("%s can name a fleet", (name) => {
  expect(fleetNameProblem(name)).toBeNull();
});

it.each(["", "-zeb", "Zeb", "zeb large", "zeb_large", "a".repeat(42), "zeb-worker-vast", "zeb-worker-vast-1", "zeb\n"])(
  "%j cannot name a fleet, and the reason is said",
  (name) => {
    expect(fleetNameProblem(name)).toMatch(/fleet name/);
  },
);

it("gives the worker program a name that carries the fleet", () => {
  expect(formatWorkerId("zeb-large", 3)).toBe("zeb-large-worker-vast-3");
});
