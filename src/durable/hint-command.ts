// A fleet hears that Vast says something happened to one of its boxes: a CHECK at once, and at most one in half a minute by hints.

import type { CheckDeps } from "./deps.ts";
import { existing } from "./fleet-access.ts";
import { recordEvent } from "./history.ts";
import type { VastHint } from "./rpc.ts";

/** Between two CHECKs that hints have asked for: one that comes in between moves its CHECK to the end of it. */
const HINTED_EVERY_MS = 30_000;

/** True: a CHECK is asked for that was not before. */
export function hearHint(deps: CheckDeps, { type, instanceId }: VastHint): boolean {
  const { store, now } = deps;
  const record = existing(deps);
  if (record === null) return false;
  const askedForMs = store.note<number>("hinted-check") ?? 0;
  // The CHECK that an earlier hint has asked for is still to come, and will see this too.
  if (askedForMs > now()) return false;
  const atMs = Math.max(now() + 1, askedForMs + HINTED_EVERY_MS);
  store.atomically(() => {
    store.setNote("hinted-check", atMs);
    store.timers.setNoLater("check", atMs);
    recordEvent(
      store,
      { id: deps.newId(), fleet: record.name, nowMs: now() },
      {
        kind: "hint",
        message: `HINTED: Vast tells of ${type}${instanceId === null ? "" : `, instance ${instanceId}`}: a CHECK follows`,
        instanceId,
        evidence: { type },
      },
    );
  });
  return true;
}
