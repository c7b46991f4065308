// Guards of what is noticed in time and at what price: silence of cron, news between CHECKs, a stall, one list for all.

import type { Guard } from "./guard.ts";

export const watchingGuards: readonly Guard[] = [
  {
    name: "stall clock",
    without: "a worker that has played is waited for without end",
    changes: [
      {
        file: "src/fleet/clock.ts",
        from: "return Math.max(stallMinimum * 1000, STALL_BATCHES * expectedBatchMs(progress, spec));",
        to: "return Infinity * Math.max(stallMinimum * 1000, STALL_BATCHES * expectedBatchMs(progress, spec));",
      },
    ],
    killedBy: { test: "test/fleet/health.test.ts", name: "stall of a fast worker, at 600 s" },
  },
  {
    name: "news asks for a CHECK",
    without: "what a sweep finds between CHECKs waits for the next one",
    changes: [
      {
        file: "src/durable/fleet-keeper.ts",
        from: "if (!concerns) return;",
        to: "if (!concerns || news.length > 0) return;",
      },
    ],
    killedBy: {
      test: "test/system/healing.test.ts",
      name: "orders the replacement of an exited box within 90 s, whatever moment the stop falls on",
    },
  },
  {
    name: "a CHECK without cron",
    without: "where cron is silent nobody looks",
    changes: [
      {
        file: "src/durable/record-plan.ts",
        from: "plan.lookAgainAtMs : plan.lookAgainAtMs + CRON_SILENCE_MS;",
        to: "plan.lookAgainAtMs : plan.lookAgainAtMs + 9 * CRON_SILENCE_MS;",
      },
    ],
    killedBy: {
      test: "test/durable/alarm.test.ts",
      name: "runs a CHECK itself once cron has been silent for two minutes",
    },
  },
  {
    name: "one list for all fleets",
    without: "each fleet reads the list for itself",
    changes: [
      {
        file: "src/durable/account-list.ts",
        from: "if (latest?.ok === true && latest.begunAtMs > oldest) return latest;",
        to: "if (latest?.ok === true && latest.begunAtMs > oldest + 9e12) return latest;",
      },
    ],
    killedBy: {
      test: "test/system/neighbours.test.ts",
      name: "keeps two fleets side by side on distinct machines, with one sweep for both",
    },
  },
  {
    name: "the account stays while boxes are there",
    without: "a key of another account takes the deployment over",
    changes: [
      {
        file: "src/durable/account-store.ts",
        from: "return !isRenting && !hasBoxes && this.strayDebts.list().length === 0;",
        to: "return isRenting || hasBoxes || this.strayDebts.list().length >= 0;",
      },
    ],
    killedBy: {
      test: "test/system/bad-lists.test.ts",
      name: "is blind with a key of another account, goes on with its own, and keeps its binding",
    },
  },
  {
    name: "nothing follows from an old list",
    without: "a CHECK acts on the list that the account happens to have",
    changes: [
      {
        file: "src/durable/observe.ts",
        from: "return first.isListOld && (isBlind || actions.length > 0 || needs.logs.length > 0);",
        to: "return first.isListOld && isBlind && actions.length > 0 && needs.logs.length > 0;",
      },
      { file: "src/durable/check.ts", from: "if (seen.first.isListOld) seen =", to: "if (seen === null) seen =" },
    ],
    killedBy: {
      test: "test/simulation/long-list.test.ts",
      name: "ends a worker on a list that was read for it, and on none that was old",
    },
  },
];
