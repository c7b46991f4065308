// Three kinds of test: `pure` runs in Node in milliseconds; `worker` (and `fuzz`) runs in workerd with real Durable Objects, a real
// (local) D1 and the simulated market behind every outgoing fetch; `simulation` (and `seeds`) runs the same classes on a
// simulated platform, with a clock and chance of its own.
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { workerd } from "./vitest.workerd.mts";

const WORKER_TESTS = ["test/{db,durable,cron,routes,system}/**/*.test.ts"];
/** What is thrown here goes on in the keeper after its answer: no other test shares its runtime. */
const FUZZ_TESTS = ["test/routes/fuzz.test.ts"];
/** Plays worlds on all cores, and is timed: alone, before all others. */
const SEEDS_TEST = ["test/simulation/seeds.test.ts"];
const SIMULATION_TESTS = ["test/simulation/**/*.test.ts"];
const AFTER_THE_SEEDS = { groupOrder: 1 };

export default defineConfig(async () => ({
  test: {
    projects: [
      { test: { name: "seeds", include: SEEDS_TEST, environment: "node", maxWorkers: 2 } },
      {
        test: {
          name: "pure",
          sequence: AFTER_THE_SEEDS,
          include: ["test/**/*.test.ts"],
          exclude: [...WORKER_TESTS, ...SIMULATION_TESTS],
          environment: "node",
          // A process for each of 140 small files takes as long again as their tests; none leaves anything behind.
          isolate: false,
          maxWorkers: 2,
          // A property of a hundred texts takes five seconds on a machine that is busy otherwise.
          testTimeout: 60_000,
        },
      },
      {
        resolve: {
          alias: { "cloudflare:workers": join(import.meta.dirname, "test/simulation/platform/cloudflare-workers.ts") },
        },
        test: {
          name: "simulation",
          include: SIMULATION_TESTS,
          exclude: SEEDS_TEST,
          sequence: AFTER_THE_SEEDS,
          environment: "node",
          testTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        plugins: [await workerd()],
        test: {
          name: "worker",
          sequence: AFTER_THE_SEEDS,
          include: WORKER_TESTS,
          exclude: FUZZ_TESTS,
          setupFiles: ["./test/support/apply-migrations.ts"],
          // A runtime for each of 90 files takes as long again as their tests; the set-up leaves nothing of the file before.
          isolate: false,
          // Half a minute on a quiet machine for the longest; nothing is promised of it, and a hang is still found.
          testTimeout: 120_000,
          // The default leaves one core of two to vitest itself, which idles.
          maxWorkers: 2,
        },
      },
      {
        plugins: [await workerd()],
        test: {
          name: "fuzz",
          sequence: AFTER_THE_SEEDS,
          include: FUZZ_TESTS,
          setupFiles: ["./test/support/apply-migrations.ts"],
          maxWorkers: 2,
        },
      },
    ],
  },
}));
