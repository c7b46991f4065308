// The instance list, read once for all fleets: a reading under way or still new is shared by all who may use it.

import type { Instance } from "../fleet/instance.ts";
import type { SweepReading } from "../fleet/sweep.ts";
import { formatSsh } from "../fleet/worker.ts";
import { logEvent } from "../log.ts";
import type { VastClient } from "../vast/client.ts";
import type { AccountReader } from "./account-reader.ts";
import type { AccountStore, BoxRow } from "./account-store.ts";
import type { SweepWish } from "./account-words.ts";
import { diffBoxes } from "./box-news.ts";
import type { BoxNews } from "./rpc.ts";

export type NewsByFleet = ReadonlyMap<string, readonly BoxNews[]>;

export interface AccountListDeps {
  readonly store: AccountStore;
  readonly vast: Pick<VastClient, "list">;
  readonly reader: Pick<AccountReader, "known">;
  /** A whole list of our account has come: what has changed in it, before anyone else sees it. */
  readonly beforeShown: (news: NewsByFleet) => Promise<void>;
  /** Any readable list has come. */
  readonly onReading: (reading: SweepReading) => void;
}

export interface AccountList {
  readonly reading: (wish: SweepWish) => Promise<SweepReading>;
  readonly hasReading: () => boolean;
  /** How long the last whole list took to read; 0: none was read since this object was born. */
  readonly lastTookMs: () => number;
  /** When the last one that could be read was; `null`: none since the object was born, or our own write made it untrue. */
  readonly readAtMs: () => number | null;
  /** A write of our own has made the last list untrue. */
  readonly forget: () => void;
}

export function createAccountList(deps: AccountListDeps): AccountList {
  const { store, vast, reader } = deps;
  let sweeping: { readonly begunAtMs: number; readonly reading: Promise<SweepReading> } | null = null;
  let latest: SweepReading | null = null;
  let tookMs = 0;
  /** Why the last sweep failed; `null`: it did not. */
  let failure: string | null = null;

  /** Said once for as long as the reason stays the same; the fleets' state says for how long. */
  const failed = (begunAtMs: number, reason: string): SweepReading => {
    const endedAtMs = Date.now();
    if (reason !== failure)
      logEvent({ event: "account.sweep", outcome: "failed", durationMs: endedAtMs - begunAtMs, detail: reason });
    failure = reason;
    return { ok: false, begunAtMs, endedAtMs, reason };
  };

  const readList = async (begunAtMs: number): Promise<SweepReading> => {
    const account = await reader.known();
    if (!account.ok) return failed(begunAtMs, account.reason);
    const list = await vast.list();
    if (!list.ok) return failed(begunAtMs, list.reason);
    const { rows, totalInstances } = list;
    const { accountId } = account;
    const reading: SweepReading = { ok: true, begunAtMs, endedAtMs: Date.now(), accountId, totalInstances, rows };
    failure = null;
    tookMs = reading.endedAtMs - begunAtMs;
    if (rows.length === totalInstances && accountId === store.accountId())
      await deps.beforeShown(noteBoxes(store, rows));
    latest = reading;
    deps.onReading(reading);
    return reading;
  };

  const reading = async (wish: SweepWish): Promise<SweepReading> => {
    const oldest = Math.max(wish.afterMs, Date.now() - wish.maxAgeMs);
    if (latest?.ok === true && latest.begunAtMs > oldest) return latest;
    if (sweeping !== null && sweeping.begunAtMs > oldest) return sweeping.reading;
    if (sweeping !== null) {
      await sweeping.reading;
      return reading(wish);
    }
    const begunAtMs = Date.now();
    const begun = readList(begunAtMs).finally(() => {
      sweeping = null;
    });
    sweeping = { begunAtMs, reading: begun };
    return begun;
  };

  return {
    reading,
    hasReading: () => latest !== null,
    lastTookMs: () => tookMs,
    readAtMs: () => latest?.endedAtMs ?? null,
    forget: () => {
      latest = null;
    },
  };
}

/** Keeps what the list says of each box; answers what has changed, by fleet. */
function noteBoxes(store: AccountStore, rows: readonly Instance[]): NewsByFleet {
  const before = store.boxes();
  const after = rows.map((row): BoxRow => ({
    instanceId: row.instanceId,
    label: row.label,
    status: row.actualStatus,
    intended: row.intendedStatus,
    usdPerHour: row.usdPerHour,
    storageUsdPerHour: row.storageUsdPerHour,
    gpu: row.gpu,
    startedAtMs: row.startedAtMs,
    keeperId: row.keeperId,
    ssh: formatSsh(row),
  }));
  store.replaceBoxes(after);
  return diffBoxes(before, after);
}
