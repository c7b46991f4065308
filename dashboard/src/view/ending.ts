// The keeper's question before it ends instances: which, and the value that says yes to exactly these.

import type { WorkerDocument } from "../../../src/fleet/document.ts";

type EndingWorker = Pick<WorkerDocument, "slot" | "instanceId" | "gpu" | "usdPerHour">;

export interface Ending {
  readonly confirm: string;
  readonly workers: readonly EndingWorker[];
  /** Rents under way. */
  readonly intents: number;
}

interface Asked {
  readonly fleets?: readonly { readonly workers: readonly EndingWorker[]; readonly intents: readonly unknown[] }[];
}

/** `null`: the refusal is no such question. */
export function readEnding(body: Readonly<Record<string, unknown>>): Ending | null {
  const confirm = body["confirm"];
  if (typeof confirm !== "string") return null;
  const { fleets = [] } = body as Asked;
  return {
    confirm,
    workers: fleets.flatMap(({ workers }) => workers),
    intents: fleets.reduce((sum, { intents }) => sum + intents.length, 0),
  };
}

/** `fatal-error` as a person writes it. */
export function causeWords(cause: string): string {
  return cause.replaceAll("-", " ");
}
