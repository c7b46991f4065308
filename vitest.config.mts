// Two kinds of test: `pure` runs in Node in milliseconds; `worker` runs in workerd with real Durable Objects, a real
// (local) D1 and the simulated market behind every outgoing fetch.
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { build } from "esbuild";
import { defineConfig } from "vitest/config";

const SIM_BUNDLE = "./.build/sim/worker.mjs";
const WORKER_TESTS = ["test/{db,durable,cron,routes,system}/**/*.test.ts"];

export default defineConfig(async () => {
  // The auxiliary worker takes neither TypeScript nor a wrangler file, and must lie below this folder.
  await build({ entryPoints: ["sim/worker.ts"], outfile: SIM_BUNDLE, bundle: true, format: "esm", target: "esnext" });
  return {
    test: {
      projects: [
        {
          test: { name: "pure", include: ["test/**/*.test.ts"], exclude: WORKER_TESTS, environment: "node" },
        },
        {
          plugins: [
            cloudflareTest({
              wrangler: { configPath: "./wrangler.toml" },
              miniflare: {
                bindings: {
                  TEST_MIGRATIONS: await readD1Migrations("drizzle"),
                  ADMIN_TOKEN: "admin-token-for-tests",
                  VIEWER_TOKEN: "viewer-token-for-tests",
                  VAST_API_KEY: "vast-key-for-tests-0123456789",
                  HF_TOKEN: "hf_tokenfortests0123456789abcdefgh",
                },
                outboundService: "sim",
                serviceBindings: { SIM: "sim" },
                workers: [{ name: "sim", modules: true, scriptPath: SIM_BUNDLE, compatibilityDate: "2026-11-01" }],
              },
            }),
          ],
          test: {
            name: "worker",
            include: WORKER_TESTS,
            setupFiles: ["./test/support/apply-migrations.ts"],
            testTimeout: 30_000,
            // The default leaves one core of two to vitest itself, which idles.
            maxWorkers: 2,
          },
        },
      ],
    },
  };
});
