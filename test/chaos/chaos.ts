// `npm run chaos`: trouble on the real runtime, then peace, then the comparison.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { boxBilledUsd } from "../../sim/billing.ts";
import { startSim } from "../../sim/serve.ts";
import { differences, judgeLedger, readLedger } from "./compare.ts";
import { createKeeperProcess, type KeeperProcess, pause } from "./keeper-process.ts";
import { chanceFrom, drawTrouble, FLEETS, type Trouble } from "./trouble.ts";
import { Witness } from "./witness.ts";

const PORT = 8891;
const TICK_SECONDS = 2;
/** Design §8 gives two CHECKs after an outage; a lost rent settles in `intentSettle`, a new worker needs half a minute. */
const PEACE_LIMIT_MS = 240_000;
/** So long a whole fleet in peace must rent and destroy nothing. */
const QUIET_MS = 20_000;
/** A box that came and went while nobody looked is billed and not counted. */
const DOLLARS_APART_MAX = 0.1;

/** The rules at the speed of the run. */
const SPEC = {
  preset: "zeb",
  maxPriceUsdPerHour: 0.5,
  proveFirst: false,
  cadenceSeconds: { ramp: 3, rampFor: 30, steady: 6, logPoll: 3, logPollSteady: 5, creditProbe: 5 },
  timeoutsSeconds: {
    errorGrace: 10,
    setup: 30,
    boot: 30,
    wait: 40,
    stallMinimum: 30,
    intentSettle: 15,
    statusConfirm: 10,
  },
};

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    speed: { type: "string", default: "20" },
    port: { type: "string", default: String(PORT) },
  },
});
const seed = Number(values.seed);
const chance = chanceFrom(seed);
const stateDir = mkdtempSync(join(tmpdir(), "fleetkeeper-chaos-"));
const sim = await startSim({ port: 0, seed, speed: Number(values.speed), credit: 25, demo: true, rateLimits: false });
const witness = new Witness(sim.market);
const keeper = createKeeperProcess({
  port: Number(values.port),
  stateDir,
  marketUrl: sim.url,
  tickSeconds: TICK_SECONDS,
});
const counts = { kill: 0, fault: 0, scale: 0, credit: 0, lull: 0 };
let hasFailed = false;

console.log(`chaos: ${values.minutes} minutes, seed ${seed}; again: npm run chaos -- --seed ${seed}`);
try {
  await keeper.start();
  for (const [fleet, target] of Object.entries(FLEETS)) await order(keeper, fleet, target);
  const endMs = Date.now() + Number(values.minutes) * 60_000;
  while (Date.now() < endMs) {
    await pause(1000 + chance() * 4000);
    const trouble = drawTrouble(chance);
    counts[trouble.kind] += 1;
    await makeTrouble(trouble);
  }
  hasFailed = !(await settleAndCompare());
} catch (error) {
  hasFailed = true;
  console.error(error, keeper.outputTail());
} finally {
  witness.stop();
  await keeper.stop();
  await sim.close();
}
if (!hasFailed) rmSync(stateDir, { recursive: true, force: true });
else console.log(`the state is kept in ${stateDir}`);
process.exit(hasFailed ? 1 : 0);

async function makeTrouble(trouble: Trouble): Promise<void> {
  switch (trouble.kind) {
    case "kill":
      await keeper.kill(trouble.what);
      await pause(chance() * 10_000);
      return keeper.start();
    case "scale":
      return order(keeper, trouble.fleet, trouble.target);
    case "credit":
      return steer("POST", "/sim/credit", { usd: trouble.usd });
    case "fault":
      return steer("POST", "/sim/faults", trouble.fault);
    case "lull":
      await steer("DELETE", "/sim/faults");
      return pause(trouble.forMs);
  }
}

/** An order that the keeper cannot take now is given again by the next one; what it allowed is remembered all the same. */
async function order(to: KeeperProcess, fleet: string, target: number): Promise<void> {
  witness.expectTarget(fleet, target);
  const answer = await to.call("PUT", `/api/fleets/${fleet}`, { ...SPEC, target }).catch(() => null);
  if (answer !== null && answer.status >= 400 && answer.status < 500)
    throw new Error(`${fleet} was refused: ${JSON.stringify(answer.json)}`);
}

async function steer(method: string, path: string, body?: unknown): Promise<void> {
  const answer = await fetch(`${sim.url}${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`the market refused ${path}: ${await answer.text()}`);
}

async function settleAndCompare(): Promise<boolean> {
  await steer("DELETE", "/sim/faults");
  await steer("POST", "/sim/credit", { usd: 25 });
  for (const [fleet, target] of Object.entries(FLEETS)) await order(keeper, fleet, target);
  const peaceAtMs = Date.now();
  let open = await allDifferences();
  while (open.length > 0 && Date.now() - peaceAtMs < PEACE_LIMIT_MS) {
    await pause(1000);
    open = await allDifferences();
  }
  const wholeAfterSeconds = Math.round((Date.now() - peaceAtMs) / 1000);
  const before = writesSoFar();
  // What the last CHECK said goes to the database with the next flush.
  await pause(QUIET_MS);
  const writes = writesSoFar() - before;
  const ledger = await readLedger(keeper);
  const boxes = [...sim.market.state.boxes.values()].map(({ id, endedAtMs }) => ({ id, hasEnded: endedAtMs !== null }));
  const verdict = judgeLedger(ledger, boxes, witness.endedPlaying);
  const { kill: _kill, ...troubles } = counts;
  const lines: readonly (readonly [string, string | number, readonly string[]])[] = [
    ["kill -9 and start again", counts.kill, []],
    ["faults, orders, changes of credit, lulls", Object.values(troubles).join(", "), []],
    ["boxes rented, of these played", `${witness.rents()}, ${witness.played()}`, []],
    ["rents of a slot whose box lived", ...listed(witness, "double rent")],
    ["rents above the ceiling", ...listed(witness, "ceiling")],
    ["why boxes ended", tallyOf([...ledger.values()].flatMap(({ endCause }) => endCause ?? [])), []],
    ["workers ended while they played", witness.endedPlaying.length, []],
    ["  of these for a cause that denies it", verdict.falseKills.length, verdict.falseKills],
    ["whole again after peace", open.length === 0 ? `${wholeAfterSeconds} s` : "not within 240 s", open],
    [`rents and destroys in ${QUIET_MS / 1000} s of peace after that`, writes, writes === 0 ? [] : [`${writes} calls`]],
    ["secrets printed or answered", keeper.leaks().length, keeper.leaks()],
    ["dollars by the keeper, by the market", ...(await dollars())],
    ["boxes that the ledger does not know", verdict.missing.length, verdict.missing.map(String)],
    ["ended boxes without a reason", verdict.withoutReason.length, verdict.withoutReason.map(String)],
  ];
  for (const [what, figure, details] of lines) {
    console.log(`${what.padEnd(42)} ${figure}`);
    for (const detail of details.slice(0, 10)) console.log(`    ${detail}`);
  }
  return lines.every(([, , details]) => details.length === 0);
}

/** What all fleets have spent: their own count, and the market's bill. */
async function dollars(): Promise<readonly [string, readonly string[]]> {
  let counted = 0;
  for (const fleet of Object.keys(FLEETS)) {
    const { json } = await keeper.call("GET", `/api/fleets/${fleet}`);
    counted += (json as { readonly spend: { readonly totalUsd: number } }).spend.totalUsd;
  }
  const { boxes, nowMs } = sim.market.state;
  const billed = [...boxes.values()].reduce((sum, box) => sum + boxBilledUsd(box, nowMs), 0);
  const isNear = Math.abs(counted - billed) <= DOLLARS_APART_MAX * billed;
  return [`$${counted.toFixed(4)}, $${billed.toFixed(4)}`, isNear ? [] : ["they are more than a tenth apart"]];
}

/** Rents and destroys that reached the market, in any form. */
function writesSoFar(): number {
  return Object.entries(sim.market.state.calls.byRoute)
    .filter(([route]) => /^(PUT \/api\/v0\/asks|DELETE \/api\/v0\/instances)/.test(route))
    .reduce((sum, [, { total }]) => sum + total, 0);
}

/** Each word with how often it is there. */
function tallyOf(words: readonly string[]): string {
  const counted = Object.entries(Object.groupBy(words, (word) => word));
  return counted.map(([word, all]) => `${word} ${all?.length ?? 0}`).join(", ") || "none did";
}

function listed(of: Witness, what: string): readonly [number, readonly string[]] {
  const found = of.findings.filter((finding) => finding.what === what).map(({ detail }) => detail);
  return [found.length, found];
}

async function allDifferences(): Promise<readonly string[]> {
  const each = await Promise.all(
    Object.keys(FLEETS).map((fleet) =>
      differences(keeper, witness, fleet).catch((error: unknown) => [`${fleet}: ${String(error)}`]),
    ),
  );
  return each.flat();
}
