import { describe, expect, it } from "vitest";
import {
  compact,
  count,
  duration,
  hours,
  percent,
  rate,
  span,
  usd,
  usdPerHour,
} from "../../dashboard/src/view/format.ts";
import { clockTime, exactTime, relative } from "../../dashboard/src/view/time.ts";

describe("a number with its unit", () => {
  it.each([
    [0, "$0.00"],
    [0.004, "<$0.01"],
    [0.005, "$0.01"],
    [1234.5, "$1,234.50"],
    [-0.43, "-$0.43"],
    [-0.004, "$0.00"],
    [null, "–"],
  ])("writes %s dollars as %s", (value, text) => expect(usd(value)).toBe(text));

  it("writes prices per hour to the tenth of a cent", () => {
    expect([usdPerHour(0.0894), usdPerHour(null)]).toEqual(["$0.089/hr", "–"]);
  });

  it.each([
    [0, "0"],
    [24.84, "24.8"],
    [1, "1.0"],
    [0.078, "0.078"],
    [null, "–"],
  ])("writes a rate of %s as %s", (value, text) => expect(rate(value)).toBe(text));

  it.each([
    [-5, "0 s"],
    [59.9, "59 s"],
    [60, "1 min"],
    [3599, "59 min"],
    [3600, "1 h"],
    [7500, "2 h 05 min"],
    [48 * 3600 - 1, "47 h 59 min"],
    [48 * 3600, "2 d"],
    [50 * 3600, "2 d 2 h"],
    [null, "–"],
  ])("writes %s seconds as %s", (value, text) => expect(duration(value)).toBe(text));

  it.each([
    [9.9, "9.9 h"],
    [10, "10 h"],
    [239.9, "239 h"],
    [240, "10 d"],
    [null, "–"],
  ])("writes %s hours of credit as %s", (value, text) => expect(hours(value)).toBe(text));

  it("keeps a number exact until it is long", () => {
    expect([compact(9999), compact(81_664), compact(null)]).toEqual(["9,999", "81.7K", "–"]);
  });

  it("says one of one, and many of none", () => {
    const words = [0, 1, 1200].map((many) => count(many, "strike"));
    expect(words).toEqual(["0 strikes", "1 strike", "1,200 strikes"]);
  });

  it("never rounds a machine up to 100 % that is not", () => {
    expect([0.9994, 1, 0, null].map(percent)).toEqual(["99.9 %", "100 %", "0 %", "–"]);
  });

  it("writes a span once where its ends look alike", () => {
    expect([span(4.1, 4.2, 1), span(3, 3.04, 1)]).toEqual(["4.1–4.2", "3.0"]);
  });
});

describe("an instant", () => {
  const nowMs = Date.parse("2026-11-24T01:30:00Z");

  it("is shown in the viewer's zone, its day called by what it is there", () => {
    const at = Date.parse("2026-11-23T23:30:00Z");
    expect(clockTime(at, { nowMs, zone: "UTC" })).toBe("yesterday 23:30");
    expect(clockTime(at, { nowMs, zone: "Europe/Berlin" })).toBe("00:30:00");
    expect(clockTime(at, { nowMs, zone: "America/Los_Angeles" })).toBe("15:30:00");
  });

  it("has its day where it is older, and its year where that is another", () => {
    expect(clockTime(Date.parse("2026-11-20T10:05:00Z"), { nowMs, zone: "UTC" })).toBe("20 Nov 10:05");
    expect(clockTime(Date.parse("2025-12-31T10:05:00Z"), { nowMs, zone: "UTC" })).toBe("31 Dec 2025 10:05");
  });

  it("is exact on demand, in the zone and in UTC", () => {
    const text = exactTime(Date.parse("2026-11-23T23:30:05.250Z"), "Europe/Berlin");
    expect(text).toContain("24 November 2026");
    expect(text).toContain("00:30:05");
    expect(text).toContain("2026-11-23T23:30:05.250Z");
  });

  it.each([
    [-90_000, "1 min ago"],
    [-1400, "now"],
    [1400, "now"],
    [180_000, "in 3 min"],
  ])("%s ms from now is %s", (offset, text) => expect(relative(nowMs + offset, nowMs)).toBe(text));
});
