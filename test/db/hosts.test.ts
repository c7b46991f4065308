import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type Blacklist, hostsDecide, hostsListBlocked } from "../../src/db/hosts.ts";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { type StrikeRow, strikesListByMachine } from "../../src/db/strikes.ts";
import { aStrike, DAY, NOW } from "./builders.ts";

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

  it("obeys the hand over the strikes, until the hand lets go", async () => {
    const decided = { note: "asked by its operator", updatedAtMs: NOW };
    const [struck, innocent] = [aMachine(), aMachine()];
    await strike(struck, ["a", "b", "c"]);
    await hostsDecide(env.DB, { machineId: struck, blockedByHand: false, ...decided });
    await hostsDecide(env.DB, { machineId: innocent, blockedByHand: true, ...decided });
    expect((await blacklist()).blocked).not.toContain(struck);
    expect((await blacklist()).blocked).toContain(innocent);
    await hostsDecide(env.DB, { machineId: struck, blockedByHand: null, ...decided });
    await hostsDecide(env.DB, { machineId: innocent, blockedByHand: null, ...decided });
    expect((await blacklist()).blocked).toContain(struck);
    expect((await blacklist()).blocked).not.toContain(innocent);
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
