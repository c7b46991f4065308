// What becomes of a notification of Vast's in the account's object: a reason to look, and never a fact. The list is read anew,
// which tells each fleet of what has changed, and the fleet whose box is named makes a CHECK. Doubled, late or out of order
// it is only another look; the looks are so far apart that no flood of notifications becomes a flood of calls.

import { parseLabel } from "../fleet/label.ts";
import { isAboutMoney, type VastNotification } from "../vast/notification.ts";
import type { BoxFacts, VastHint } from "./rpc.ts";

/** Vast sends an event again for as long as nobody takes it; this many are known again. */
const EVENTS_KEPT = 200;
/** Between two looks that hints have asked for. A hint in between waits for the next one. */
const LOOK_EVERY_MS = 10_000;

export interface HintDeps {
  readonly kv: Pick<SyncKvStorage, "get" | "put">;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly fleetNames: () => readonly string[];
  readonly boxFacts: (instanceId: number) => BoxFacts | null;
  /** Reads the list anew, and tells the fleets what has changed. */
  readonly sweep: (afterMs: number) => Promise<void>;
  readonly readCredit: () => Promise<void>;
  readonly tellFleet: (fleet: string, hint: VastHint) => Promise<void>;
}

export interface VastHints {
  /** False: this event was here before. */
  isNew(notification: VastNotification): boolean;
  follow(notification: VastNotification): Promise<void>;
}

export function createVastHints(deps: HintDeps): VastHints {
  let lastLookMs = 0;
  let nextLook: Promise<void> | null = null;
  let wantsCredit = false;

  /** Hints that come while a look is awaited share it. */
  const lookSoon = (isMoney: boolean): Promise<void> => {
    wantsCredit ||= isMoney;
    nextLook ??= look();
    return nextLook;
  };

  const look = async (): Promise<void> => {
    // Always a wait, if of no time: who begins the look must have noted it before the look is over.
    await deps.sleep(Math.max(0, lastLookMs + LOOK_EVERY_MS - deps.now()));
    const isMoney = wantsCredit;
    [lastLookMs, nextLook, wantsCredit] = [deps.now(), null, false];
    if (isMoney) await deps.readCredit();
    await deps.sweep(lastLookMs - 1);
  };

  return {
    isNew({ eventId }) {
      const known = deps.kv.get<readonly string[]>("hint_events") ?? [];
      if (known.includes(eventId)) return false;
      deps.kv.put("hint_events", [...known, eventId].slice(-EVENTS_KEPT));
      return true;
    },
    async follow({ type, numbers, labels }) {
      await lookSoon(isAboutMoney(type));
      const names = new Set(deps.fleetNames());
      const hints = new Map<string, VastHint>();
      for (const instanceId of numbers) {
        const fleet = deps.boxFacts(instanceId)?.fleet ?? null;
        if (fleet !== null) hints.set(fleet, { type, instanceId });
      }
      for (const label of labels) {
        const fleet = parseLabel(label)?.fleet;
        if (fleet !== undefined && names.has(fleet) && !hints.has(fleet)) hints.set(fleet, { type, instanceId: null });
      }
      await Promise.all([...hints].map(([fleet, hint]) => deps.tellFleet(fleet, hint)));
    },
  };
}
