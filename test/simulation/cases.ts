// Worlds that once failed, cut down to what made them fail, and worlds made to show one guard at work.

import type { Scenario } from "./scenario.ts";
import { HOUR, MINUTE } from "./world.ts";

interface StoredCase {
  readonly name: string;
  readonly scenario: Scenario;
}

const hours = { tickMs: MINUTE, troubledMs: 2 * HOUR, totalMs: 3 * HOUR };
const goodHosts = { count: 60, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 };

export const cases: readonly StoredCase[] = [
  {
    // The wait ended with a rent alone, a full fleet rents nothing, and a wait kills nothing: so it never ended.
    name: "a full fleet whose worker fails during a wait for a spending limit is made whole when the limit is over",
    scenario: {
      ...hours,
      seed: 5034,
      mode: "liveness",
      fleets: [{ name: "zeb", target: 1, spec: { preset: "zeb", maxPriceUsdPerHour: 0.1 } }],
      market: {
        credit: 500,
        hosts: { count: 76, dudShare: 0.3, crashShare: 0.1, slowShare: 0, flakyShare: 0.05 },
        listLagMs: [0, 5000],
        logDelayMs: 6000,
        rateLimits: true,
      },
      acts: [
        { atMs: 341_904, kind: "fault", name: "create-spend-limit", forMs: 1_165_062 },
        crashOf("zeb-worker-vast-0", 355_227),
        { atMs: 845_131, kind: "fault", name: "create-error-but-rented", times: 4 },
        crashOf("zeb-worker-vast-0", 900_569),
      ],
    },
  },
  {
    // The list was empty with status 200, and what the fleet lacked was rented on it.
    name: "nothing is rented on a list that is empty while boxes are known",
    scenario: {
      ...hours,
      seed: 2042,
      mode: "safety",
      fleets: [{ name: "zeb", target: 3, spec: { preset: "zeb", maxPriceUsdPerHour: null, proveFirst: false } }],
      market: { credit: 500, hosts: goodHosts, listLagMs: [0, 0], logDelayMs: 2000 },
      acts: [
        { atMs: 24 * MINUTE, kind: "fault", name: "list-empty", forMs: 40 * MINUTE },
        { atMs: 40 * MINUTE, kind: "door", method: "PATCH", path: "/api/fleets/zeb", body: { target: 5 } },
      ],
    },
  },
  {
    // Its log was read between two batches, two minutes after the last new one, and no later read was waited for.
    name: "a worker that plays under a wrong status is not given up for a log that was read too soon",
    scenario: {
      ...hours,
      seed: 1066,
      mode: "safety",
      fleets: [
        {
          name: "zeb",
          target: 3,
          spec: { preset: "zeb", maxPriceUsdPerHour: 0.14, proveFirst: false, launchBatch: 4 },
        },
      ],
      market: {
        credit: 500,
        hosts: { count: 42, dudShare: 0.1, crashShare: 0, slowShare: 0, flakyShare: 0 },
        listLagMs: [0, 5000],
        logDelayMs: 6000,
        rateLimits: false,
      },
      acts: [
        {
          atMs: 2_206_780,
          kind: "fault",
          name: "box-status",
          match: { label: "zeb-worker-vast-2" },
          times: 1,
          value: { intendedStatus: "stopped" },
        },
        {
          atMs: 4_620_020,
          kind: "net",
          what: "answer-lost",
          method: "PUT",
          path: "/request_logs/",
          isSilent: true,
          times: 6,
        },
      ],
    },
  },
  {
    // The alert was frozen as long as the breaker was open, and held the canary that the breaker waited for.
    name: "an alert about deliveries that is over does not hold the breaker's canary for ever",
    scenario: {
      ...hours,
      seed: 37,
      mode: "liveness",
      troubledMs: 6_817_593,
      fleets: [
        {
          name: "zeb",
          target: 12,
          spec: { preset: "zeb", maxPriceUsdPerHour: 0.1, proveFirst: false, launchBatch: 2 },
        },
        {
          name: "zeb-large",
          target: 6,
          spec: {
            preset: "zeb",
            maxPriceUsdPerHour: 0.14,
            proveFirst: false,
            cadenceSeconds: { logPoll: 90, logPollSteady: 300 },
          },
        },
      ],
      market: {
        credit: 500,
        hosts: { count: 64, dudShare: 0, crashShare: 0.03, slowShare: 0.05, flakyShare: 0 },
        listLagMs: [0, 30_000],
        logDelayMs: 6000,
        rateLimits: false,
      },
      acts: [
        crashOf("zeb-worker-vast-2", 880_461),
        { atMs: 2_249_124, kind: "fault", name: "hub-down", forMs: 1_535_193 },
      ],
    },
  },
  {
    // The box that was taken over had played for minutes, and its log had not been read: the younger one was kept.
    name: "of two boxes in one slot the one that plays stays, though it was just taken over and nobody has read its log",
    scenario: {
      ...hours,
      seed: 20_056,
      mode: "safety",
      troubledMs: HOUR,
      fleets: [{ name: "zeb", target: 2, spec: { preset: "zeb", maxPriceUsdPerHour: null, proveFirst: false } }],
      market: { credit: 500, hosts: goodHosts, listLagMs: [0, 0], logDelayMs: 2000 },
      acts: [
        { atMs: 20 * MINUTE, kind: "fault", name: "list-late", times: 1, value: 8 * MINUTE },
        { atMs: 20 * MINUTE + 1000, kind: "human-rent", label: "zeb-worker-vast-1", count: 1 },
        { atMs: 20 * MINUTE + 2000, kind: "fault", name: "next-rent-dud", times: 1, value: "loading" },
        { atMs: 20 * MINUTE + 3000, kind: "human-destroy", label: "zeb-worker-vast-1" },
      ],
    },
  },
  {
    // A lying status was overruled for an hour by its log; then the clock was set forward past the wait for the log.
    name: "a worker that plays under a wrong status is not given up for a clock that is set forward",
    scenario: {
      ...hours,
      seed: 294,
      mode: "liveness",
      troubledMs: 7_300_150,
      fleets: [
        {
          name: "zeb",
          target: 3,
          spec: {
            preset: "zeb",
            maxPriceUsdPerHour: 0.14,
            proveFirst: true,
            launchBatch: 8,
            cadenceSeconds: { logPoll: 90, logPollSteady: 300 },
          },
        },
      ],
      market: {
        credit: 500,
        hosts: { count: 66, dudShare: 0.3, crashShare: 0.1, slowShare: 0, flakyShare: 0.05 },
        listLagMs: [0, 5000],
        logDelayMs: 2000,
        rateLimits: false,
      },
      acts: [
        {
          atMs: 157_313,
          kind: "fault",
          name: "box-status",
          match: { label: "zeb-worker-vast-0" },
          times: 1,
          value: { actualStatus: "offline" },
        },
        { atMs: 3_840_035, kind: "clock-jump", ms: 349_012 },
      ],
    },
  },
  {
    // The same with a worker that plays slowly, two hours in.
    name: "nor is a slow one",
    scenario: {
      ...hours,
      seed: 684,
      mode: "liveness",
      troubledMs: 7_912_697,
      fleets: [
        {
          name: "zeb",
          target: 5,
          spec: {
            preset: "zeb",
            maxPriceUsdPerHour: null,
            proveFirst: false,
            launchBatch: 4,
            cadenceSeconds: { logPoll: 90, logPollSteady: 300 },
          },
        },
      ],
      market: {
        credit: 500,
        hosts: { count: 89, dudShare: 0, crashShare: 0.1, slowShare: 0.05, flakyShare: 0 },
        listLagMs: [0, 0],
        logDelayMs: 2000,
        rateLimits: false,
      },
      acts: [
        {
          atMs: 5_687_250,
          kind: "fault",
          name: "box-status",
          match: { label: "zeb-worker-vast-1" },
          times: 1,
          value: { actualStatus: "offline" },
        },
        { atMs: 7_269_063, kind: "clock-jump", ms: 446_599 },
      ],
    },
  },
  {
    // The same where the market says that it is meant to be stopped.
    name: "nor one that is said to be meant to be stopped",
    scenario: {
      ...hours,
      seed: 664,
      mode: "safety",
      troubledMs: 10_800_000,
      fleets: [
        { name: "zeb", target: 2, spec: { preset: "zeb", maxPriceUsdPerHour: 0.14, proveFirst: true, launchBatch: 4 } },
      ],
      market: {
        credit: 500,
        hosts: { count: 59, dudShare: 0.1, crashShare: 0.1, slowShare: 0, flakyShare: 0 },
        listLagMs: [0, 5000],
        logDelayMs: 2000,
        rateLimits: false,
      },
      acts: [
        {
          atMs: 7_416_546,
          kind: "fault",
          name: "box-status",
          match: { label: "zeb-worker-vast-0" },
          times: 1,
          value: { intendedStatus: "stopped" },
        },
        { atMs: 9_269_288, kind: "clock-jump", ms: 157_550 },
      ],
    },
  },
  {
    // The person's box was over the cap and went in the CHECK that ended the wait for credit, as a duplicate of one that failed.
    name: "a second box that a person rents too dear goes for its price, and not for its slot",
    scenario: {
      ...hours,
      seed: 558,
      mode: "liveness",
      troubledMs: 7_895_693,
      fleets: [
        {
          name: "zeb",
          target: 6,
          spec: {
            preset: "zeb",
            maxPriceUsdPerHour: 0.1,
            proveFirst: true,
            launchBatch: 8,
            cadenceSeconds: { logPoll: 90, logPollSteady: 300 },
          },
        },
      ],
      market: {
        credit: 500,
        hosts: { count: 66, dudShare: 0.3, crashShare: 0.03, slowShare: 0.05, flakyShare: 0.05 },
        listLagMs: [0, 30_000],
        logDelayMs: 6000,
        rateLimits: false,
      },
      acts: [
        { atMs: 312_536, kind: "credit", usd: 0.02 },
        { atMs: 1_064_372, kind: "human-rent", label: "zeb-worker-vast-2", count: 1 },
        { atMs: 2_219_955, kind: "credit", usd: 400 },
      ],
    },
  },
  {
    // Destroys answered 500 and the list was empty: two lists without the boxes settled the debts, and the slots were rented again.
    name: "a debt whose destroys were all refused is not settled by an empty list",
    scenario: {
      ...hours,
      seed: 607,
      mode: "liveness",
      troubledMs: 6_850_070,
      fleets: [
        {
          name: "zeb-large",
          target: 4,
          spec: { preset: "zeb", maxPriceUsdPerHour: 0.1, proveFirst: true, launchBatch: 8 },
        },
      ],
      market: {
        credit: 500,
        hosts: { count: 45, dudShare: 0.3, crashShare: 0.1, slowShare: 0, flakyShare: 0 },
        listLagMs: [0, 5000],
        logDelayMs: 6000,
        rateLimits: false,
      },
      acts: [
        { atMs: 154_777, kind: "fault", name: "destroy-500", forMs: 767_062 },
        { atMs: 608_180, kind: "fault", name: "list-empty", forMs: 1_010_924 },
        { atMs: 678_267, kind: "door", method: "POST", path: "/api/fleets/zeb-large/down", body: { force: true } },
        { atMs: 1_452_431, kind: "door", method: "PATCH", path: "/api/fleets/zeb-large", body: { target: 4 } },
      ],
    },
  },
  {
    // It was starting when its log was last read, and the younger of two that nobody knows to work stays.
    name: "a worker that began to play while the market did not answer does not go for a second box in its slot",
    scenario: {
      ...hours,
      seed: 464,
      mode: "liveness",
      fleets: [
        {
          name: "zeb",
          target: 2,
          spec: { preset: "zeb", maxPriceUsdPerHour: null, proveFirst: true, launchBatch: 2 },
        },
      ],
      market: {
        credit: 500,
        hosts: { count: 88, dudShare: 0.3, crashShare: 0.1, slowShare: 0, flakyShare: 0 },
        listLagMs: [0, 5000],
        logDelayMs: 2000,
        rateLimits: true,
      },
      acts: [
        { atMs: 282_980, kind: "fault", name: "api-hangs", forMs: 3_037_386, times: 12 },
        { atMs: 484_479, kind: "human-rent", label: "zeb-worker-vast-1", count: 1 },
      ],
    },
  },
  {
    // No log had been read since the list called it so, and the time that the clock leapt over counted for its second boot.
    name: "a worker that the list calls on its way again by mistake is not given up for a clock that is set forward",
    scenario: {
      ...hours,
      seed: 6900,
      mode: "liveness",
      troubledMs: 7_563_677,
      fleets: [
        {
          name: "zeb",
          target: 1,
          spec: {
            preset: "zeb",
            maxPriceUsdPerHour: 0.1,
            proveFirst: true,
            launchBatch: 2,
            cadenceSeconds: { logPoll: 90, logPollSteady: 300 },
          },
        },
      ],
      market: {
        credit: 500,
        hosts: { count: 79, dudShare: 0.3, crashShare: 0.1, slowShare: 0, flakyShare: 0 },
        listLagMs: [0, 5000],
        logDelayMs: 6000,
        rateLimits: false,
      },
      acts: [
        {
          atMs: 319_317,
          kind: "fault",
          name: "box-status",
          match: { label: "zeb-worker-vast-0" },
          times: 1,
          value: { actualStatus: null },
        },
        { atMs: 881_165, kind: "door", method: "PATCH", path: "/api/fleets/zeb", body: { target: 8 } },
        { atMs: 2_885_818, kind: "clock-jump", ms: 529_735 },
      ],
    },
  },
];

function crashOf(label: string, atMs: number): Scenario["acts"][number] {
  const value = { line: "RuntimeError: CUDA error: an illegal memory access was encountered", dies: true };
  return { atMs, kind: "fault", name: "worker-error", match: { label }, times: 1, value };
}
