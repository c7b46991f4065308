// Guards of what is believed: which list may be acted upon, what its silence proves, whose a box is, which report counts.

import type { Guard } from "./guard.ts";

export const observingGuards: readonly Guard[] = [
  {
    name: "list proof: no answer",
    without: "a list that failed is an empty one",
    changes: [
      {
        file: "src/fleet/sweep.ts",
        from: "if (!reading.ok) return { proven: false, begunAtMs, reason: reading.reason };",
        to: "if (!reading.ok) return { proven: true, list: { begunAtMs, endedAtMs: reading.endedAtMs, rows: [] } as unknown as ProvenList };",
      },
    ],
    killedBy: { test: "test/fleet/sweep.test.ts", name: "a failed list proves nothing" },
  },
  {
    name: "list proof: every row",
    without: "a list with rows missing is whole",
    changes: [
      {
        file: "src/fleet/sweep.ts",
        from: "if (distinct !== reading.rows.length || distinct !== reading.totalInstances) {",
        to: "if (distinct < 0) {",
      },
    ],
    killedBy: { test: "test/fleet/sweep.test.ts", name: "a list with a row too few proves nothing" },
  },
  {
    name: "list proof: every page",
    without: "a list ends where a page fails",
    changes: [
      {
        file: "src/vast/list.ts",
        from: "if (!page.ok) return fail(",
        to: "if (!page.ok && rows.size > 0) return { ok: true, begunAtMs, endedAtMs: caller.now(), totalInstances: rows.size, rows: [...rows.values()] };\n    if (!page.ok) return fail(",
      },
    ],
    killedBy: {
      test: "test/vast/list.test.ts",
      name: "is not ok where a later page is broken, however good the first",
    },
  },
  {
    name: "list proof: our account",
    without: "the list of another account is ours",
    changes: [
      {
        file: "src/fleet/sweep.ts",
        from: "if (terms.accountId !== null && terms.accountId !== reading.accountId) {",
        to: "if (terms.accountId !== null && terms.accountId < 0) {",
      },
    ],
    killedBy: { test: "test/fleet/sweep.test.ts", name: "another account's list proves nothing" },
  },
  {
    name: "list proof: after our last write",
    without: "a list begun before the last rent or destroy is good (core and shell)",
    changes: [
      { file: "src/fleet/sweep.ts", from: "if (begunAtMs < terms.lastWriteAtMs) {", to: "if (begunAtMs < 0) {" },
      {
        file: "src/durable/observe.ts",
        from: "afterMs: fleet.lastWriteAtMs,",
        to: "afterMs: 0,",
      },
    ],
    killedBy: {
      test: "test/fleet/sweep.test.ts",
      name: "a list begun a millisecond before our last write proves nothing",
    },
  },
  {
    name: "absence: two sweeps",
    without: "one sweep proves absence",
    changes: [{ file: "src/fleet/absence.ts", from: "(missing.sweeps >= 2 ||", to: "(missing.sweeps >= 1 ||" }],
    killedBy: { test: "test/fleet/absence.test.ts", name: "one sweep alone" },
  },
  {
    name: "absence: the id is asked first",
    without: "sweeps alone let a vanished box go",
    changes: [{ file: "src/fleet/census.ts", from: "confirmation !== undefined &&\n", to: "" }],
    killedBy: {
      test: "test/fleet/decide-census.test.ts",
      name: "is gone after a second sweep where asking by id brought no answer, and not before it was asked",
    },
  },
  {
    name: "absence: an answer that shows the box wins",
    without: "sweeps count more than the box's own page",
    changes: [{ file: "src/fleet/absence.ts", from: 'return confirmation !== "present" && (', to: "return (" }],
    killedBy: { test: "test/fleet/absence.test.ts", name: "two sweeps, but the by-id answer shows it" },
  },
  {
    name: "absence: our account has answered since",
    without: "nobody asks whose account it is",
    changes: [
      {
        file: "src/fleet/absence.ts",
        from: "return accountReadAtMs === null || accountReadAtMs < missing.firstBegunAtMs;",
        to: "return accountReadAtMs === null && missing.sweeps < 0;",
      },
    ],
    killedBy: {
      test: "test/fleet/decide-census.test.ts",
      name: "wants a good answer of the account besides the by-id answer",
    },
  },
  {
    name: "absence: most at once need a later sweep",
    without: "a mass loss is believed like any other",
    changes: [
      {
        file: "src/fleet/absence.ts",
        from: "return !terms.isMass || isSecondSweepLate;",
        to: "return terms.isMass || isSecondSweepLate || true;",
      },
    ],
    killedBy: { test: "test/fleet/decide-census.test.ts", name: "are not believed gone by the by-id answer alone" },
  },
  {
    name: "a list in doubt",
    without: "a list that has lost all that is known is believed",
    changes: [
      {
        file: "src/fleet/absence.ts",
        from: "return missing > 0 && (missing === known || isMassAbsence(known, missing));",
        to: "return missing < 0 && isMassAbsence(known, missing);",
      },
    ],
    killedBy: {
      test: "test/fleet/replenish.test.ts",
      name: "of 3, 2: nothing is rented on it, and it is said why",
    },
  },
  {
    name: "own label",
    without: "a label that begins like ours is ours",
    changes: [
      {
        file: "src/fleet/census.ts",
        from: "return parseLabel(row.label)?.fleet === situation.fleet;",
        to: "return row.label.startsWith(situation.fleet);",
      },
    ],
    killedBy: { test: "test/fleet/decide-census.test.ts", name: "of a fleet whose name begins like this one's is not" },
  },
  {
    name: "own mark",
    without: "another keeper's box under our label is ours",
    changes: [
      {
        file: "src/fleet/stray.ts",
        from: "return mark !== null && mark !== keeperId && !adopted.has(instanceId);",
        to: "return mark !== null && mark !== keeperId && adopted.size < 0 && instanceId < 0;",
      },
    ],
    killedBy: { test: "test/fleet/decide-census.test.ts", name: "with another keeper's mark is not" },
  },
  {
    name: "a box that came back is owed",
    without: "a destroyed box that is listed again is a new worker",
    changes: [
      {
        file: "src/fleet/census.ts",
        from: "const watchedIds = new Set(memory.watched.map(({ instanceId }) => instanceId));",
        to: "const watchedIds = new Set<number>();",
      },
    ],
    killedBy: {
      test: "test/fleet/decide-census.test.ts",
      name: "a destroyed box that comes back with its host is a debt again, at once and in every mode",
    },
  },
  {
    name: "stale round",
    without: "a report counts whenever it comes (round and time of the question)",
    changes: [
      {
        file: "src/durable/log-rounds.ts",
        from: "if (fleet === null || open === undefined) return;",
        to: "if (fleet === null) return;",
      },
      {
        file: "src/durable/log-rounds.ts",
        from: "const before = open.instanceIds.includes(report.instanceId) ? store.worker(report.instanceId) : null;",
        to: "const before = store.worker(report.instanceId);",
      },
      {
        file: "src/fleet/worker.ts",
        from: "const isNew = report.requestedAtMs > (before.reportAtMs ?? 0);",
        to: "const isNew = report.requestedAtMs > 0;",
      },
      { file: "src/fleet/clock.ts", from: "if (atMs < clock.measuredAtMs) return clock;", to: "" },
    ],
    killedBy: {
      test: "test/durable/log-rounds.test.ts",
      name: "drops the report of a round that is no longer open, and of a worker that the round did not ask for",
    },
  },
  {
    name: "stale log",
    without: "an older upload of a log is news",
    changes: [
      {
        file: "src/fleet/worker.ts",
        from: 'if (!isNew || report.kind !== "measured" || report.isStale)',
        to: 'if (!isNew || report.kind !== "measured")',
      },
    ],
    killedBy: { test: "test/fleet/worker.test.ts", name: "that is stale changes nothing" },
  },
];
