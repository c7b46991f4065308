import { describe, expect, it } from "vitest";
import { daysDue, dayWindow, isUtcDay, lastHoursWindow } from "../../src/durable/report-window.ts";

const at = (text: string): number => Date.parse(text);

it("begins the last 24 hours with a whole hour", () => {
  const nowMs = at("2026-11-23T08:17:05Z");
  expect(lastHoursWindow(nowMs)).toEqual({
    day: null,
    fromMs: at("2026-11-22T08:00:00Z"),
    toMs: nowMs,
    takenAtMs: nowMs,
  });
});

it("takes a day from midnight to midnight, UTC", () => {
  expect(dayWindow("2026-11-22", 7)).toEqual({
    day: "2026-11-22",
    fromMs: at("2026-11-22T00:00:00Z"),
    toMs: at("2026-11-23T00:00:00Z"),
    takenAtMs: 7,
  });
});

it.each([
  ["2026-11-22", true],
  ["2028-02-29", true],
  ["2026-02-29", false],
  ["2026-13-01", false],
  ["2026-11-31", false],
  ["2026-1-2", false],
  ["2026-11-22T00:00:00Z", false],
  ["yesterday", false],
  ["", false],
])("knows whether the calendar has %j: %s", (text, isDay) => {
  expect(isUtcDay(text)).toBe(isDay);
});

describe("the days whose report is due", () => {
  it("are the last one, from five past midnight", () => {
    expect(daysDue("2026-11-21", at("2026-11-23T00:04:59.999Z"))).toEqual([]);
    expect(daysDue("2026-11-21", at("2026-11-23T00:05:00Z"))).toEqual(["2026-11-22"]);
    expect(daysDue("2026-11-22", at("2026-11-23T23:59:00Z"))).toEqual([]);
  });

  it("are those that cron slept through as well, oldest first, at most seven", () => {
    expect(daysDue("2026-11-19", at("2026-11-23T09:00:00Z"))).toEqual(["2026-11-20", "2026-11-21", "2026-11-22"]);
    const due = daysDue("2026-01-01", at("2026-11-23T09:00:00Z"));
    expect([due.length, due[0], due.at(-1)]).toEqual([7, "2026-11-16", "2026-11-22"]);
  });

  it("are the last one alone where none is stored, and none where a later one is", () => {
    expect(daysDue(null, at("2026-11-23T09:00:00Z"))).toEqual(["2026-11-22"]);
    expect(daysDue("2026-12-24", at("2026-11-23T09:00:00Z"))).toEqual([]);
  });
});
