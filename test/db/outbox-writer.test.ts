import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { checksList } from "../../src/db/checks.ts";
import { eventsList } from "../../src/db/events.ts";
import { instancesList } from "../../src/db/instances.ts";
import { OUTBOX_ROWS_MAX, type OutboxRow, writeOutbox } from "../../src/db/outbox-writer.ts";
import { aCheck, aFleetCopy, aLedgerEntry, anEvent, anHour, aStrike, NOW } from "./builders.ts";

const everything = { sinceMs: 0, limit: 1000 };

async function countRows(table: string): Promise<number> {
  return (await env.DB.prepare(`select count(*) as rows from ${table}`).first<number>("rows")) ?? -1;
}

describe("writeOutbox", () => {
  it("sends nothing for an empty outbox", async () => {
    await expect(writeOutbox(env.DB, [])).resolves.toBeUndefined();
  });

  it("stores every kind of row once, however often it is delivered", async () => {
    const rows: OutboxRow[] = [
      { kind: "event", row: anEvent({ id: "e1", fleet: "twice" }) },
      { kind: "check", row: aCheck({ fleet: "twice" }) },
      { kind: "ledger", row: aLedgerEntry({ instanceId: 1, fleet: "twice" }) },
      { kind: "strike", row: aStrike({ id: "twice:1" }) },
      { kind: "refund", row: { strikeId: "twice:1", atMs: NOW, reason: "the image was broken" } },
      { kind: "throughput", row: anHour({ instanceId: 1 }) },
      { kind: "last-log", row: { instanceId: 1, fleet: "twice", atMs: NOW, readAtMs: NOW - 60_000, text: "batch 1" } },
      { kind: "fleet", row: aFleetCopy({ name: "twice" }) },
      { kind: "fleet-removed", row: { name: "gone", atMs: NOW } },
    ];
    await writeOutbox(env.DB, rows);
    await writeOutbox(env.DB, [...rows, ...rows]);

    expect(await eventsList(env.DB, { fleet: "twice", ...everything })).toEqual([
      anEvent({ id: "e1", fleet: "twice" }),
    ]);
    expect(await checksList(env.DB, { fleet: "twice", ...everything })).toEqual([aCheck({ fleet: "twice" })]);
    expect(await instancesList(env.DB, { fleet: "twice", limit: 10 })).toEqual([
      aLedgerEntry({ instanceId: 1, fleet: "twice" }),
    ]);
    for (const table of ["strikes", "strike_refunds", "throughput", "last_logs", "fleets"])
      expect(await countRows(table)).toBe(1);
  });

  it("keeps the first version of an event", async () => {
    await writeOutbox(env.DB, [{ kind: "event", row: anEvent({ id: "first", fleet: "history", message: "as told" }) }]);
    await writeOutbox(env.DB, [{ kind: "event", row: anEvent({ id: "first", fleet: "history", message: "retold" }) }]);
    const [event] = await eventsList(env.DB, { fleet: "history", ...everything });
    expect(event?.message).toBe("as told");
  });

  it("replaces a ledger entry by its end, in one batch as well", async () => {
    const start = aLedgerEntry({ instanceId: 2, fleet: "ledger" });
    const end = {
      ...start,
      endedAtMs: NOW + 60_000,
      endCause: "stuck-boot",
      endReason: "600 s in BOOT",
      costUsd: 0.002,
    };
    await writeOutbox(env.DB, [
      { kind: "ledger", row: start },
      { kind: "ledger", row: end },
    ]);
    expect(await instancesList(env.DB, { fleet: "ledger", limit: 10 })).toEqual([end]);
  });

  it("carries as many rows as an outbox may hold, each within the limit of bound parameters", async () => {
    const count = OUTBOX_ROWS_MAX / 5;
    const numbers = Array.from({ length: count }, (_, number) => number);
    await writeOutbox(
      env.DB,
      numbers.flatMap((number): OutboxRow[] => [
        { kind: "event", row: anEvent({ id: `many-${number}`, fleet: "many" }) },
        { kind: "check", row: aCheck({ fleet: "many", atMs: NOW + number }) },
        { kind: "ledger", row: aLedgerEntry({ instanceId: 1000 + number, fleet: "many" }) },
        { kind: "strike", row: aStrike({ id: `many:${number}`, machineId: 9 }) },
        { kind: "fleet", row: aFleetCopy({ name: `many-${number}` }) },
      ]),
    );
    expect(await eventsList(env.DB, { fleet: "many", ...everything })).toHaveLength(count);
    expect(await checksList(env.DB, { fleet: "many", ...everything })).toHaveLength(count);
    expect(await instancesList(env.DB, { fleet: "many", limit: 1000 })).toHaveLength(count);
  });

  it("stores none of the rows when one of them is refused", async () => {
    const before = await countRows("events");
    const broken = { ...aCheck({ fleet: "broken" }), line: null } as unknown as ReturnType<typeof aCheck>;
    const rows: OutboxRow[] = [
      { kind: "event", row: anEvent({ id: "unlucky" }) },
      { kind: "check", row: broken },
    ];
    await expect(writeOutbox(env.DB, rows)).rejects.toThrow(/Failed query|NOT NULL/);
    expect(await countRows("events")).toBe(before);
  });
});

describe("history", () => {
  it("lists events and CHECKs newest first, from the given instant on, up to the limit", async () => {
    const at = (atMs: number, id: string): OutboxRow => ({ kind: "event", row: anEvent({ id, fleet: "order", atMs }) });
    const check = (atMs: number): OutboxRow => ({ kind: "check", row: aCheck({ fleet: "order", atMs }) });
    const rows = [at(NOW, "b"), at(NOW + 1, "c"), at(NOW - 1, "a"), check(NOW - 1), check(NOW), check(NOW + 1)];
    await writeOutbox(env.DB, rows);
    const since = { fleet: "order", sinceMs: NOW, limit: 10 };
    expect((await eventsList(env.DB, since)).map(({ id }) => id)).toEqual(["c", "b"]);
    expect((await eventsList(env.DB, { ...since, limit: 1 })).map(({ id }) => id)).toEqual(["c"]);
    expect((await checksList(env.DB, since)).map(({ atMs }) => atMs)).toEqual([NOW + 1, NOW]);
  });

  it("lists the events of all fleets where none is named", async () => {
    const ids = ["left", "right"];
    await writeOutbox(
      env.DB,
      ids.map((id) => ({ kind: "event", row: anEvent({ id, fleet: `fleet-${id}`, atMs: NOW + 5_000 }) })),
    );
    const events = await eventsList(env.DB, { sinceMs: NOW + 5_000, limit: 10 });
    expect(events.map(({ id }) => id)).toEqual(["right", "left"]);
  });
});
