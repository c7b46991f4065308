// The files of the page `/docs`: Scalar's script as published, and our own beside it.

import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const SCALAR = "node_modules/@scalar/api-reference/dist/browser/standalone.js";

export async function buildReference(assetsDir: string): Promise<void> {
  const dir = join(assetsDir, "docs");
  await mkdir(dir, { recursive: true });
  await copyFile(SCALAR, join(dir, "scalar.js"));
  await build({
    entryPoints: ["reference/page.ts", "reference/page.css"],
    outdir: dir,
    bundle: true,
    format: "iife",
    minify: true,
    target: "es2023",
    logLevel: "warning",
  });
}
