// What the fleets remember at this moment, read from their storage without waking them.

import { FleetStore } from "../../src/durable/fleet-store.ts";
import type { ObjectHost } from "./platform/object-host.ts";
import type { World } from "./world.ts";

const stores = new WeakMap<ObjectHost, FleetStore>();

export function peek(world: World, fleet: string): FleetStore | null {
  const host = world.fleet(fleet);
  if (host === null || host.storage.kv.get("fleet") === undefined) return null;
  const known = stores.get(host);
  known?.reread();
  if (known !== undefined) return known;
  const made = new FleetStore(host.storage as unknown as DurableObjectStorage);
  stores.set(host, made);
  return made;
}
