import { describe, expect, it } from "vitest";
import { type DeliveryOutcome, nextStep, parseRetryAfter } from "../../src/fleet/alert-delivery.ts";

const T0 = 1_800_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const lost: DeliveryOutcome = { kind: "lost", detail: "no whole answer within 10000 ms" };
const answered = (status: number, retryAfterMs: number | null = null): DeliveryOutcome => ({
  kind: "answered",
  status,
  retryAfterMs,
  detail: `HTTP ${status}`,
});

/** Waits in seconds until it ends, with the same outcome at every attempt. */
function waits(outcome: DeliveryOutcome): { readonly waits: number[]; readonly end: string } {
  let [nowMs, refusals] = [T0, 0];
  const seconds: number[] = [];
  for (let attempts = 1; attempts < 1000; attempts++) {
    const step = nextStep({ createdAtMs: T0, attempts, refusals }, outcome, nowMs);
    if (step.kind !== "again") return { waits: seconds, end: step.kind === "give-up" ? step.why : "done" };
    seconds.push((step.atMs - nowMs) / 1000);
    [nowMs, refusals] = [step.atMs, step.refusals];
  }
  throw new Error("it never ends");
}

describe("nextStep", () => {
  it("doubles the wait up to an hour and gives up before a day is over", () => {
    for (const outcome of [lost, answered(500), answered(429), answered(408)]) {
      const { waits: seconds, end } = waits(outcome);
      expect(seconds.slice(0, 9)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
      const total = seconds.reduce((sum, wait) => sum + wait, 0);
      expect(total).toBeLessThanOrEqual(24 * 3600);
      expect(total).toBeGreaterThan(22 * 3600);
      expect(end).toContain("nobody took it in a day");
    }
  });

  it("asks a receiver that refuses the message four times in all", () => {
    for (const status of [400, 401, 403, 404, 410, 301]) {
      expect(waits(answered(status))).toEqual({ waits: [30, 60, 120], end: `HTTP ${status}, 4 times` });
    }
  });

  it("comes when a receiver that is asked too often says, if that is later", () => {
    expect(nextStep({ createdAtMs: T0, attempts: 1, refusals: 0 }, answered(429, 5 * MINUTE), T0)).toEqual({
      kind: "again",
      atMs: T0 + 5 * MINUTE,
      refusals: 0,
    });
    expect(nextStep({ createdAtMs: T0, attempts: 1, refusals: 0 }, answered(429, 1000), T0)).toMatchObject({
      atMs: T0 + 30_000,
    });
    expect(nextStep({ createdAtMs: T0, attempts: 1, refusals: 0 }, answered(429, 25 * HOUR), T0).kind).toBe("give-up");
  });

  it("ends with a success, and with an address that cannot be used", () => {
    const state = { createdAtMs: T0, attempts: 1, refusals: 0 };
    expect(nextStep(state, { kind: "taken", status: 204, detail: "" }, T0)).toEqual({ kind: "done" });
    expect(nextStep(state, { kind: "unusable", detail: "not https" }, T0)).toEqual({
      kind: "give-up",
      why: "not https",
    });
  });
});

it("parseRetryAfter reads seconds, fractions and dates, and nothing else", () => {
  const read = (header: string | null): number | null => parseRetryAfter(header, T0, Date.parse);
  expect(read("7")).toBe(7000);
  expect(read("0.65")).toBe(650);
  expect(read(new Date(T0 + 90_000).toUTCString())).toBe(90_000);
  expect(read(new Date(T0 - 90_000).toUTCString())).toBe(0);
  expect(read(null)).toBeNull();
  expect(read("")).toBeNull();
  expect(read("soon")).toBeNull();
});
