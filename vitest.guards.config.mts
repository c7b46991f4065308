// The tests of `npm run test:guards`: as in vitest.config.mts, with one guard taken away while modules are loaded.
import { join, relative } from "node:path";
import { defineConfig } from "vitest/config";
import { guards } from "./test/guards/catalogue.ts";
import { changed, GUARD_VARIABLE } from "./test/guards/guard.ts";
import { workerd } from "./vitest.workerd.mts";

const guard = guards.find(({ name }) => name === process.env[GUARD_VARIABLE]);

const withoutGuard = {
  name: "without-guard",
  enforce: "pre" as const,
  transform(text: string, id: string): string | undefined {
    const file = relative(import.meta.dirname, id.split("?")[0] ?? "");
    const isChanged = guard?.changes.some((change) => change.file === file) === true;
    return isChanged ? changed(file, text, guard.changes) : undefined;
  },
};

const WORKER_TESTS = ["test/{durable,cron,system}/**/*.test.ts"];
const SIMULATION_TESTS = ["test/simulation/**/*.test.ts"];
/** The runtime is built only for those who ask for it: most guards are shown by pure tests. */
const wantsWorker = process.argv.some((argument) => /^test\/(durable|cron|system)\//.test(argument));

export default defineConfig(async () => ({
  test: {
    // A module without its guard must not be taken for the module.
    fsModuleCache: false,
    projects: [
      {
        plugins: [withoutGuard],
        test: {
          name: "pure",
          include: ["test/{fleet,vast}/**/*.test.ts", "test/log.test.ts"],
          environment: "node",
          fsModuleCache: false,
        },
      },
      {
        plugins: [withoutGuard],
        resolve: {
          alias: { "cloudflare:workers": join(import.meta.dirname, "test/simulation/platform/cloudflare-workers.ts") },
        },
        test: {
          name: "simulation",
          include: SIMULATION_TESTS,
          environment: "node",
          testTimeout: 60_000,
          fsModuleCache: false,
        },
      },
      ...(wantsWorker ? [await worker()] : []),
    ],
  },
}));

async function worker() {
  return {
    plugins: [withoutGuard, await workerd()],
    test: {
      name: "worker",
      include: WORKER_TESTS,
      setupFiles: ["./test/support/apply-migrations.ts"],
      testTimeout: 30_000,
      fsModuleCache: false,
    },
  };
}
