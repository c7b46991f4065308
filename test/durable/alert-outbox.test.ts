import { describe, expect, it } from "vitest";
import { deliverDue, enqueue, enqueueNotices, GROUP_MS, type OutboxDeps } from "../../src/durable/alert-outbox.ts";
import { AlertStore } from "../../src/durable/alert-store.ts";
import type { DeliveryOutcome } from "../../src/fleet/alert-delivery.ts";
import type { AddressedNotice, AlertMessage } from "../../src/fleet/alert-message.ts";

const T0 = 1_800_000_000_000;

function aKv(): { readonly kv: SyncKvStorage; readonly writes: () => number } {
  const rows = new Map<string, string>();
  let writes = 0;
  const kv = {
    get: (key: string) => (rows.has(key) ? JSON.parse(rows.get(key) ?? "") : undefined),
    put: (key: string, value: unknown) => {
      writes += 1;
      rows.set(key, JSON.stringify(value));
    },
    delete: (key: string) => {
      writes += 1;
      return rows.delete(key);
    },
  };
  return { kv: kv as unknown as SyncKvStorage, writes: () => writes };
}

function anOutbox(outcome: (message: AlertMessage) => DeliveryOutcome | Error = () => taken) {
  const { kv, writes } = aKv();
  const [sent, told]: [AlertMessage[], string[]] = [[], []];
  let [nowMs, ids] = [T0, 0];
  const deps: OutboxDeps = {
    store: new AlertStore(kv),
    now: () => nowMs,
    newId: () => `id-${++ids}`,
    send: async (message) => {
      sent.push(message);
      const came = outcome(message);
      if (came instanceof Error) throw came;
      return came;
    },
    tell: (text) => void told.push(text),
  };
  return { deps, sent, told, writes, wait: (ms: number) => void (nowMs += ms) };
}

const taken: DeliveryOutcome = { kind: "taken", status: 204, detail: "HTTP 204" };
const lost: DeliveryOutcome = { kind: "lost", detail: "network error" };

function aNotice(fleet: string, summary = "something"): AddressedNotice {
  return { change: "firing", key: "blind", kind: "blind", fleet, sinceMs: T0, atMs: T0, lastedMs: 0, summary };
}

const fleetsOf = ({ content }: AlertMessage): readonly (string | null)[] =>
  content.type === "alert" ? content.notices.map(({ fleet }) => fleet) : [];

describe("the outbox", () => {
  it("makes one message of what comes within its time, and another of what comes after its first attempt", async () => {
    const { deps, sent, wait } = anOutbox(() => lost);
    enqueueNotices(deps, [aNotice("a")], GROUP_MS);
    wait(GROUP_MS - 1);
    await deliverDue(deps);
    expect(sent).toEqual([]);
    enqueueNotices(deps, [aNotice("b")], GROUP_MS);
    wait(1);
    await deliverDue(deps);
    enqueueNotices(deps, [aNotice("c")], GROUP_MS);
    wait(60_000);
    await deliverDue(deps);
    expect(sent.map((message) => [message.id, fleetsOf(message)])).toEqual([
      ["id-1", ["a", "b"]],
      ["id-1", ["a", "b"]],
      ["id-2", ["c"]],
    ]);
  });

  it("writes nothing for no news, and is empty after a delivery", async () => {
    const { deps, writes } = anOutbox();
    enqueueNotices(deps, [], 0);
    await deliverDue(deps);
    expect(writes()).toBe(0);
    enqueueNotices(deps, [aNotice("a")], 0);
    await deliverDue(deps);
    expect([deps.store.waiting(), deps.store.dueAtMs()]).toEqual([[], null]);
  });

  it("sends again in its time, under the same id, what a crash in the middle of a call left behind", async () => {
    let isCrash = true;
    const { deps, sent, wait } = anOutbox(() => (isCrash ? new Error("evicted") : taken));
    enqueueNotices(deps, [aNotice("a")], 0);
    await expect(deliverDue(deps)).rejects.toThrow("evicted");
    isCrash = false;
    expect(deps.store.dueAtMs()).toBe(T0 + 30_000);
    await deliverDue(deps);
    wait(30_000);
    await deliverDue(deps);
    expect(sent.map(({ id }) => id)).toEqual(["id-1", "id-1"]);
    expect(deps.store.waiting()).toEqual([]);
  });

  it("keeps the newest 20 for a receiver that is dead, and says what it gave up", () => {
    const { deps, told } = anOutbox();
    for (let day = 1; day <= 22; day++) enqueue(deps, `report-${day}`, { type: "report", day: `${day}`, lines: [] }, 0);
    expect(deps.store.waiting().map(({ message }) => message.id)).toEqual(
      Array.from({ length: 20 }, (_, index) => `report-${index + 3}`),
    );
    expect(told).toHaveLength(2);
  });

  it("takes a message of one id once", () => {
    const { deps } = anOutbox();
    for (const lines of [["first"], ["second"]]) enqueue(deps, "report-1", { type: "report", day: "1", lines }, 0);
    expect(deps.store.waiting()).toHaveLength(1);
  });

  it("keeps no secret and no endless line", () => {
    const { deps } = anOutbox();
    enqueueNotices(deps, [aNotice("a", `401 for HF_TOKEN=hf_AbCdEf0123456789 ${"x".repeat(9999)}`)], 0);
    const stored = JSON.stringify(deps.store.waiting());
    expect(stored).not.toContain("AbCdEf");
    expect(stored.length).toBeLessThan(1000);
  });
});
