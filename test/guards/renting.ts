// Guards of the money: what may be rented, how often, and what is known of a rent whose answer was lost.

import type { Guard } from "./guard.ts";

export const rentingGuards: readonly Guard[] = [
  {
    name: "intents count towards the target",
    without:
      "only what the list shows counts, for the number, the slot and the last look before a rent (core and shell)",
    changes: [
      {
        file: "src/fleet/limits.ts",
        from: "const occupied = terms.live + terms.intents.length;",
        to: "const occupied = terms.live;",
      },
      {
        file: "src/fleet/slots.ts",
        from: "const taken = new Set([...workers, ...intents].map(({ slot }) => slot));",
        to: "const taken = new Set(workers.map(({ slot }) => slot));",
      },
      {
        file: "src/durable/act-rent.ts",
        from: "const occupied = memory.workers.length + memory.intents.length;",
        to: "const occupied = memory.workers.length;",
      },
      {
        file: "src/durable/act-rent.ts",
        from: "committed >= record.spec.target + 1 ||\n      memory.intents.some(({ slot }) => slot === rent.slot)",
        to: "committed >= record.spec.target + 1",
      },
    ],
    killedBy: "seed",
  },
  {
    name: "the intent is written before the call",
    without: "the intent is written with the answer",
    changes: [
      {
        file: "src/durable/act-rent.ts",
        from: "store.putIntent(intent);\n    store.extendLease(",
        to: "store.extendLease(",
      },
    ],
    killedBy: "seed",
  },
  {
    name: "a lost answer is not a refusal",
    without: "a rent whose answer was lost is forgotten",
    changes: [
      {
        file: "src/durable/act-rent.ts",
        from: 'store.putIntent({ ...intent, state: "unknown", instanceId: outcome.instanceId, answeredAtMs: nowMs });',
        to: "store.removeIntent(intent.id);",
      },
    ],
    killedBy: "seed",
  },
  {
    name: "intent settle time",
    without: "an unknown rent is over after two sweeps, however soon",
    changes: [
      {
        file: "src/fleet/intents.ts",
        from: "missing.lastBegunAtMs - settleFromMs(intent) >= terms.settleMs;",
        to: "missing.sweeps > 0;",
      },
    ],
    killedBy: { test: "test/fleet/intents.test.ts", name: "119.999 s after the answer was lost" },
  },
  {
    name: "sweeps count from the end of the call",
    without: "a sweep begun before a rent was answered counts against it",
    changes: [
      {
        file: "src/fleet/intents.ts",
        from: "return intent.answeredAtMs ?? intent.createdAtMs + CALL_LIMIT_MS;",
        to: "return Math.min(intent.createdAtMs, CALL_LIMIT_MS);",
      },
    ],
    killedBy: { test: "test/fleet/intents.test.ts", name: "begun while the call could still be under way" },
  },
  {
    name: "version and lease are read again before a rent",
    without: "a launch goes on whatever has become of the fleet",
    changes: [
      {
        file: "src/durable/act-rent.ts",
        from: "if (current === null || current.version !== record.version || !store.holdsLease(leaseId)) {",
        to: "if (current === null) {",
      },
    ],
    killedBy: {
      test: "test/durable/check.test.ts",
      name: "does not send the rest of a launch when the target falls in the middle of it",
    },
  },
  {
    name: "ceiling",
    without: "debts leave all the room that a shortfall wants (core and shell)",
    changes: [
      {
        file: "src/fleet/limits.ts",
        from: '{ heldBy: "ceiling", room: ceiling },',
        to: '{ heldBy: "ceiling", room: ceiling + 1000 },',
      },
      { file: "src/durable/act-rent.ts", from: "committed >= record.spec.target + 1 ||", to: "committed < 0 ||" },
    ],
    killedBy: { test: "test/fleet/limits.test.ts", name: "five unproven destroys leave room for one" },
  },
  {
    name: "one CHECK at a time",
    without:
      "whoever comes second gets the lease too, and no rent looks at what has come meanwhile (lease and last look)",
    changes: [
      {
        file: "src/durable/fleet-store.ts",
        from: "if (held !== null && held.untilMs > nowMs) return false;",
        to: "if (held !== null && held.untilMs < 0) return false;",
      },
      {
        file: "src/durable/act-rent.ts",
        from: "current.version !== record.version || !store.holdsLease(leaseId)",
        to: "current.version < record.version",
      },
      {
        file: "src/durable/act-rent.ts",
        from: "occupied >= record.spec.target ||\n      committed >= record.spec.target + 1 ||\n      memory.intents.some(({ slot }) => slot === rent.slot)",
        to: "occupied + committed < 0",
      },
    ],
    killedBy: {
      test: "test/durable/check.test.ts",
      name: "rents each slot once when doors, cron and the alarm all ask in the same instant",
    },
  },
  {
    name: "idempotent tick",
    without: "a tick counts each time it comes (object and cadence)",
    changes: [
      {
        file: "src/durable/fleet-keeper.ts",
        from: "if (fleet.lastDueTickMs !== null && scheduledAtMs <= fleet.lastDueTickMs)",
        to: "if (fleet.lastDueTickMs !== null && scheduledAtMs < 0)",
      },
      {
        file: "src/fleet/cadence.ts",
        from: "return scheduledAtMs - lastScheduledAtMs >= cadence * 1000 - forgivenMs;",
        to: "return scheduledAtMs - lastScheduledAtMs >= cadence * -1000 - forgivenMs;",
      },
    ],
    killedBy: { test: "test/cron/tick.test.ts", name: "makes one CHECK of a tick that is delivered twice" },
  },
  {
    name: "hourly limit",
    without: "rents of the last hour are not counted",
    changes: [
      {
        file: "src/fleet/limits.ts",
        from: '{ heldBy: "hourly", room: hourly },',
        to: '{ heldBy: "hourly", room: hourly + 1000 },',
      },
    ],
    killedBy: { test: "test/fleet/limits.test.ts", name: "ends at 2 × target" },
  },
  {
    name: "proveFirst",
    without: "a fingerprint that nobody has seen produce is launched at once",
    changes: [
      {
        file: "src/fleet/replenish.ts",
        from: "if (!spec.proveFirst || isFingerprintProven) return null;",
        to: "if (!spec.proveFirst || isFingerprintProven || true) return null;",
      },
    ],
    killedBy: {
      test: "test/fleet/replenish.test.ts",
      name: "is launched in one batch of four, and no more until it has produced",
    },
  },
  {
    name: "distinct machines in one launch",
    without: "two offers of one machine are two offers",
    changes: [
      {
        file: "src/fleet/offer.ts",
        from: "const ranked = candidates.filter(({ offer }) => !seen.has(offer.machineId) && seen.add(offer.machineId));",
        to: "const ranked = candidates.filter(({ offer }) => seen.add(offer.machineId));",
      },
    ],
    killedBy: { test: "test/fleet/offer.test.ts", name: "takes one offer per machine, its best" },
  },
  {
    name: "machines that are paid for already",
    without: "a machine that this fleet has, or still owes, is rented once more",
    changes: [
      {
        file: "src/fleet/offer.ts",
        from: 'if (terms.occupiedMachines.has(offer.machineId)) return "taken";',
        to: "",
      },
    ],
    killedBy: {
      test: "test/fleet/replenish.test.ts",
      name: "none on a machine that the fleet is on, is renting, or still owes a destroy",
    },
  },
  {
    name: "claims across fleets",
    without: "two fleets try the same offer",
    changes: [
      {
        file: "src/durable/account-store.ts",
        from: "if (keys.some((key) => (this.#claims.get(key)?.fleet ?? fleet) !== fleet)) return false;",
        to: "",
      },
    ],
    killedBy: {
      test: "test/durable/account.test.ts",
      name: "lets one fleet alone try an offer or its machine, for ten minutes",
    },
  },
  {
    name: "blocked machines are refused on the rows",
    without: "the search alone leaves blocked machines out",
    changes: [
      { file: "src/fleet/offer.ts", from: 'if (terms.blocked.has(offer.machineId)) return "blocked";', to: "" },
    ],
    killedBy: { test: "test/fleet/replenish.test.ts", name: "none on a blocked machine" },
  },
  {
    name: "weights gate",
    without: "boxes are rented for weights that are not there",
    changes: [
      {
        file: "src/fleet/replenish.ts",
        from: 'if (weights === "missing") return',
        to: 'if (weights === "missing" && nowMs < 0) return',
      },
    ],
    killedBy: {
      test: "test/fleet/replenish.test.ts",
      name: "missing: nothing is rented, nothing killed, and it is said why",
    },
  },
  {
    name: "budget",
    without: "a budget that is reached holds no rent",
    changes: [
      {
        file: "src/fleet/replenish.ts",
        from: "if (reachedBudget(situation.spec, memory.spend, situation.nowMs) !== null)",
        to: "if (situation.nowMs < 0)",
      },
    ],
    killedBy: { test: "test/fleet/budget.test.ts", name: "reached: nothing is rented, and the boxes stay" },
  },
];
