// What a person may do with boxes of no fleet: see them, ignore them, end them. Nothing here acts by itself but the debts of
// strays that a person has ordered to go.

import { ok, type Result } from "../fleet/result.ts";
import { proveSweep, type Sweep, type SweepReading } from "../fleet/sweep.ts";
import type { AccountStore } from "./account-store.ts";
import type { SweepWish } from "./account-words.ts";
import { confirmMismatch } from "./fleet-access.ts";
import type { Actor, BoxFacts, DoorRefusal, StrayEnd, StrayList, StrayPreview } from "./rpc.ts";
import { hasStrayDebts, payStrayDebts, type StrayDebtDeps } from "./stray-debts.ts";
import { oweStray, setIgnored, strayDocuments, strayFingerprint, strayOf, strayTotal } from "./strays.ts";

/** A list of strays may be this old; a person who acts on one wants it newer. */
const STRAY_LIST_MS = 30_000;
export const LOOK_AGAIN_MS = 5_000;

export interface StrayDeskDeps extends StrayDebtDeps {
  readonly store: AccountStore;
  readonly reading: (wish: SweepWish) => Promise<SweepReading>;
  /** Looks for a box anew where the last list does not show it. */
  readonly lookFor: (instanceId: number) => Promise<unknown>;
}

export interface StrayDesk {
  readonly list: () => Promise<StrayList>;
  readonly bill: () => StrayList["total"];
  readonly ignore: (id: number, isIgnored: boolean, actor: Actor) => Promise<Result<BoxFacts, DoorRefusal>>;
  /** The stray and what a confirmation to end it is given for. */
  readonly preview: (id: number) => Promise<Result<StrayPreview, DoorRefusal>>;
  /** `fingerprint`: of the preview that was confirmed; `null`: forced. The debt stands until the box is proven gone. */
  readonly destroy: (id: number, fingerprint: string | null, actor: Actor) => Promise<Result<StrayEnd, DoorRefusal>>;
  /** Sends what is owed, where the reading proves a list. */
  readonly payDebts: (reading: SweepReading) => Promise<void>;
}

export function createStrayDesk(deps: StrayDeskDeps): StrayDesk {
  const { store, reading, lookFor, now } = deps;
  const proven = (read: SweepReading): Sweep => proveSweep(read, { accountId: store.accountId(), lastWriteAtMs: 0 });

  return {
    list: async () => {
      const sweep = proven(await reading({ afterMs: 0, maxAgeMs: STRAY_LIST_MS }));
      const strays = strayDocuments(store, now());
      const notes = sweep.proven ? [] : [`no proven list now (${sweep.reason}): these are of the last one`];
      return { strays, total: strayTotal(strays), notes };
    },

    bill: () => strayTotal(strayDocuments(store, now())),

    ignore: async (id, isIgnored, actor) => {
      await lookFor(id);
      const stray = strayOf(store, id);
      if (stray.ok) setIgnored(store, id, isIgnored, actor, now());
      return stray;
    },

    preview: async (id) => {
      await lookFor(id);
      const stray = strayOf(store, id);
      return stray.ok ? ok({ stray: stray.value, fingerprint: strayFingerprint(stray.value) }) : stray;
    },

    destroy: async (id, fingerprint, actor) => {
      const sweep = proven(await reading({ afterMs: 0, maxAgeMs: LOOK_AGAIN_MS }));
      const stray = strayOf(store, id);
      if (!stray.ok) return stray;
      if (fingerprint !== null && fingerprint !== strayFingerprint(stray.value)) return confirmMismatch();
      oweStray(store, id, actor, now());
      if (sweep.proven) await payStrayDebts(deps, sweep.list);
      const debt = store.strayDebts.get(String(id));
      return ok({
        stray: stray.value,
        attempts: debt?.attempts ?? 0,
        lastError: debt?.lastError ?? null,
        waitsFor: sweep.proven ? null : sweep.reason,
      });
    },

    payDebts: async (read) => {
      const sweep = proven(read);
      if (sweep.proven && hasStrayDebts(store)) await payStrayDebts(deps, sweep.list);
    },
  };
}
