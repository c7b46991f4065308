// The demo: a fleet of four that ramps on the simulated market, then one worker crashes and its replacement lands on a
// dud host, and the keeper heals both while you watch.

import type { Keeper } from "./keeper.ts";

export const DEMO_FLEET = "zeb";

/** The runbook's rules at demo speed: cadence 5 s, time-outs of 20 to 40 s. */
const DEMO_SPEC = {
  target: 4,
  preset: "zeb",
  cadenceSeconds: { ramp: 5, rampFor: 60, steady: 15, logPoll: 4, logPollSteady: 8, creditProbe: 20 },
  timeoutsSeconds: {
    errorGrace: 20,
    setup: 30,
    boot: 20,
    wait: 40,
    stallMinimum: 40,
    intentSettle: 15,
    statusConfirm: 20,
  },
};

interface DemoFleet {
  readonly totals: { readonly live: number; readonly producing: number };
  readonly workers: readonly { readonly slot: number; readonly instanceId: number; readonly verdict: string }[];
}

const POLL_MS = 1000;

export async function runDemo(
  keeper: Keeper,
  marketUrl: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const known = await keeper.call("GET", `/api/fleets/${DEMO_FLEET}`);
  if (known.status === 200) {
    say(`Fleet ${DEMO_FLEET} is here from before: the keeper goes on with it.`);
    return;
  }
  const startedAtMs = Date.now();
  const made = await keeper.call("PUT", `/api/fleets/${DEMO_FLEET}`, { body: DEMO_SPEC });
  if (made.status >= 300) throw new Error(`the demo fleet was refused: ${made.text}`);
  say(`Fleet ${DEMO_FLEET}: 4 workers ordered.`);
  const full = await until(keeper, signal, ({ totals }) => totals.producing === 4);
  if (full === null) return;
  say(
    `All 4 workers produce after ${Math.round((Date.now() - startedAtMs) / 1000)} s. Next: worker 1 crashes, and the next rent lands on a dud host.`,
  );
  const victim = full.workers.find(({ slot }) => slot === 1);
  await steer(marketUrl, { name: "next-rent-dud", kind: "loading", times: 1 });
  await steer(marketUrl, { name: "host-crash", match: { instance: victim?.instanceId ?? 0 }, times: 1 });
  if ((await until(keeper, signal, ({ totals }) => totals.producing < 4)) === null) return;
  if ((await until(keeper, signal, ({ totals }) => totals.producing === 4 && totals.live === 4)) === null) return;
  say("Healed: 4 workers produce again. Ctrl-C shows the table and ends; the state stays for the next npm start.");
}

async function until(
  keeper: Keeper,
  signal: AbortSignal,
  isReached: (fleet: DemoFleet) => boolean,
): Promise<DemoFleet | null> {
  while (!signal.aborted) {
    const { status, text } = await keeper.call("GET", `/api/fleets/${DEMO_FLEET}`);
    const fleet = status === 200 ? (JSON.parse(text) as DemoFleet) : null;
    if (fleet !== null && isReached(fleet)) return fleet;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return null;
}

async function steer(marketUrl: string, fault: unknown): Promise<void> {
  const answer = await fetch(`${marketUrl}/sim/faults`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(fault),
  });
  if (!answer.ok) throw new Error(`the market refused a fault: ${await answer.text()}`);
}
