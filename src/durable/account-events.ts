// What the account's keeper does to boxes of no fleet, for the terminal and the history. It has no outbox: D1 is told once,
// and an event that it does not take is in the log alone.

import { writeOutbox } from "../db/outbox-writer.ts";
import { withDeadline } from "../deadline.ts";
import type { Env } from "../env.ts";
import { logEvent, logLine, maskSecrets } from "../log.ts";

/** What is no fleet's has an empty name in the history, as decisions about hosts have. */
const NO_FLEET = "";

export async function tellAccountEvent(
  { DB }: Pick<Env, "DB">,
  about:
    | { readonly kind: "stray"; readonly instanceId: number }
    | { readonly kind: "alert"; readonly instanceId: null },
  text: string,
): Promise<void> {
  const message = maskSecrets(text).slice(0, 500);
  logLine(`account: ${message}`);
  const row = {
    id: crypto.randomUUID(),
    fleet: NO_FLEET,
    atMs: Date.now(),
    ...about,
    slot: null,
    machineId: null,
    message,
    evidence: {},
  };
  try {
    await withDeadline(writeOutbox(DB, [{ kind: "event", row }]));
  } catch (error) {
    logEvent({ event: "account.event", outcome: "failed", detail: String(error) });
  }
}
