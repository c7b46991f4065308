import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  type Blacklist,
  hostsBlock,
  hostsListBlocked,
  hostsListRecords,
  hostsPardon,
  hostsReadFacts,
} from "../../src/db/hosts.ts";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { type StrikeRow, strikesImport, strikesListByMachine } from "../../src/db/strikes.ts";
import { importedStrikes } from "../../src/fleet/bad-hosts.ts";
import { aLedgerEntry, anEvent, anHour, aStrike, DAY, HOUR, NOW } from "./builders.ts";

let machines = 100;

/** A machine that no other test strikes. */
function aMachine(): number {
  machines += 1;
  return machines;
}

async function strike(machineId: number, ids: readonly string[], change: Partial<StrikeRow> = {}): Promise<void> {
  await writeOutbox(
    env.DB,
    ids.map((id) => ({ kind: "strike", row: aStrike({ id: `${id}:${machineId}`, machineId, ...change }) })),
  );
}

async function refund(strikeId: string): Promise<void> {
  await writeOutbox(env.DB, [{ kind: "refund", row: { strikeId, atMs: NOW, reason: "the image was broken" } }]);
}

async function pardon(machineId: number, ids: readonly string[]): Promise<void> {
  const refunds = ids.map((id) => ({ strikeId: `${id}:${machineId}`, atMs: NOW, reason: "pardoned" }));
  await hostsPardon(env.DB, { machineId, refunds }, anEvent({ id: `pardon:${machineId}` }));
}

function blacklist(nowMs: number = NOW): Promise<Blacklist> {
  return hostsListBlocked(env.DB, { nowMs, strikeLimit: 3 });
}

describe("hostsListBlocked", () => {
  it("blocks a machine at the third strike, counted over all fleets", async () => {
    const machine = aMachine();
    await strike(machine, ["a"], { fleet: "zeb" });
    await strike(machine, ["b"], { fleet: "zeb-large" });
    expect((await blacklist()).blocked).not.toContain(machine);
    expect((await blacklist()).strikesByMachine[machine]).toBe(2);
    await strike(machine, ["c"], { fleet: "zeb-belief" });
    expect((await blacklist()).blocked).toContain(machine);
    expect((await blacklist()).strikesByMachine[machine]).toBe(3);
  });

  it("counts one strike of one instance once", async () => {
    const machine = aMachine();
    await strike(machine, ["same", "same"]);
    await strike(machine, ["same"]);
    expect((await blacklist()).strikesByMachine[machine]).toBe(1);
  });

  it("counts a strike until the instant at which it expires", async () => {
    const machine = aMachine();
    await strike(machine, ["a", "b", "c"], { expiresAtMs: NOW + 30 * DAY });
    expect((await blacklist(NOW + 30 * DAY - 1)).blocked).toContain(machine);
    expect((await blacklist(NOW + 30 * DAY)).blocked).not.toContain(machine);
    expect((await blacklist(NOW + 30 * DAY)).strikesByMachine).not.toHaveProperty(String(machine));
  });

  it("ends the block when one of three strikes expires", async () => {
    const machine = aMachine();
    await strike(machine, ["a", "b"], { expiresAtMs: NOW + 2 * DAY });
    await strike(machine, ["c"], { expiresAtMs: NOW + DAY });
    expect((await blacklist(NOW + DAY)).blocked).not.toContain(machine);
    expect((await blacklist(NOW + DAY)).strikesByMachine[machine]).toBe(2);
  });

  it("does not count a refunded strike, however often it is refunded", async () => {
    const machine = aMachine();
    await strike(machine, ["a", "b", "c"]);
    await refund(`b:${machine}`);
    await refund(`b:${machine}`);
    expect((await blacklist()).blocked).not.toContain(machine);
    expect((await blacklist()).strikesByMachine[machine]).toBe(2);
  });

  it("blocks by hand whatever the strikes say, until a pardon; a pardon takes back what counts and no more", async () => {
    const [struck, innocent] = [aMachine(), aMachine()];
    await strike(struck, ["a", "b", "c"]);
    await hostsBlock(env.DB, { machineId: innocent, note: "noisy" }, anEvent({ id: `block:${innocent}` }));
    expect((await blacklist()).blocked).toEqual(expect.arrayContaining([struck, innocent]));
    expect((await blacklist()).strikesByMachine).not.toHaveProperty(String(innocent));

    await hostsPardon(env.DB, { machineId: innocent, refunds: [] }, anEvent({ id: `pardon:${innocent}` }));
    await pardon(struck, ["a", "b", "c"]);
    expect((await blacklist()).blocked).not.toContain(innocent);
    expect((await blacklist()).blocked).not.toContain(struck);
    expect((await blacklist()).strikesByMachine).not.toHaveProperty(String(struck));

    await strike(struck, ["d", "e"]);
    expect((await blacklist()).blocked).not.toContain(struck);
    await strike(struck, ["f"]);
    expect((await blacklist()).blocked).toContain(struck);
  });

  it("keeps a block by hand when the strikes below it expire", async () => {
    const machine = aMachine();
    await strike(machine, ["a", "b", "c"], { expiresAtMs: NOW + DAY });
    await hostsBlock(env.DB, { machineId: machine, note: null }, anEvent({ id: `block:${machine}` }));
    expect((await blacklist(NOW + DAY)).blocked).toContain(machine);
  });
});

describe("hostsListRecords", () => {
  it("has what counts now, newest first, of all machines or of one", async () => {
    const [machine, other] = [aMachine(), aMachine()];
    await strike(machine, ["old"], { atMs: NOW - DAY });
    await strike(machine, ["expired"], { expiresAtMs: NOW });
    await strike(machine, ["refunded"]);
    await refund(`refunded:${machine}`);
    await strike(machine, ["new"]);
    await strike(other, ["x"]);
    await hostsBlock(env.DB, { machineId: machine, note: "noisy" }, anEvent({ id: `b:${machine}` }));
    const one = await hostsListRecords(env.DB, { nowMs: NOW, machineId: machine });
    expect(one.strikes.map(({ id }) => id)).toEqual([`new:${machine}`, `old:${machine}`]);
    expect(one.blocks).toEqual([{ machineId: machine, note: "noisy" }]);
    const all = await hostsListRecords(env.DB, { nowMs: NOW });
    expect(all.strikes.map(({ id }) => id)).toEqual(expect.arrayContaining([`new:${machine}`, `x:${other}`]));
  });
});

describe("hostsReadFacts", () => {
  it("knows type, last sight and rate of the machines asked for, and of no others", async () => {
    const [gone, living, unseen] = [aMachine(), aMachine(), aMachine()];
    const box = (instanceId: number, machineId: number, endedAtMs: number | null) =>
      ({
        kind: "ledger",
        row: aLedgerEntry({ instanceId, machineId, startedAtMs: NOW - 2 * DAY, endedAtMs }),
      }) as const;
    const hour = anHour({ instanceId: 1, machineId: gone, gpu: "RTX 3070", samples: 10, gamesPerSecondSum: 20 });
    await writeOutbox(env.DB, [
      box(1, gone, NOW - DAY),
      box(2, living, NOW - DAY),
      box(3, living, null),
      { kind: "throughput", row: hour },
      { kind: "throughput", row: { ...hour, hourAtMs: NOW - HOUR, samples: 30, gamesPerSecondSum: 100 } },
    ]);
    const facts = await hostsReadFacts(env.DB, { machineIds: [gone, living, unseen], sinceMs: NOW - DAY, nowMs: NOW });
    expect([...facts]).toEqual([
      [gone, { gpu: "RTX 3070", lastSeenAtMs: NOW - DAY, isInUse: false, gamesPerSecond: 3 }],
      [living, { gpu: "RTX 3070", lastSeenAtMs: NOW, isInUse: true, gamesPerSecond: null }],
      [unseen, { gpu: null, lastSeenAtMs: null, isInUse: false, gamesPerSecond: null }],
    ]);
    const later = await hostsReadFacts(env.DB, { machineIds: [gone], sinceMs: NOW - DAY + 1, nowMs: NOW });
    expect(later.get(gone)?.lastSeenAtMs).toBeNull();
  });
});

describe("strikesImport", () => {
  it("counts each strike of a list once, however often the list comes", async () => {
    const [three, one] = [aMachine(), aMachine()];
    const list = (...machineIds: number[]) => ({
      strikes: importedStrikes(machineIds),
      atMs: NOW,
      expiresAtMs: NOW + 30 * DAY,
      reason: "an old list",
    });
    expect(await strikesImport(env.DB, list(three, one, three, three), anEvent({ id: "import-1" }))).toBe(4);
    expect((await blacklist()).strikesByMachine).toMatchObject({ [three]: 3, [one]: 1 });
    expect((await blacklist()).blocked).toContain(three);
    expect(await strikesImport(env.DB, list(three, three, one, three), anEvent({ id: "import-2" }))).toBe(0);
    expect(await strikesImport(env.DB, list(one, one), anEvent({ id: "import-3" }))).toBe(1);
    expect((await blacklist()).strikesByMachine).toMatchObject({ [three]: 3, [one]: 2 });
    expect(await strikesListByMachine(env.DB, three)).toHaveLength(3);
    expect((await strikesListByMachine(env.DB, three))[0]).toEqual({
      ...aStrike({ id: `import:${three}:3`, machineId: three, fleet: null, instanceId: null, reason: "an old list" }),
      refundedAtMs: null,
      refundReason: null,
    });
  });

  it("does not bring back what was pardoned or has expired", async () => {
    const machine = aMachine();
    const list = { strikes: importedStrikes([machine]), atMs: NOW, expiresAtMs: NOW + DAY, reason: "an old list" };
    await strikesImport(env.DB, list, anEvent({ id: `i1:${machine}` }));
    await refund(`import:${machine}:1`);
    await strikesImport(env.DB, { ...list, expiresAtMs: NOW + 9 * DAY }, anEvent({ id: `i2:${machine}` }));
    expect((await blacklist()).strikesByMachine).not.toHaveProperty(String(machine));
  });

  it("takes a list of thousands in one statement", async () => {
    const machineIds = Array.from({ length: 9_000 }, (_, index) => 500_000 + index);
    const strikes = importedStrikes(machineIds);
    const list = { strikes, atMs: NOW - 9 * DAY, expiresAtMs: NOW - DAY, reason: "an old list" };
    expect(await strikesImport(env.DB, list, anEvent({ id: "import-many" }))).toBe(9_000);
  });
});

describe("strikesListByMachine", () => {
  it("lists expired and refunded strikes too, newest first", async () => {
    const machine = aMachine();
    await strike(machine, ["old"], { atMs: NOW - DAY, expiresAtMs: NOW });
    await strike(machine, ["new"], { reason: "no CUDA" });
    await refund(`new:${machine}`);
    const listed = await strikesListByMachine(env.DB, machine);
    expect(listed).toEqual([
      {
        ...aStrike({ id: `new:${machine}`, machineId: machine, reason: "no CUDA" }),
        refundedAtMs: NOW,
        refundReason: "the image was broken",
      },
      {
        ...aStrike({ id: `old:${machine}`, machineId: machine, atMs: NOW - DAY, expiresAtMs: NOW }),
        refundedAtMs: null,
        refundReason: null,
      },
    ]);
  });
});
