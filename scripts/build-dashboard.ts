// The dashboard's files, and the promise that a phone need not load much: the build fails above it.

import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** What a first visit may load of scripts at most, compressed. */
const SCRIPT_LIMIT = 120_000;

export async function buildDashboard(assetsDir: string): Promise<void> {
  // Their names change with their content, and the old ones would be deployed too.
  await rm(join(assetsDir, "assets"), { recursive: true, force: true });
  await build({
    configFile: "dashboard/vite.config.ts",
    logLevel: "warn",
    build: { outDir: join(process.cwd(), assetsDir) },
  });
  await proveNothingInline(assetsDir);
  await proveSmall(join(assetsDir, "assets"));
}

/** The policy of `_headers` allows neither, so the page would be dead or bare. */
async function proveNothingInline(assetsDir: string): Promise<void> {
  const page = await readFile(join(assetsDir, "index.html"), "utf8");
  const inline = /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=/i.exec(page);
  if (inline !== null)
    throw new Error(`index.html holds ${inline[0].trim()}, which the content security policy forbids`);
}

async function proveSmall(dir: string): Promise<void> {
  const files = (await readdir(dir)).filter((name) => name.endsWith(".js"));
  const sizes = await Promise.all(
    files.map(async (name) => gzipSync(await readFile(join(dir, name)), { level: 9 }).length),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const words = `dashboard: ${(total / 1000).toFixed(1)} kB of script, compressed; ${SCRIPT_LIMIT / 1000} kB are allowed`;
  if (total > SCRIPT_LIMIT) throw new Error(words);
  console.log(words);
}
