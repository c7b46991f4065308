import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { checksList } from "../../src/db/checks.ts";
import { eventsList } from "../../src/db/events.ts";
import { instancesList } from "../../src/db/instances.ts";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { aCheck, aFleetCopy, aLedgerEntry, anEvent, HOUR, NOW } from "./builders.ts";

describe("pages of events", () => {
  it("go on after the last row, also among rows of one instant", async () => {
    const ids = ["a", "b", "c", "d", "e"];
    await writeOutbox(
      env.DB,
      ids.map((id) => ({ kind: "event", row: anEvent({ id, fleet: "paged", atMs: id < "d" ? NOW : NOW + 1 }) })),
    );
    const seen: string[] = [];
    let before: { atMs: number; key: string } | undefined;
    for (;;) {
      const page = await eventsList(env.DB, { fleet: "paged", before, limit: 2 });
      const last = page.at(-1);
      if (last === undefined) break;
      seen.push(...page.map(({ id }) => id));
      before = { atMs: last.atMs, key: last.id };
    }
    expect(seen).toEqual(["e", "d", "c", "b", "a"]);
  });

  it("include the first instant and leave out the last, and can be of some kinds only", async () => {
    const kinds = ["launch", "strike", "state"] as const;
    await writeOutbox(
      env.DB,
      kinds.map((kind, index) => ({
        kind: "event",
        row: anEvent({ id: `k${index}`, fleet: "kinds", kind, atMs: NOW + index }),
      })),
    );
    const query = { fleet: "kinds", sinceMs: NOW, untilMs: NOW + 2, limit: 10 };
    expect((await eventsList(env.DB, query)).map(({ kind }) => kind)).toEqual(["strike", "launch"]);
    expect(await eventsList(env.DB, { ...query, kinds: ["strike", "state"] })).toHaveLength(1);
    expect(await eventsList(env.DB, { ...query, sinceMs: NOW + 1 })).toHaveLength(1);
  });
});

describe("pages of CHECKs", () => {
  it("are of one fleet or of all, deleted ones too", async () => {
    await writeOutbox(env.DB, [
      ...["one", "two", "dead"].flatMap((fleet, index) => [
        { kind: "fleet" as const, row: aFleetCopy({ name: fleet }) },
        { kind: "check" as const, row: aCheck({ fleet, atMs: NOW + HOUR + Math.min(index, 1) }) },
      ]),
      { kind: "fleet-removed", row: { name: "dead", atMs: NOW + 1 } },
    ]);
    const fleets = async (query: Partial<Parameters<typeof checksList>[1]>) =>
      (await checksList(env.DB, { sinceMs: NOW + HOUR, limit: 10, ...query })).map(({ fleet }) => fleet);
    expect(await fleets({})).toEqual(["two", "dead", "one"]);
    expect(await fleets({ fleet: "one" })).toEqual(["one"]);
    expect(await fleets({ before: { atMs: NOW + HOUR + 1, key: "two" } })).toEqual(["dead", "one"]);
  });
});

describe("pages of the ledger", () => {
  it("are by end for those that ended, by start otherwise", async () => {
    const entries = [
      { instanceId: 11, startedAtMs: NOW, endedAtMs: NOW + 5 * HOUR },
      { instanceId: 12, startedAtMs: NOW + HOUR, endedAtMs: NOW + 2 * HOUR },
      { instanceId: 13, startedAtMs: NOW + 2 * HOUR },
      { instanceId: 14, startedAtMs: NOW + 3 * HOUR, fleet: "other" },
    ];
    await writeOutbox(env.DB, [
      ...entries.map((entry) => ({ kind: "ledger" as const, row: aLedgerEntry({ fleet: "mine", ...entry }) })),
      ...["mine", "other"].map((name) => ({ kind: "fleet" as const, row: aFleetCopy({ name }) })),
    ]);
    const ids = async (query: Partial<Parameters<typeof instancesList>[1]>) =>
      (await instancesList(env.DB, { limit: 10, ...query })).map(({ instanceId }) => instanceId);
    expect(await ids({})).toEqual([14, 13, 12, 11]);
    expect(await ids({ fleet: "mine" })).toEqual([13, 12, 11]);
    expect(await ids({ isEnded: true })).toEqual([11, 12]);
    expect(await ids({ isEnded: true, sinceMs: NOW + 2 * HOUR + 1 })).toEqual([11]);
    expect(await ids({ isEnded: true, before: { atMs: NOW + 5 * HOUR, key: 11 } })).toEqual([12]);
    expect(await ids({ isEnded: false })).toEqual([14, 13]);
    expect(await ids({ isEnded: false, fleet: "mine" })).toEqual([13]);
  });
});
