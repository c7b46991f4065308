// What every door knows: the bindings, and who asks.

import type { Actor } from "../durable/rpc.ts";
import type { Env } from "../env.ts";

export type Role = "admin" | "viewer";

export interface DoorEnv {
  readonly Bindings: Env;
  readonly Variables: {
    /** Set by `authenticate`, before any door that asks. */
    role: Role;
  };
}

/** Who goes into the history: the role, as long as there is one token per role. */
export function actorOf(role: Role): Actor {
  return { name: role };
}
