// Closing the breaker by hand: a person has mended what broke all machines alike.

import { closeByHand } from "../fleet/breaker.ts";
import type { FleetDocument } from "../fleet/document.ts";
import { ok, type Result } from "../fleet/result.ts";
import type { CheckDeps } from "./deps.ts";
import { existing, noSuchFleet, touch } from "./fleet-access.ts";
import { documentOf } from "./fleet-document.ts";
import { recordEvent } from "./history.ts";
import type { Actor, DoorRefusal } from "./rpc.ts";

/** A breaker that is closed stays so; nothing happens. */
export function closeBreaker(deps: CheckDeps, actor: Actor): Result<FleetDocument, DoorRefusal> {
  const { store } = deps;
  const record = existing(deps);
  if (record === null) return noSuchFleet();
  store.atomically(() => {
    const memory = store.memory(deps.now());
    if (memory.breaker === null) return;
    const { faults, breaker, orders } = closeByHand(memory, { by: actor.name, nowMs: deps.now() });
    store.changeMemory({ faults, breaker, orders }, deps.now());
    touch(deps);
    recordEvent(
      store,
      { id: deps.newId(), fleet: record.name, nowMs: deps.now() },
      {
        kind: "breaker",
        message: `BREAKER CLOSED by ${actor.name}: ${memory.breaker.reason}`,
        evidence: { by: actor.name, signature: memory.breaker.signature },
      },
    );
  });
  return ok(documentOf(deps));
}
