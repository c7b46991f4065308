import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { eventsList } from "../../src/db/events.ts";
import { hostsListBlocked } from "../../src/db/hosts.ts";
import { type OutboxRow, writeOutbox } from "../../src/db/outbox-writer.ts";
import type { HostDocument } from "../../src/routes/host-documents.ts";
import { aLedgerEntry, anHour, aStrike, DAY, NOW } from "../db/builders.ts";
import { aWorld, VIEWER } from "./fakes.ts";

interface HostList {
  readonly total: number;
  readonly strikeLimit: number;
  readonly hosts: HostDocument[];
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  const tables = ["events", "strikes", "strike_refunds", "hosts", "instances", "throughput"];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

function strikes(machineId: number, ...reasons: string[]): Promise<void> {
  const rows = reasons.map((reason, index): OutboxRow => {
    const id = `zeb:${machineId}:${index}`;
    const atMs = NOW - (reasons.length - index) * DAY;
    return { kind: "strike", row: aStrike({ id, machineId, reason, atMs, expiresAtMs: atMs + 30 * DAY }) };
  });
  return writeOutbox(env.DB, rows);
}

async function list(query = ""): Promise<HostList> {
  return (await aWorld().ask(`/api/hosts${query}`, { token: VIEWER })).json();
}

async function host(machineId: number): Promise<HostDocument & { history: { id: string; counts: boolean }[] }> {
  return (await aWorld().ask(`/api/hosts/${machineId}`)).json();
}

async function blocked(): Promise<readonly number[]> {
  return (await hostsListBlocked(env.DB, { nowMs: NOW, strikeLimit: 3 })).blocked;
}

async function told(): Promise<string[]> {
  return (await eventsList(env.DB, { kinds: ["host"], limit: 10 })).map(({ message }) => message);
}

describe("GET /api/hosts", () => {
  it("shows strikes, reasons, block and what else is known of a machine", async () => {
    await strikes(4411, "stuck in BOOT", "No CUDA");
    await writeOutbox(env.DB, [
      { kind: "ledger", row: aLedgerEntry({ instanceId: 1, startedAtMs: NOW - 3 * DAY, endedAtMs: NOW - DAY }) },
      { kind: "throughput", row: anHour({ instanceId: 1, hourAtMs: NOW - 2 * DAY }) },
    ]);
    expect(await list()).toEqual({
      total: 1,
      strikeLimit: 3,
      hosts: [
        {
          machineId: 4411,
          strikes: 2,
          blocked: false,
          reasons: ["No CUDA", "stuck in BOOT"],
          blockedByHand: false,
          note: null,
          blockedUntil: null,
          nextExpiryAt: "2026-12-21T18:00:00.000Z",
          lastStrikeAt: "2026-11-22T18:00:00.000Z",
          gpu: "RTX 3070",
          gamesPerSecond: 2.4,
          lastSeenAt: "2026-11-22T18:00:00.000Z",
          isInUse: false,
        },
      ],
    });
  });

  it("puts blocked machines first, and can show only those, only the others, or one", async () => {
    await strikes(1, "a", "b");
    await strikes(2, "a", "b", "c");
    await strikes(3, "a");
    await aWorld().ask("/api/hosts/4/block", { method: "PUT" });
    const ids = async (query: string): Promise<number[]> => (await list(query)).hosts.map(({ machineId }) => machineId);
    expect(await ids("")).toEqual([2, 4, 1, 3]);
    expect(await ids("?blocked=true")).toEqual([2, 4]);
    expect(await ids("?blocked=false")).toEqual([1, 3]);
    expect(await ids("?machine=3")).toEqual([3]);
    expect(await ids("?machine=99")).toEqual([]);
    expect(await list("?limit=1")).toMatchObject({ total: 4, hosts: [{ machineId: 2 }] });
    expect((await list("?machine=2")).hosts[0]?.blockedUntil).toBe("2026-12-20T18:00:00.000Z");
    const text = await (await aWorld().ask("/api/hosts?limit=2&format=text")).text();
    expect(text.split("\n").slice(2)).toEqual([
      "       2  yes             3  2026-12-20T18:00:00Z  -                      -  -                     c",
      "       4  by hand         0  -                     -                      -  -                     -",
      "2 more: &limit=500",
      "",
    ]);
  });

  it("shows every strike of one machine, and which of them count", async () => {
    await strikes(5, "first", "second", "third");
    await writeOutbox(env.DB, [
      { kind: "strike", row: aStrike({ id: "old", machineId: 5, atMs: NOW - 40 * DAY, expiresAtMs: NOW }) },
      { kind: "refund", row: { strikeId: "zeb:5:2", atMs: NOW, reason: "the image was broken" } },
    ]);
    const five = await host(5);
    expect(five).toMatchObject({ strikes: 2, blocked: false, reasons: ["second", "first"] });
    expect(five.history.map(({ id, counts }) => [id, counts])).toEqual([
      ["zeb:5:2", false],
      ["zeb:5:1", true],
      ["zeb:5:0", true],
      ["old", false],
    ]);
    expect(five.history[0]).toMatchObject({
      refundReason: "the image was broken",
      refundedAt: "2026-11-23T18:00:00.000Z",
    });
    const text = await (await aWorld().ask("/api/hosts/5?format=text")).text();
    expect(text).toContain("third (taken back: the image was broken)");
  });

  it("knows nothing against a machine that nobody has struck", async () => {
    expect(await host(6)).toMatchObject({ machineId: 6, strikes: 0, blocked: false, reasons: [], history: [] });
    for (const id of ["x", "0", "12345678901"]) expect((await aWorld().ask(`/api/hosts/${id}`)).status).toBe(422);
  });
});

describe("a block by hand", () => {
  it("blocks, keeps its note with secrets masked, and tells who", async () => {
    const token = "hf_AbCdEfGhIjKlMnOpQrSt";
    const answer = await aWorld().ask("/api/hosts/7/block", { method: "PUT", body: { note: `noisy ${token}` } });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ machineId: 7, blocked: true, blockedByHand: true, note: "noisy hf_…" });
    expect(await blocked()).toEqual([7]);
    expect(await told()).toEqual(["BLOCK: machine 7 blocked by admin: noisy hf_…"]);
  });

  it("is the admin's", async () => {
    for (const [method, path] of [
      ["PUT", "/api/hosts/7/block"],
      ["DELETE", "/api/hosts/7/block"],
      ["POST", "/api/hosts/import"],
    ] as const)
      expect((await aWorld().ask(path, { method, token: VIEWER })).status).toBe(403);
    expect(await blocked()).toEqual([]);
    expect(await told()).toEqual([]);
  });

  it("refuses fields that it does not have", async () => {
    const answer = await aWorld().ask("/api/hosts/7/block", { method: "PUT", body: { nota: "x" } });
    expect(answer.status).toBe(422);
    expect(await blocked()).toEqual([]);
  });
});

describe("a pardon", () => {
  it("lifts the block, takes the present strikes back, and lets later ones count", async () => {
    await strikes(8, "a", "b", "c");
    await aWorld().ask("/api/hosts/8/block", { method: "PUT", body: { note: "noisy" } });
    const answer = await aWorld().ask("/api/hosts/8/block", { method: "DELETE" });
    expect(await answer.json()).toMatchObject({
      machineId: 8,
      strikes: 0,
      blocked: false,
      blockedByHand: false,
      note: null,
      refunded: ["zeb:8:2", "zeb:8:1", "zeb:8:0"],
    });
    expect(await told()).toContain(
      "PARDON: machine 8 pardoned by admin: its block by hand is lifted and 3 strikes are taken back",
    );
    expect((await host(8)).history[0]).toMatchObject({ refundReason: "pardoned by admin", counts: false });
    const again = ["d", "e", "f"].map((id): OutboxRow => ({ kind: "strike", row: aStrike({ id, machineId: 8 }) }));
    await writeOutbox(env.DB, again.slice(0, 2));
    expect(await blocked()).toEqual([]);
    await writeOutbox(env.DB, again);
    expect(await blocked()).toEqual([8]);
  });

  it("of a machine that needs none changes nothing and tells nothing", async () => {
    const answer = await aWorld().ask("/api/hosts/9/block?format=text", { method: "DELETE" });
    expect(await answer.text()).toContain("machine 9 was not blocked and has no strike that counts");
    expect(await told()).toEqual([]);
  });
});

describe("POST /api/hosts/import", () => {
  const send = async (body: unknown, headers: Record<string, string> = {}) =>
    aWorld().ask("/api/hosts/import", { method: "POST", body, headers });

  it("takes the old file as it is, and once", async () => {
    const file = "4411\n5502\n4411\n\n4411 6603\n";
    const first = await send(file, { "Content-Type": "text/plain" });
    expect(await first.json()).toEqual({ machines: 3, strikes: 5, added: 5, known: 0 });
    expect(await blocked()).toEqual([4411]);
    expect(await (await send(file)).json()).toEqual({ machines: 3, strikes: 5, added: 0, known: 5 });
    expect(await (await send(`${file}5502\n`)).json()).toMatchObject({ added: 1, known: 5 });
    const four = await host(4411);
    expect(four).toMatchObject({ strikes: 3, nextExpiryAt: "2026-12-23T18:00:00.000Z" });
    expect(four.reasons[0]).toBe("taken over from a list of bad hosts");
    expect(await told()).toContain("IMPORT: admin gave a list of bad hosts: 5 strikes of 3 machines");
  });

  it("takes a JSON list, each mention a strike", async () => {
    const answer = await send({ machineIds: [4411, 4411, 5502] });
    expect(await answer.json()).toEqual({ machines: 2, strikes: 3, added: 3, known: 0 });
  });

  it("names every bad line and takes nothing over", async () => {
    const answer = await send("4411\nfive\n5502 six\n");
    expect(answer.status).toBe(422);
    const { errors } = (await answer.json()) as { errors: { field: string; expected: string; got: string }[] };
    expect(errors.map(({ field, got }) => `${field}: ${got}`)).toEqual(["line 2: five", "line 3: 5502 six"]);
    expect(errors[0]?.expected).toContain("--data-binary");
    expect((await list()).total).toBe(0);
    expect(await told()).toEqual([]);
  });

  it.each([
    ["nothing", "", 422],
    ["a list without numbers", { machineIds: ["4411"] }, 422],
    ["an empty list", { machineIds: [] }, 422],
    ["an unknown field", { machines: [4411] }, 422],
    ["broken JSON", '{"machineIds": [44', 400],
  ])("refuses %s", async (_words, body, status) => {
    expect((await send(body)).status).toBe(status);
  });
});

it("shows no token in the answer to a list that cannot be read", async () => {
  const token = "hf_AbCdEfGh0123456789";
  const answers = [
    await aWorld().ask("/api/hosts/import", { method: "POST", body: `4411\nHF_TOKEN=${token}` }),
    await aWorld().ask(`/api/hosts/${token}`),
  ];
  for (const answer of answers) {
    expect(answer.status).toBe(422);
    expect(await answer.text()).not.toContain(token);
  }
});
