// Runs what must fail without a guard, each in a process of its own in which the guard is taken away while modules load.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GUARD_VARIABLE, ROOT } from "./guard.ts";
import type { Played } from "./play.ts";
import type { Seed } from "./seeds.ts";

/** A seed takes a second or two; a search for one takes as long as it takes. */
const TEST_LIMIT_MS = 180_000;

/** Plays seeds until one fails. `guard` empty: with every guard in its place. */
export async function playWithout(guard: string, seeds: readonly Seed[]): Promise<Played> {
  const hooks = ["--import", "./test/simulation/hooks.ts", "--import", "./test/guards/hooks.ts"];
  const { stdout, stderr } = await run([...hooks, "test/guards/play.ts", JSON.stringify(seeds)], guard, 0);
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Played;
  } catch {
    return { seed: null, invariant: null, broken: stderr.trim().split("\n").at(-1) ?? "no answer" };
  }
}

export interface Tested {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** What kept the tests from running at all. */
  readonly broken: string | null;
}

interface JsonReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Runs the named tests of these files. */
export async function runTests(
  guard: string,
  tests: readonly { readonly test: string; readonly name: string }[],
): Promise<Tested> {
  const folder = mkdtempSync(join(tmpdir(), "guards-"));
  const file = join(folder, "report.json");
  try {
    const names = tests.map(({ name }) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
    const files = [...new Set(tests.map(({ test }) => test))];
    const { stderr } = await run(
      [
        "node_modules/vitest/vitest.mjs",
        "run",
        "--config",
        "vitest.guards.config.mts",
        "--reporter=json",
        `--outputFile=${file}`,
        "-t",
        names,
        ...files,
      ],
      guard,
      TEST_LIMIT_MS,
    );
    return readReport(file, stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReport(file: string, stderr: string): Tested {
  try {
    const { testResults } = JSON.parse(readFileSync(file, "utf8")) as JsonReport;
    const all = testResults.flatMap(({ assertionResults }) => assertionResults);
    const named = (status: string): readonly string[] =>
      all.flatMap((one) => (one.status === status ? [one.fullName] : []));
    const [empty] = testResults.filter(({ assertionResults }) => assertionResults.length === 0);
    return { passed: named("passed"), failed: named("failed"), broken: empty?.message ?? null };
  } catch {
    return { passed: [], failed: [], broken: stderr.trim().slice(-300) };
  }
}

function run(args: readonly string[], guard: string, limitMs: number): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      {
        cwd: ROOT,
        env: { ...process.env, [GUARD_VARIABLE]: guard },
        timeout: limitMs,
        maxBuffer: 64 * 1024 * 1024,
      },
      // A failed test ends with a code of its own: what it says is in its output.
      (_error, stdout, stderr) => resolve({ stdout, stderr }),
    );
  });
}
