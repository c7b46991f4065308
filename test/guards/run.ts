// `npm run test:guards`: takes every guard away, one at a time, and shows what fails then. Exits 1 where a guard's code is
// not found, where nothing fails without it, or where its proof fails with it as well.
//
//   npm run test:guards -- --only "debt retry"            one guard
//   npm run test:guards -- --find --seeds 200             looks for a seed for every guard that has none that shows it

import { parseArgs } from "node:util";
import { guards } from "./catalogue.ts";
import { type Guard, missingAnchor } from "./guard.ts";
import { playWithout, runTests } from "./proofs.ts";
import { readSeeds, seedsToTry, writeSeed } from "./seeds.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    find: { type: "boolean", default: false },
    /** How many seeds `--find` tries, and from which on. */
    seeds: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
  },
});

interface Verdict {
  readonly guard: Guard;
  /** Null: nothing failed without the guard. */
  readonly killedBy: string | null;
  readonly problem: string | null;
  readonly ms: number;
}

const began = performance.now();
const chosen = guards.filter(({ name }) => values.only === undefined || name === values.only);
const verdicts: Verdict[] = [];
const problem = await checkProofs();
if (problem === null) {
  printRow("guard", "what was changed", "killed by", "time");
  printRow("---", "---", "---", "---");
  for (const guard of chosen) {
    const verdict = await judge(guard);
    verdicts.push(verdict);
    print(verdict);
  }
}
const bad = verdicts.filter((verdict) => verdict.killedBy === null);
console.log(
  `${verdicts.length} guards taken away, ${verdicts.length - bad.length} noticed, ${bad.length} not, ` +
    `in ${((performance.now() - began) / 1000).toFixed(0)} s`,
);
if (problem !== null) console.log(`NOT RUN: ${problem}`);
process.exitCode = bad.length > 0 || problem !== null || chosen.length === 0 ? 1 : 0;

/** With every guard in its place all proofs hold: otherwise their failure would show nothing. */
async function checkProofs(): Promise<string | null> {
  const seeds = readSeeds();
  const known = chosen.flatMap(({ name }) => seeds[name] ?? []);
  const tests = chosen.flatMap(({ killedBy }) => (killedBy === "seed" ? [] : [killedBy]));
  const played = await playWithout("", known);
  if (played.invariant !== null || played.broken !== null)
    return `seed ${played.seed?.seed} fails with every guard in its place: ${played.invariant ?? played.broken}`;
  const { passed, failed } = tests.length === 0 ? { passed: [], failed: [] } : await runTests("", tests);
  if (failed.length > 0) return `a test fails with every guard in its place: ${failed[0]}`;
  const absent = tests.find(({ name }) => !passed.some((one) => one.includes(name)));
  return absent === undefined ? null : `there is no test "${absent.name}" in ${absent.test}`;
}

async function judge(guard: Guard): Promise<Verdict> {
  const startedAt = performance.now();
  const verdict = (killedBy: string | null, why: string | null = null): Verdict => ({
    guard,
    killedBy,
    problem: why,
    ms: performance.now() - startedAt,
  });
  const anchor = missingAnchor(guard);
  if (anchor !== null) return verdict(null, anchor);
  const bySeed = await judgeBySeed(guard);
  if (bySeed?.why !== undefined) return verdict(null, bySeed.why);
  const byTest = guard.killedBy === "seed" ? null : await judgeByTest(guard.name, guard.killedBy);
  if (byTest?.why !== undefined) return verdict(null, byTest.why);
  const killers = [bySeed?.killer ?? [], byTest?.killer ?? []].flat();
  return killers.length > 0 ? verdict(killers.join("; ")) : verdict(null, "no seed is recorded: --find looks for one");
}

type Judged = { readonly killer: string; readonly why?: never } | { readonly why: string; readonly killer?: never };

async function judgeByTest(guard: string, test: Exclude<Guard["killedBy"], "seed">): Promise<Judged> {
  const { failed, broken } = await runTests(guard, [test]);
  if (failed.some((one) => one.includes(test.name))) return { killer: `${test.test}: ${test.name}` };
  return { why: broken ?? `${test.test} passes without it` };
}

/** `null`: no seed is known that shows it. */
async function judgeBySeed({ name }: Guard): Promise<Judged | null> {
  const known = readSeeds()[name];
  const first = known === undefined ? null : await playWithout(name, [known]);
  const isFound = first !== null && first.invariant !== null;
  const wanted = seedsToTry(Number(values.seed), Number(values.seeds));
  const played = isFound || !values.find ? first : await playWithout(name, wanted);
  if (played === null) return null;
  if (played.seed === null || played.invariant === null)
    return known === undefined ? null : { why: played.broken ?? "its seed holds without it" };
  if (!isFound) writeSeed(name, played.seed);
  return { killer: `${played.seed.mode} seed ${played.seed.seed}: ${played.invariant}` };
}

/** A row at once: a run takes minutes. */
function printRow(...cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

function print({ guard, killedBy, problem: why, ms }: Verdict): void {
  printRow(guard.name, guard.without, killedBy ?? `SURVIVES: ${why}`, `${(ms / 1000).toFixed(1)} s`);
}
