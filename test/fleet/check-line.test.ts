import { expect, it } from "vitest";
import { formatAge, formatCheckLine, verdictWords } from "../../src/fleet/check-line.ts";
import { decide } from "../../src/fleet/decide.ts";
import type { FleetMemory } from "../../src/fleet/memory.ts";
import type { RecordAction } from "../../src/fleet/plan.ts";
import {
  aBootingWorker,
  aMemory,
  anIntent,
  aProof,
  aSituation,
  aWorker,
  MINUTE,
  must,
  NOW,
  someBoxes,
} from "../support/builders.ts";
import { aDestroyOf, aPlan } from "../support/plans.ts";

const plan = decide(aSituation(someBoxes(4)));
const line = (memory: Partial<FleetMemory>): string =>
  formatCheckLine({ number: 12, elapsedMs: 125 * MINUTE, plan: { ...plan, memory: aMemory(memory) }, nowMs: NOW });

it("says a CHECK in the runbook's words", () => {
  expect(line({ workers: [aWorker()] })).toBe(
    "CHECK #12 [2h05m] 4/4 up 9.6 games/s $0.288/hr [steady] | 0=RTX 3070/$0.072/2.4 games/s/batch 30/2h00m",
  );
});

it("says where the workers stand that do not produce, and rents under way, in order of slots", () => {
  const workers = [aBootingWorker({ slot: 10 }), aBootingWorker({ slot: 2, verdict: "setting-up" })];
  const after = line({ workers, intents: [anIntent({ slot: 3 })] }).split(" | ")[1];
  expect(after).toBe("2=SETUP/1m00s 10=BOOT/1m00s 3=RENT/10s");
});

it.each([
  ["booting", "0=BOOT/2h00m"],
  ["setting-up", "0=SETUP/2h00m"],
  ["waiting", "0=WAIT/2h00m"],
  ["producing", "0=RTX 3070/$0.072/2.4 games/s/batch 30/2h00m"],
  ["uploading", "0=RTX 3070/$0.072/2.4 games/s/batch 30/2h00m"],
  ["undelivered", "0=UNDELIVERED/2h00m"],
  ["stalled", "0=STALL/2h00m"],
  ["failed", "0=ERR(2h00m)"],
  ["gone", "0=GONE/2h00m"],
  ["unknown", "0=POLL/2h00m"],
] as const)("a worker that is %s reads %s", (verdict, words) => {
  expect(line({ workers: [aWorker({ verdict })] }).split(" | ")[1]).toBe(words);
});

it("says what goes in this very CHECK, and by which rule", () => {
  const causes = [
    "duplicate",
    "status",
    "start-error",
    "fatal-error",
    "stuck-boot",
    "stuck-setup",
    "no-progress",
    "stalled",
    "undelivered",
    "over-cost",
    "downscale",
    "down",
    "by-hand",
    "came-back",
  ] as const;
  const gone: RecordAction = { kind: "gone", slot: 20, instanceId: 1020, reason: "", evidence: {} };
  const actions = [...causes.map((cause, slot) => aDestroyOf(slot, cause, "", {}, aProof([]))), gone];
  const words = formatCheckLine({ number: 1, elapsedMs: 0, plan: aPlan({ actions }), nowMs: NOW }).split(" | ")[1];
  expect(words).toBe(
    "0=REMOVED(duplicate) 1=REPLACED(status) 2=REPLACED(start) 3=REPLACED(err) 4=REPLACED(boot) 5=REPLACED(setup) " +
      "6=REPLACED(wait) 7=REPLACED(stall) 8=REPLACED(undelivered) 9=REPLACED($0.072) 10=REMOVED(trim) 11=REMOVED(down) " +
      "12=REMOVED(by-hand) 20=GONE",
  );
});

it("leaves blank what is not known of a producing worker", () => {
  const worker = aWorker({ gpu: null, usdPerHour: null, progress: null, verdict: "uploading" });
  expect(line({ workers: [worker] })).toContain("| 0=GPU////2h00m");
});

it("says nothing of workers where there are none", () => {
  expect(line({})).toMatch(/\[steady\]$/);
});

it("has a word for every verdict", () => {
  expect(Object.values(verdictWords).every((word) => /^[A-Z]+$/.test(word))).toBe(true);
  expect(must(verdictWords.unknown)).toBe("POLL");
});

it.each([
  [-5, "0s"],
  [45_999, "45s"],
  [59_999, "59s"],
  [60_000, "1m00s"],
  [187_000, "3m07s"],
  [3_599_999, "59m59s"],
  [7_500_000, "2h05m"],
  [360_000_000, "100h00m"],
])("%i ms are %s", (ms, words) => {
  expect(formatAge(ms)).toBe(words);
});
