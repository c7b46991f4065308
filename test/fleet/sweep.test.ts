import { expect, it } from "vitest";
import { proveSweep, type ProofTerms, type SweepReading } from "../../src/fleet/sweep.ts";
import { ACCOUNT, anInstance, NOW, SECOND } from "../support/builders.ts";

const rows = [anInstance(), anInstance({ slot: 1 })];
const reading: SweepReading & { ok: true } = {
  ok: true,
  begunAtMs: NOW,
  endedAtMs: NOW + SECOND,
  accountId: ACCOUNT,
  totalInstances: 2,
  rows,
};
const terms: ProofTerms = { accountId: ACCOUNT, lastWriteAtMs: 0 };

it("proves a whole list of the right account", () => {
  const list = { begunAtMs: NOW, endedAtMs: NOW + SECOND, rows };
  expect(proveSweep(reading, terms)).toEqual({ proven: true, list });
});

it("proves an empty list that is announced as empty", () => {
  expect(proveSweep({ ...reading, rows: [], totalInstances: 0 }, terms).proven).toBe(true);
});

it("proves the first list of an account that is not known yet", () => {
  expect(proveSweep(reading, { ...terms, accountId: null }).proven).toBe(true);
});

it.each<[string, SweepReading, Partial<ProofTerms>]>([
  ["a failed list", { ok: false, begunAtMs: NOW, endedAtMs: NOW, reason: "410 Gone" }, {}],
  ["another account's list", { ...reading, accountId: ACCOUNT + 1 }, {}],
  ["a list with a row too few", { ...reading, totalInstances: 3 }, {}],
  ["a list with a row too many", { ...reading, totalInstances: 1 }, {}],
  ["an empty list that should hold two", { ...reading, rows: [] }, {}],
  ["a list that shows one instance twice in place of another", { ...reading, rows: [anInstance(), anInstance()] }, {}],
  ["a list begun a millisecond before our last write", reading, { lastWriteAtMs: NOW + 1 }],
])("%s proves nothing", (_words, bad, changed) => {
  const sweep = proveSweep(bad, { ...terms, ...changed });
  expect(sweep).toMatchObject({ proven: false, begunAtMs: NOW });
  expect(!sweep.proven && sweep.reason.length > 0).toBe(true);
});

it("two rows of one instance are no list, even where one is announced", () => {
  expect(proveSweep({ ...reading, rows: [anInstance(), anInstance()], totalInstances: 1 }, terms).proven).toBe(false);
});

it("a failed list says why it failed", () => {
  const failed = { ok: false, begunAtMs: NOW, endedAtMs: NOW, reason: "410 Gone" } as const;
  expect(proveSweep(failed, terms)).toEqual({ proven: false, begunAtMs: NOW, reason: "410 Gone" });
});

it("accepts a list begun in the millisecond of our last write", () => {
  expect(proveSweep(reading, { ...terms, lastWriteAtMs: NOW }).proven).toBe(true);
});
