// The Worker in workerd as tests and benchmarks run it: real objects, a local D1 with every migration at hand, and the
// simulated market as an auxiliary worker behind every outgoing fetch.
import { mkdir } from "node:fs/promises";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { build } from "esbuild";

const SIM_BUNDLE = "./.build/sim/worker.mjs";

export async function workerd(): Promise<ReturnType<typeof cloudflareTest>> {
  // The auxiliary worker takes neither TypeScript nor a wrangler file, and must lie below this folder.
  await build({ entryPoints: ["sim/worker.ts"], outfile: SIM_BUNDLE, bundle: true, format: "esm", target: "esnext" });
  // The runtime wants the folder of the static assets, built or not.
  await mkdir(".build/public", { recursive: true });
  return cloudflareTest({
    wrangler: { configPath: "./wrangler.toml" },
    miniflare: {
      bindings: {
        TEST_MIGRATIONS: await readD1Migrations("drizzle"),
        ADMIN_TOKEN: "admin-token-for-tests",
        VIEWER_TOKEN: "viewer-token-for-tests",
        VAST_API_KEY: "vast-key-for-tests-0123456789",
        HF_TOKEN: "hf_tokenfortests0123456789abcdefgh",
      },
      // A test writes as fast as it can, and time stands still meanwhile. The other limits are the deployment's.
      ratelimits: {
        LIMIT_WRITES: { namespace_id: "1", simple: { limit: 1_000_000, period: 60 } },
        LIMIT_MARKET_READS: { namespace_id: "2", simple: { limit: 1_000_000, period: 60 } },
      },
      outboundService: "sim",
      serviceBindings: { SIM: "sim" },
      workers: [{ name: "sim", modules: true, scriptPath: SIM_BUNDLE, compatibilityDate: "2026-11-01" }],
    },
  });
}
