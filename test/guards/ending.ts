// Guards of what goes and who is blamed: destroys, waits, evidence, strikes, the breaker, secrets.

import type { Guard } from "./guard.ts";

export const endingGuards: readonly Guard[] = [
  {
    name: "debt retry",
    without: "a destroy is sent once",
    changes: [
      {
        file: "src/fleet/debts.ts",
        from: "due: kept.filter((debt) => isThere(debt) || isUnanswered(debt, terms)),",
        to: "due: kept.filter((debt) => isThere(debt) && debt.attempts < 1),",
      },
    ],
    killedBy: { test: "test/fleet/decide-census.test.ts", name: "are paid again while the box is listed, when active" },
  },
  {
    name: "a destroy is a debt first",
    without: "a box that is ordered away is forgotten with the order",
    changes: [
      {
        file: "src/fleet/removals.ts",
        from: "debts: leaving.map(({ worker, reason }) =>",
        to: "debts: leaving.slice(leaving.length).map(({ worker, reason }) =>",
      },
    ],
    killedBy: {
      test: "test/fleet/decide.test.ts",
      name: "gives up the four of worst value, whatever their slots, and strikes nobody",
    },
  },
  {
    name: "a debt is paid by proof",
    without: "a debt is settled when one list does not show the box",
    changes: [
      {
        file: "src/fleet/debts.ts",
        from: "(isPaid ? settled : kept).push(next);",
        to: "(isPaid || missing !== null ? settled : kept).push(next);",
      },
    ],
    killedBy: {
      test: "test/fleet/debts.test.ts",
      name: "stands after one sweep without the instance, and no longer counts against the ceiling",
    },
  },
  {
    name: "what was not taken is asked for",
    without: "two lists without the box settle a debt of which no destroy was taken",
    changes: [
      {
        file: "src/fleet/debts.ts",
        from: '(debt.isAccepted || confirmation === "absent") &&',
        to: "",
      },
    ],
    killedBy: {
      test: "test/fleet/debts.test.ts",
      name: "is not settled by lists alone, is asked for by its id, and counts against the ceiling: nobody answers, and it is due again",
    },
  },
  {
    name: "an untaken destroy is sent again while its id is silent",
    without: "a debt of a box that the list does not show stands for ever while its id brings no answer",
    changes: [
      {
        file: "src/fleet/debts.ts",
        from: "due: kept.filter((debt) => isThere(debt) || isUnanswered(debt, terms)),",
        to: "due: kept.filter(isThere),",
      },
    ],
    killedBy: {
      test: "test/fleet/debts.test.ts",
      name: "is not settled by lists alone, is asked for by its id, and counts against the ceiling: nobody answers, and it is due again",
    },
  },
  {
    name: "credit wait kills nothing",
    without: "stopped boxes are replaced while the account has no credit",
    changes: [
      {
        file: "src/fleet/removals.ts",
        from: "if (account.creditWait !== null) {",
        to: "if (account.creditWait !== null && nowMs < 0) {",
      },
    ],
    killedBy: {
      test: "test/fleet/decide-removals.test.ts",
      name: "while waiting for credit nothing is killed, whatever is wrong with it",
    },
  },
  {
    name: "credit wait rents nothing",
    without: "rents go on while the account has no credit",
    changes: [
      {
        file: "src/fleet/replenish.ts",
        from: "if (account.creditWait !== null && nowMs < account.creditWait.nextProbeAtMs) {",
        to: "if (account.creditWait !== null && nowMs < 0) {",
      },
      {
        file: "src/fleet/replenish.ts",
        from: "const isProbe = account.creditWait !== null || ",
        to: "const isProbe = ",
      },
    ],
    killedBy: { test: "test/fleet/replenish.test.ts", name: "rents nothing before the probe, and looks again then" },
  },
  {
    name: "a status is believed with the log",
    without: "a word of the market ends a box that plays (its newer batches, and the wait for the next one)",
    changes: [
      {
        file: "src/fleet/health.ts",
        from: "const isDoubtful = isLogReadSince && bad.isStopped !== true;",
        to: "const isDoubtful = false;",
      },
      {
        file: "src/fleet/health.ts",
        from: "if (bad === null || isBeatenByLog(worker, spec, nowMs)) return null;",
        to: "if (bad === null) return null;",
      },
    ],
    killedBy: { test: "test/fleet/health.test.ts", name: "is overruled by a newer batch in the log" },
  },
  {
    name: "a wait for a log begins when it is asked for",
    without: "a clock that is set forward ends a box whose log nobody has asked for",
    changes: [
      {
        file: "src/fleet/health.ts",
        from: "const deadlineMs = logAskedAtMs + confirmMs;",
        to: "const deadlineMs = tellsAtMs + confirmMs;",
      },
    ],
    killedBy: {
      test: "test/fleet/decide-removals.test.ts",
      name: "a box that its log vouched for has its log asked for 120 s before it goes, however late the first CHECK asks",
    },
  },
  {
    name: "nobody is silent while nobody looks",
    without: "a clock that is set forward counts as time in which a log could not be read",
    changes: [
      {
        file: "src/fleet/decide.ts",
        from: "const isGap = isUnproven || isOverdue(wantedAtMs, nowMs);",
        to: "const isGap = isUnproven;",
      },
    ],
    killedBy: {
      test: "test/fleet/decide-removals.test.ts",
      name: "at a CHECK that comes later: the silence begins anew, because nobody looked",
    },
  },
  {
    name: "a start that goes on is believed",
    without: "a word of the market ends a box whose start prints lines (its news, and the wait for the next one)",
    changes: [
      {
        file: "src/fleet/status.ts",
        from: "if (progress === null) return isStartMoving(worker, spec, nowMs);",
        to: "if (progress === null) return false;",
      },
      {
        file: "src/fleet/health.ts",
        from: "return isPrinting(clock) ? clock.movedAtMs + confirmMs : 0;",
        to: "return 0;",
      },
    ],
    killedBy: {
      test: "test/fleet/clocks-played.test.ts",
      name: "and whose start goes on is left alone until it plays, and then",
    },
  },
  {
    name: "a log that is read ends a second boot",
    without: "a box that is called loading is given up, whatever its log tells",
    changes: [
      {
        file: "src/fleet/clock.ts",
        from: "Math.max(reboot.sinceMs, reportAtMs ?? 0, heldBackAtMs ?? 0)",
        to: "Math.max(reboot.sinceMs, 0 * (reportAtMs ?? 0), heldBackAtMs ?? 0)",
      },
    ],
    killedBy: {
      test: "test/fleet/clocks-played.test.ts",
      name: "as loading by a wrong word of the market, its log read as ever: it plays on",
    },
  },
  {
    name: "most stopped at once need a second sweep",
    without: "a market that calls all boxes stopped is believed at once",
    changes: [{ file: "src/fleet/removals.ts", from: "      isMass &&\n", to: "      isMass && nowMs < 0 &&\n" }],
    killedBy: {
      test: "test/fleet/decide-removals.test.ts",
      name: "is a mass though the logs tell of one box after the other",
    },
  },
  {
    name: "grace 300 s",
    without: "an error ends a box at first sight",
    changes: [
      {
        file: "src/fleet/health.ts",
        from: "if (!error.isFinal && lastedMs < spec.timeoutsSeconds.errorGrace * 1000) {",
        to: "if (!error.isFinal && lastedMs < 0) {",
      },
    ],
    killedBy: { test: "test/fleet/health.test.ts", name: "one that may pass, in its grace" },
  },
  {
    name: "a gap in the evidence restarts a clock",
    without: "time in which nothing was measured counts",
    changes: [
      {
        file: "src/fleet/clock.ts",
        from: "const overMs = atMs - sinceMs - limitMs;",
        to: "const overMs = atMs - sinceMs - 1e6 * limitMs;",
      },
    ],
    killedBy: { test: "test/fleet/worker.test.ts", name: "a millisecond more restarts it" },
  },
  {
    name: "two boxes of a slot wait for its rent",
    without: "duplicates are sorted out while a rent of the slot is open",
    changes: [
      {
        file: "src/fleet/slots.ts",
        from: "const unsettled = new Set(intents.map(({ slot }) => slot));",
        to: "const unsettled = new Set(intents.slice(intents.length).map(({ slot }) => slot));",
      },
    ],
    killedBy: { test: "test/fleet/slots.test.ts", name: "are left alone while an intent of the slot is unsettled" },
  },
  {
    name: "a shared slot waits for logs",
    without: "a log read before the second box came says that the first does not work",
    changes: [
      {
        file: "src/fleet/slots.ts",
        from: "group.some((worker) => isOpen(worker, sharedSinceMs))",
        to: "group.some((worker) => isOpen(worker, 0 * sharedSinceMs))",
      },
    ],
    killedBy: {
      test: "test/fleet/decide-removals.test.ts",
      name: "of two that nobody knows to work, the same, where it was last read before the other came",
    },
  },
  {
    name: "no box is the odd one while no log can be read",
    without:
      "a box that is read a minute later than the others after an outage of the log service goes for its silence",
    changes: [
      {
        file: "src/fleet/health.ts",
        from: "> gapLimitMs(spec) ? readAtMs : sinceMs;",
        to: "> gapLimitMs(spec) ? sinceMs : sinceMs;",
      },
    ],
    killedBy: { test: "test/fleet/health.test.ts", name: "now, where the last was read before that" },
  },
  {
    name: "nobody is silent while the list does not show it",
    without: "a box that a list had hidden for long goes for its silence when it is shown again",
    changes: [
      {
        file: "src/fleet/worker.ts",
        from: "return missing !== null && sweepBegunAtMs",
        to: "return missing !== null && 0 * sweepBegunAtMs",
      },
    ],
    killedBy: {
      test: "test/fleet/worker.test.ts",
      name: "that was first missing longer than two polls ago has nobody asked for its log since then: it returns",
    },
  },
  {
    name: "an upload's tries are awaited",
    without: "a batch is late though an upload is being tried before it",
    changes: [
      {
        file: "src/fleet/health.ts",
        from: "still.sinceMs > progress.atMs ? UPLOAD_TRIES_MS : 0",
        to: "still.sinceMs > progress.atMs ? 0 * UPLOAD_TRIES_MS : 0",
      },
    ],
    killedBy: {
      test: "test/fleet/health.test.ts",
      name: "with a log read after the last batch, and lines have come since it, an upload's tries more: 124.999 s",
    },
  },
  {
    name: "breaker",
    without: "the same error on many machines opens nothing",
    changes: [
      {
        file: "src/fleet/breaker.ts",
        from: "return memory.breaker === null ? openOn(terms, faults) : goOn(",
        to: "if (memory.breaker === null) return { breaker: null, faults, refunds: [], change: null };\n  return goOn(",
      },
    ],
    killedBy: {
      test: "test/fleet/breaker.test.ts",
      name: "when all four boxes of the first launch end alike: three go unreplaced, one is kept, no host is struck",
    },
  },
  {
    name: "an open breaker replaces nothing",
    without: "rents go on under an open breaker",
    changes: [
      {
        file: "src/fleet/replenish.ts",
        from: "return memory.breaker === null ? null : breakerHold(memory.breaker, live, memory, nowMs);",
        to: "return memory.breaker === null || nowMs > 0 ? null : breakerHold(memory.breaker, live, memory, nowMs);",
      },
      {
        file: "src/fleet/replenish.ts",
        from: 'weights === "unconfirmed" || breaker !== null;',
        to: 'weights === "unconfirmed" || breaker === undefined;',
      },
    ],
    killedBy: {
      test: "test/fleet/breaker.test.ts",
      name: "nothing is rented before the canary is due, and the fleet looks again then",
    },
  },
  {
    name: "one canary at a time",
    without: "the breaker lets all that is missing out at once",
    changes: [
      {
        file: "src/fleet/replenish.ts",
        from: 'weights === "unconfirmed" || breaker !== null;',
        to: 'weights === "unconfirmed" || breaker === undefined;',
      },
    ],
    killedBy: { test: "test/fleet/breaker.test.ts", name: "one canary is rented when it is due, no more" },
  },
  {
    name: "refund on breaker",
    without: "strikes given before the breaker opened stay",
    changes: [
      {
        file: "src/fleet/breaker.ts",
        from: "const refunds = alike.filter(({ isStruck }) => isStruck);",
        to: "const refunds = alike.filter(({ isStruck }) => isStruck && alike.length < 0);",
      },
    ],
    killedBy: {
      test: "test/fleet/breaker.test.ts",
      name: "a strike given before the second machine failed alike is taken back, and none is given now",
    },
  },
  {
    name: "only a host's fault strikes a host",
    without: "every error that ends a box strikes its machine",
    changes: [
      {
        file: "src/fleet/health.ts",
        from: 'isStrike: error.faultClass === "host",',
        to: "isStrike: true,",
      },
    ],
    killedBy: { test: "test/fleet/health.test.ts", name: "an error of the workload strikes the machine: false" },
  },
  {
    name: "undelivered everywhere holds rents",
    without: "boxes are rented while nothing reaches the Hub",
    changes: [
      {
        file: "src/fleet/replenish.ts",
        from: "if (delivery.alert === null || rollOut !== null) return null;",
        to: "if (delivery.alert === null || rollOut === null || rollOut !== null) return null;",
      },
    ],
    killedBy: { test: "test/fleet/undelivered.test.ts", name: "hold rents" },
  },
  {
    name: "secrets are masked",
    without: "text goes out as it is",
    changes: [
      { file: "src/log.ts", from: "let masked = text;", to: "if (text !== null) return text;\n  let masked = text;" },
    ],
    killedBy: { test: "test/log.test.ts", name: "hides registered values and their encoded form, however they look" },
  },
];
