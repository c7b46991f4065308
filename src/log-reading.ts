// One log of the market: asked for, awaited while its host uploads it, and read.

import type { LogReadFailure } from "./durable/rpc.ts";
import { err, ok, type Result } from "./fleet/result.ts";
import { describeFailure, type LogText as StoredLog, type VastClient, type VastFailure } from "./vast/client.ts";

/** Waits before each read of the log store: the host uploads within seconds (Vast API reference §6). Seven reads at most. */
const READ_WAITS_MS = [200, 600, 1200, 2000, 3000, 4000, 5000] as const;
/** An older upload than the request may be served first; clocks of host, store and Worker differ by this much. */
const STALE_SLACK_MS = 5_000;

interface Reading {
  readonly log: StoredLog;
  readonly isStale: boolean;
}

type ReadFailure = VastFailure | { readonly kind: "not-ready"; readonly why: string };

/** Asks for an upload and reads until it is there, or an older one is all there is when the reads are used up. */
export async function readFresh(
  vast: VastClient,
  instanceId: number,
  wish: { tail: number; daemon: boolean },
  deadlineMs: number,
): Promise<Result<Reading, ReadFailure>> {
  const askedAtMs = Date.now();
  const requested = await within(deadlineMs, vast.requestLogs(instanceId, wish));
  if (!requested.ok) {
    const { error } = requested;
    // A box that starts has no log yet, and the market says so with a 400 (Vast API reference §6).
    const isStarting = error.kind === "refused" && error.status === 400;
    return isStarting ? err({ kind: "not-ready", why: describeFailure(error) }) : requested;
  }
  let older: StoredLog | null = null;
  for (const waitMs of READ_WAITS_MS) {
    if (Date.now() + waitMs >= deadlineMs) break;
    await scheduler.wait(waitMs);
    const read = await vast.readLog(requested.value.url, deadlineMs - Date.now());
    if (!read.ok) return read;
    if (read.value === "not-ready") continue;
    const isStale = read.value.modifiedAtMs !== null && read.value.modifiedAtMs < askedAtMs - STALE_SLACK_MS;
    if (!isStale) return ok({ log: read.value, isStale: false });
    older = read.value;
  }
  return older === null
    ? err({ kind: "not-ready", why: "the host has not uploaded the log" })
    : ok({ log: older, isStale: true });
}

async function within<T>(deadlineMs: number, answer: Promise<Result<T, VastFailure>>): Promise<Result<T, VastFailure>> {
  const limit = scheduler
    .wait(Math.max(0, deadlineMs - Date.now()))
    .then(() => err({ kind: "lost", reason: "no answer within the batch's time" } as const));
  return Promise.race([answer, limit]);
}

export function describeReadFailure(failure: ReadFailure): LogReadFailure {
  switch (failure.kind) {
    case "not-ready":
      return { code: "log-not-ready", detail: failure.why };
    case "not-found":
      return { code: "no-such-instance", detail: failure.message };
    case "no-key":
    case "auth":
      return { code: "no-credentials", detail: describeFailure(failure) };
    default:
      return { code: "market-unreachable", detail: describeFailure(failure) };
  }
}
