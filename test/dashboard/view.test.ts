import { describe, expect, it } from "vitest";
import { readEnding } from "../../dashboard/src/view/ending.ts";
import { eventView, evidenceText, instanceEventsPath, nameText } from "../../dashboard/src/view/events.ts";
import { freeNames } from "../../dashboard/src/view/names.ts";
import { readPage } from "../../dashboard/src/view/pages.ts";
import { readPatch } from "../../dashboard/src/view/patch.ts";
import { actionView, diffText } from "../../dashboard/src/view/plans.ts";
import { nextOrder, sortRows } from "../../dashboard/src/view/sort.ts";
import { sparkPath } from "../../dashboard/src/view/spark.ts";
import { fleetSums, niceTicks } from "../../dashboard/src/view/spending.ts";
import { rowWindow } from "../../dashboard/src/view/window.ts";

describe("sorting", () => {
  it("puts what was not measured last, whichever way one sorts", () => {
    const rows = [3, null, 1, undefined, 2];
    expect(sortRows(rows, (row) => row, "up").slice(0, 3)).toEqual([1, 2, 3]);
    expect(sortRows(rows, (row) => row, "down").slice(0, 3)).toEqual([3, 2, 1]);
  });

  it("sorts numbers in names as numbers", () => {
    expect(sortRows(["zeb 10", "zeb 9"], (row) => row, "up")).toEqual(["zeb 9", "zeb 10"]);
  });

  it("turns round on the same column and begins naturally on another", () => {
    expect(nextOrder({ column: "a", direction: "up" }, "a", "down")).toEqual({ column: "a", direction: "down" });
    expect(nextOrder({ column: "a", direction: "up" }, "b", "down")).toEqual({ column: "b", direction: "down" });
  });
});

describe("the window over many rows", () => {
  it.each([-500, 0, 10_000, 51_000, 90_000])(
    "draws some dozens of a thousand, room for the rest (at %s px)",
    (scrolled) => {
      const { from, to, before, after } = rowWindow(1000, 52, { scrolled, height: 900 });
      expect(to - from).toBeLessThanOrEqual(36);
      expect(before + (to - from) * 52 + after).toBe(52_000);
    },
  );

  it("draws the rows that are in view", () => {
    const { from, to } = rowWindow(1000, 52, { scrolled: 5200, height: 520 });
    expect(from).toBeLessThanOrEqual(100);
    expect(to).toBeGreaterThanOrEqual(110);
  });

  it("draws nothing of nothing", () => {
    expect(rowWindow(0, 52, { scrolled: 0, height: 900 })).toEqual({ from: 0, to: 0, before: 0, after: 0 });
  });
});

describe("the form of a fleet", () => {
  const seen = { mode: "active", spec: { target: 4, maxPriceUsdPerHour: 0.09, budgetUsdPerDay: null } } as const;
  const fields = { target: "4", cap: "0.09", budget: "" };

  it("means nothing while nothing differs", () => {
    expect(readPatch(fields, seen)).toMatchObject({ patch: {}, isEmpty: true });
  });

  it("means only what differs; an empty cap is none", () => {
    expect(readPatch({ ...fields, target: "6" }, seen).patch).toEqual({ target: 6 });
    expect(readPatch({ ...fields, cap: " " }, seen).patch).toEqual({ maxPriceUsdPerHour: null });
    expect(readPatch({ ...fields, budget: "$8" }, seen).patch).toEqual({ budgetUsdPerDay: 8 });
  });

  it("begins a fleet that is down with the same target too", () => {
    expect(readPatch(fields, { ...seen, mode: "down" }).patch).toEqual({ target: 4 });
  });

  it.each(["", "-1", "1001", "2.5", "four"])("refuses a target of %j", (target) => {
    const read = readPatch({ ...fields, target }, seen);
    expect(read.patch).toBeNull();
    expect(read.faults.target).not.toBeNull();
  });

  it.each(["0", "-1", "cheap", "1e9"])("refuses a cap of %j", (cap) => {
    expect(readPatch({ ...fields, cap }, seen).faults.cap).not.toBeNull();
  });
});

describe("events and plans in words", () => {
  it("takes the keeper's capitals as the lead", () => {
    const strike = eventView({ kind: "strike", message: "STRIKE: machine 4183, 1/3: error" });
    expect(strike).toMatchObject({ lead: "STRIKE", rest: "machine 4183, 1/3: error", tone: "bad" });
    const other = eventView({ kind: "new-kind", message: "something in small letters" });
    expect(other).toMatchObject({ lead: "", rest: "something in small letters" });
  });

  it("asks for what happened to one instance by its number, not for the newest of its fleet", () => {
    const asked = new URL(instanceEventsPath("zeb", 4711), "https://keeper");
    expect(asked.pathname).toBe("/api/events");
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({ fleet: "zeb", instance: "4711", since: "7d" });
  });

  it("shows becoming steady as good news", () => {
    expect(eventView({ kind: "state", message: "STATE: ramping → steady" }).tone).toBe("ok");
    expect(eventView({ kind: "state", message: "STATE: steady → ramping: worker 1" }).tone).toBe("idle");
  });

  it("writes evidence with its unit", () => {
    expect([nameText("elapsedSeconds"), nameText("usdPerHour")]).toEqual(["elapsed", "usd per hour"]);
    expect([evidenceText("elapsedSeconds", 90), evidenceText("usdPerHour", 0.0753)]).toEqual(["1 min", "$0.075"]);
    expect(evidenceText("sinceMs", 1_795_488_307_809)).toBe("2026-11-24T02:45:07.809Z");
    expect([evidenceText("batch", null), evidenceText("isOdd", true)]).toEqual(["–", "yes"]);
  });

  it("writes an action with what it is about", () => {
    const evidence = { gpu: "RTX 3070 Ti", usdPerHour: 0.0753, machineId: 4067 };
    const view = actionView({ kind: "rent", slot: 4, instanceId: null, reason: "", evidence });
    expect([view.word, view.what]).toEqual(["RENT", "worker 4 · RTX 3070 Ti · $0.075/hr · machine 4067"]);
  });

  it.each([
    [null, "–"],
    [["RTX 3060", "RTX 3070"], "RTX 3060, RTX 3070"],
    [{ a: 1 }, '{"a":1}'],
    [0.09, "0.09"],
  ])("writes a changed value %j as %s", (value, text) => expect(diffText(value)).toBe(text));
});

describe("the question before an end", () => {
  const worker = { slot: 0, instanceId: 1, gpu: null, usdPerHour: 0.1 };

  it("is read with its value, over all fleets", () => {
    const fleets = [
      { workers: [worker], intents: [{}] },
      { workers: [worker], intents: [] },
    ];
    expect(readEnding({ confirm: "abc", fleets })).toEqual({ confirm: "abc", workers: [worker, worker], intents: 1 });
  });

  it("is not seen in another refusal", () => {
    expect(readEnding({ code: "not-empty" })).toBeNull();
  });
});

describe("drawing", () => {
  it("stacks the fleet that cost most first", () => {
    const fleets = [
      { fleet: "a", usd: 1 },
      { fleet: "b", usd: 2 },
    ];
    const day = { day: "2026-11-24", usd: 3, fleets };
    expect(fleetSums([day, day])).toEqual([
      { fleet: "b", usd: 4 },
      { fleet: "a", usd: 2 },
    ]);
  });

  it.each([0.01, 0.37, 1, 7, 23.4, 980])("finds few and round ticks that reach %s", (max) => {
    const ticks = niceTicks(max);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(max);
    expect(ticks.at(-2)).toBeLessThan(max);
    expect(ticks.length).toBeLessThanOrEqual(6);
  });

  it("names the points whose names do not lie over one another", () => {
    const box = (key: string, left: number, top: number) => ({ key, left, right: left + 50, top, bottom: top + 14 });
    const boxes = [box("a", 0, 0), box("b", 40, 5), box("c", 100, 0), { ...box("d", 0, 90), right: 0 }];
    expect([...freeNames(boxes)]).toEqual(["a", "c"]);
  });
});

describe("a small curve", () => {
  it("is none of fewer than two values", () => {
    expect([sparkPath([], true), sparkPath([1], true)]).toEqual([null, null]);
  });

  it("lies in time, so that a gap is as wide as it was long", () => {
    const places = [...(sparkPath([1, 2, 3], true, [1000, 1100, 2000]) ?? "").matchAll(/[ML](\d+\.\d+)/g)];
    expect(places.map(([, x]) => Number(x))).toEqual([0, 10, 100]);
  });

  it("lies level where a value only trembles", () => {
    const heights = [...(sparkPath([8, 8.05, 8], false) ?? "").matchAll(/ (\d+\.\d+)/g)].map(([, y]) => Number(y));
    expect(Math.max(...heights) - Math.min(...heights)).toBeLessThan(3);
  });

  it("stays in its box, at nothing but zeros too", () => {
    for (const values of [
      [0, 0],
      [0, 5, 2],
      [-3, 4],
      [1e9, 1],
    ]) {
      const heights = [...(sparkPath(values, true) ?? "").matchAll(/ (-?\d+\.\d+)/g)].map(([, y]) => Number(y));
      for (const height of heights) expect(height).toBeGreaterThanOrEqual(1.9);
      for (const height of heights) expect(height).toBeLessThanOrEqual(22.1);
    }
  });
});

describe("an address", () => {
  it.each([
    ["/", { kind: "fleets" }],
    ["/fleets", { kind: "fleets" }],
    ["/fleets/zeb-large", { kind: "fleet", fleet: "zeb-large" }],
    ["/fleets/zeb%20x/", { kind: "fleet", fleet: "zeb x" }],
    ["/instances/30000002/logs", { kind: "logs", instanceId: 30_000_002 }],
    ["/cost", { kind: "cost" }],
  ])("%s is its page", (path, page) => expect(readPage(path)).toEqual(page));

  it.each(["/nope", "/cost/x", "/instances/0/logs", "/instances/1e3/logs", "/instances/5", "/fleets/a/b"])(
    "%s leads nowhere and says so",
    (path) => expect(readPage(path)).toEqual({ kind: "lost" }),
  );

  it("with a broken escape is taken as it stands", () => {
    expect(readPage("/fleets/%zz")).toEqual({ kind: "fleet", fleet: "%zz" });
  });
});
