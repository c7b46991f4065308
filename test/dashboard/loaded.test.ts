import { expect, it } from "vitest";
import type { Answer, Problem } from "../../dashboard/src/api/answer.ts";
import { afterAnswer, lackOf, type Loaded, NOT_LOADED, untilNextMs } from "../../dashboard/src/view/loaded.ts";

const NOW = Date.parse("2026-11-24T08:00:00Z");
const problem: Problem = {
  status: 503,
  code: "history-unreachable",
  title: "The history does not answer",
  detail: "D1 is silent",
  hint: null,
  errors: [],
  body: {},
};
const failed: Answer<string> = { ok: false, problem };
const read = (value: string): Answer<string> => ({ ok: true, value, etag: null });
const loaded: Loaded<string> = afterAnswer<string>(NOT_LOADED, read("first"), NOW);

it("keeps the value of a door that answers no more, and says of it why and from when it is", () => {
  const later = afterAnswer(loaded, failed, NOW + 60_000);
  expect(later).toEqual({
    value: "first",
    problem,
    isLoading: false,
    loadedAtMs: NOW,
    triedAtMs: NOW + 60_000,
  });
  expect(lackOf(later)).toEqual({ problem, asOfMs: NOW });
  expect(lackOf(afterAnswer(later, failed, NOW + 120_000))).toEqual({ problem, asOfMs: NOW });
});

it("still says it while it is read again, and no more once it has been", () => {
  const later = afterAnswer(loaded, failed, NOW + 60_000);
  expect(lackOf({ ...later, isLoading: true })).toEqual({ problem, asOfMs: NOW });
  const again = afterAnswer(later, read("second"), NOW + 90_000);
  expect([again.value, again.loadedAtMs, lackOf(again)]).toEqual(["second", NOW + 90_000, null]);
});

it("says of what was never read why it is not there, and of what was not asked yet nothing", () => {
  expect(lackOf(afterAnswer<string>(NOT_LOADED, failed, NOW))).toEqual({ problem, asOfMs: null });
  expect(lackOf(NOT_LOADED)).toBeNull();
  expect(lackOf(loaded)).toBeNull();
});

it("asks a door that fails no more often than one that answers", () => {
  const later = afterAnswer(loaded, failed, NOW + 60_000);
  expect(untilNextMs(loaded, 30, NOW + 10_000)).toBe(20_000);
  expect(untilNextMs(later, 30, NOW + 70_000)).toBe(20_000);
  expect(untilNextMs(later, 30, NOW + 100_000)).toBe(0);
});

it("does not ask beside a question that is under way", () => {
  expect(untilNextMs(NOT_LOADED, 30, NOW)).toBeNull();
  expect(untilNextMs({ ...loaded, isLoading: true }, 30, NOW + 60_000)).toBeNull();
});
