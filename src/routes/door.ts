// What every door knows: the bindings, and who asks.

import type { Context } from "hono";
import type { Actor } from "../durable/rpc.ts";
import type { Env } from "../env.ts";
import type { Role } from "../tokens.ts";

export type { Role } from "../tokens.ts";

/** Who asks, and how they have shown it. */
export interface Identity {
  readonly role: Role;
  /** The token's name, or the address that Cloudflare Access vouches for. */
  readonly name: string;
  /** What a browser sends by itself, a session and Access, needs a page of ours behind a write. */
  readonly via: "token" | "session" | "access";
  /** `null`: a token has no end. */
  readonly expiresAtMs: number | null;
}

export interface DoorEnv {
  readonly Bindings: Env;
  readonly Variables: {
    /** Set by `authenticate`, before any door that asks. */
    role: Role;
    who: Identity;
  };
}

/** Who goes into the history: by the name of the token, so that two people with the same role are told apart. */
export function actorOf(c: Context<DoorEnv>): Actor {
  return { name: c.get("who").name };
}
