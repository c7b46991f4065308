// Whether a worker's evidence is read for what it is: it stalls, it delivers nothing, its log is old, or a stranger wrote it.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { FleetStore } from "../../src/durable/fleet-store.ts";
import { door, fleetOf, putFleet } from "../support/doors.ts";
import { boxesEver, boxOfSlot, clearFaults, countWrites, fault, paidBoxes } from "../support/market.ts";
import {
  beginWorld,
  figure,
  fleetObject,
  inStorage,
  MINUTE,
  pass,
  passUntil,
  printed,
  SECOND,
  tickEvery,
} from "../support/world.ts";

async function isWhole(): Promise<boolean> {
  const { state, totals, spec } = await fleetOf("zeb");
  return state === "steady" && totals.live === spec.target && totals.producing === spec.target;
}

async function aWholeFleet(spec: Record<string, unknown> = {}): Promise<void> {
  await beginWorld();
  await putFleet("zeb", spec);
  await passUntil(isWhole);
}

/** Seconds nearer to those of a deployment, because an upload interval is at least 240 s. */
const UNHURRIED = {
  cadenceSeconds: { ramp: 60, rampFor: 60, steady: 60, logPoll: 45, logPollSteady: 60 },
  timeoutsSeconds: { errorGrace: 300, setup: 600, boot: 600, wait: 900, stallMinimum: 600, intentSettle: 60 },
};

async function anUnhurriedFleet(): Promise<void> {
  await beginWorld();
  tickEvery(MINUTE);
  await putFleet("zeb", UNHURRIED);
  await passUntil(isWhole, { limitMs: 10 * MINUTE, stepMs: 30 * SECOND });
}

async function verdicts(): Promise<readonly string[]> {
  return (await fleetOf("zeb")).workers.map(({ verdict }) => verdict);
}

async function countStrikes(): Promise<number> {
  return (await env.DB.prepare("SELECT count(*) AS n FROM strikes").first<number>("n")) ?? -1;
}

async function alerts(): Promise<readonly string[]> {
  const { results } = await env.DB.prepare("SELECT message FROM events WHERE kind = 'alert' ORDER BY at_ms").all<{
    message: string;
  }>();
  return results.map(({ message }) => message);
}

// The interval a worker is born with is at least 240 s, and in this market it uploads twenty times as often.
const UNDELIVERED_AFTER_MS = 3 * 240 * SECOND;

it("calls a worker whose log has stopped stalled for as long as nothing may be destroyed, then replaces and strikes it", async () => {
  await aWholeFleet();
  const box = await boxOfSlot("zeb", 2);
  await door("POST", "/api/fleets/zeb/pause");
  await fault("box-frozen-log", { match: { instance: String(box.id) } });
  await passUntil(async () => (await verdicts())[2] === "stalled");
  const paused = await fleetOf("zeb");
  expect(paused.totals.producing).toBe(3);
  expect(paused.notes.join("\n")).toContain("worker 2: left alone for now, though no new batch for");
  expect((await door("GET", "/api/status?format=text")).text).toMatch(/zeb-worker-vast-2 .* STALL /);

  await door("POST", "/api/fleets/zeb/resume");
  await passUntil(async () => (await boxOfSlot("zeb", 2).catch(() => box)).id !== box.id);
  expect(await countStrikes()).toBe(1);
  expect(printed().some((line) => line.includes("2=REPLACED(stall)"))).toBe(true);
});

it("replaces one worker that delivers nothing, once and without a strike", async () => {
  await anUnhurriedFleet();
  const { id } = await boxOfSlot("zeb", 1);
  const beganAtMs = Date.now();
  await fault("upload-fails", { match: { instance: String(id) } });
  await passUntil(async () => (await countWrites()).destroys > 0, { limitMs: 20 * MINUTE, stepMs: 20 * SECOND });
  const afterSeconds = (Date.now() - beganAtMs) / SECOND;
  figure(
    `a worker that delivers nothing: replaced ${afterSeconds.toFixed(0)} s after its last upload (3 intervals: 720 s)`,
  );
  // Its last delivery was read up to a poll before the fault, and its lack of one up to a poll after.
  expect(Math.abs(afterSeconds - UNDELIVERED_AFTER_MS / SECOND)).toBeLessThanOrEqual(150);
  await passUntil(isWhole, { limitMs: 10 * MINUTE });
  await pass(UNDELIVERED_AFTER_MS);
  expect(await countWrites()).toEqual({ rents: 5, destroys: 1 });
  expect(await boxesEver("zeb")).toHaveLength(5);
  expect([await countStrikes(), await alerts()]).toEqual([0, []]);
  const { message } = (await env.DB.prepare("SELECT message FROM events WHERE kind = 'destroy'").first()) as {
    message: string;
  };
  expect(message).toMatch(/^UNDELIVERED: worker 1 .*no upload completed for \d+ s of \d+ s: .*403 Client Error/);
});

it("replaces it once and no more where its slot fails the same way again, and says so", async () => {
  await anUnhurriedFleet();
  await fault("upload-fails", { match: { slot: "1" } });
  await passUntil(async () => (await alerts()).length > 0, { limitMs: 45 * MINUTE, stepMs: MINUTE });
  await pass(10 * MINUTE);
  expect(await countWrites()).toEqual({ rents: 5, destroys: 1 });
  expect((await alerts())[0]).toMatch(/^ALERT: worker 1 produces and delivers nothing: the Hub refuses the upload/);
});

it.each([
  ["upload-fails", {}, "the Hub refuses the upload (401, 403)"],
  ["commit-quota", {}, "slow down: the hourly commit quota"],
])(
  "kills nobody where no worker delivers (%s): rents are held, with the reason, until it is over",
  async (name, how, why) => {
    await anUnhurriedFleet();
    const before = await countWrites();
    await fault(name, how);
    await passUntil(async () => (await alerts()).length > 0, { limitMs: 25 * MINUTE, stepMs: MINUTE });
    const fleet = await fleetOf("zeb");
    expect(fleet.notes.join("\n")).toContain(why);
    expect((await door("GET", "/api/status?format=text")).text).toContain("UNDELIVERED");

    // A box that is lost meanwhile is not replaced.
    await fault("box-vanish", { match: { slot: "3" } });
    await pass(15 * MINUTE);
    expect(await countWrites()).toEqual(before);
    expect((await fleetOf("zeb")).notes).toContain("nothing is rented while what is produced does not reach the Hub");
    expect(await paidBoxes("zeb")).toHaveLength(3);

    await clearFaults();
    const ranMs = await passUntil(isWhole, { limitMs: 15 * MINUTE, stepMs: 20 * SECOND });
    figure(`${name} for all workers: 0 killed, 0 rented; whole again ${ranMs / SECOND} s after it was over`);
    expect(await countWrites()).toEqual({ rents: before.rents + 1, destroys: before.destroys });
    expect(await countStrikes()).toBe(0);
    expect((await alerts()).length).toBe(2);
    expect((await alerts())[1]).toContain("over");
  },
);

it("replaces nobody on old logs that are read after an outage", async () => {
  await anUnhurriedFleet();
  const writes = await countWrites();
  await fault("api-down");
  await pass(20 * MINUTE);
  expect((await fleetOf("zeb")).state).toBe("blind");
  await clearFaults();
  // The log store gives what was uploaded an hour ago: the start, or nothing yet.
  await fault("log-stale", { value: 60 * MINUTE });
  await pass(10 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect(new Set(await verdicts())).toEqual(new Set(["unknown"]));
  await clearFaults();
  await passUntil(isWhole, { limitMs: 5 * MINUTE });
  expect(await countWrites()).toEqual(writes);
  expect(await countStrikes()).toBe(0);
});

it("believes a hostile line no more than any other, and keeps no secret that a worker prints", async () => {
  await aWholeFleet();
  const writes = await countWrites();
  const { id } = await boxOfSlot("zeb", 0);
  const token = "hf_HostileTokenThatNobodyMaySee0123456789";
  const lines = [
    "the showroom has a zoom; no exceptions, nobody was killed",
    "\u001b[2K\r\u001b]0;title\u0007 10%|#\r 90%|#########",
    `HF_TOKEN=${token} and again ${token}`,
    "Traceback (most recent call last):",
    '  File "harmless.py", line 1',
    "RuntimeError: boom",
    "x".repeat(100_000),
    "[someone-else] batch 999999999: 7168 examples, 999999.9 games/s, step=1, total_games=1",
  ];
  await fault("worker-error", { match: { instance: String(id) }, value: { line: lines.join("\n") } });
  await pass(2 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect(await countStrikes()).toBe(0);

  await fault("host-crash", { match: { instance: String(id) }, value: `ValueError: bad token ${token}` });
  await passUntil(async () => (await boxOfSlot("zeb", 0).catch(() => ({ id }))).id !== id);
  const tables = ["events", "checks", "instances", "last_logs", "strikes"];
  const stored = await Promise.all(
    tables.map(async (table) => JSON.stringify((await env.DB.prepare(`SELECT * FROM ${table}`).all()).results)),
  );
  const inObject = await inStorage(fleetObject("zeb"), ({ sql }) =>
    ["workers", "last_logs", "outbox"].map((table) => JSON.stringify(sql.exec(`SELECT * FROM ${table}`).toArray())),
  );
  expect([...stored, ...inObject].join("")).not.toContain("HostileToken");
});

it("keeps the last lines of a box that was destroyed, and of one that vanished", async () => {
  await aWholeFleet();
  const [crashed, vanished] = [await boxOfSlot("zeb", 0), await boxOfSlot("zeb", 1)];
  await fault("host-crash", { match: { instance: String(crashed.id) } });
  await fault("box-vanish", { match: { instance: String(vanished.id) } });
  await pass(2 * MINUTE);
  await passUntil(isWhole);

  interface Kept {
    readonly text: string;
    readonly from: string;
    readonly endedAt: string | null;
  }
  const logOf = (id: number) => door<Kept>("GET", `/api/instances/${id}/logs`);
  const ofCrashed = await logOf(crashed.id);
  expect(ofCrashed.body).toMatchObject({ from: "kept", endedAt: expect.any(String) });
  expect(ofCrashed.body.text.split("\n").length).toBeLessThanOrEqual(50);
  expect(ofCrashed.body.text).toContain("CUDA error: an illegal memory access was encountered");
  expect((await logOf(vanished.id)).body).toMatchObject({ from: "kept", text: expect.stringContaining("batch") });
  expect((await logOf((await boxOfSlot("zeb", 2)).id)).body).toMatchObject({ from: "market", endedAt: null });
  const kept = await inStorage(fleetObject("zeb"), (storage) => new FleetStore(storage).lastLogs.keys());
  expect(kept).toHaveLength(4);
});

it("says of the log of a box that still starts that it is not ready, and of the market alone that it does not answer", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const { id } = await boxOfSlot("zeb", 0);
  const ask = () => door("GET", `/api/instances/${id}/logs`);
  await fault("log-request-fails");
  const detail = expect.stringContaining("Instance is starting, logs are not available yet.");
  expect(await ask()).toMatchObject({ status: 503, body: { code: "log-not-ready", detail } });
  await clearFaults();
  await fault("log-request-fails", { value: 500 });
  expect(await ask()).toMatchObject({ status: 502, body: { code: "market-unreachable" } });
});

it("kills nobody and rents nothing while the Hub refuses the token of all, names it, and goes on when it is taken", async () => {
  await beginWorld();
  await fault("token-bad");
  await putFleet("zeb");
  await pass(5 * MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "no-credentials", workers: [], intents: [] });
  expect((await fleetOf("zeb")).notes.join("\n")).toContain("the Hub refuses the token for");
  expect(await countWrites()).toEqual({ rents: 0, destroys: 0 });
  await clearFaults();
  await passUntil(isWhole);

  const playing = (await paidBoxes("zeb")).map(({ id }) => id).filter((_, slot) => slot < 3);
  await fault("token-bad");
  await fault("box-vanish", { match: { slot: "3" } });
  await passUntil(async () => (await fleetOf("zeb")).state === "no-credentials", { limitMs: 10 * MINUTE });
  const { rents } = await countWrites();
  await pass(10 * MINUTE);
  // While weights that were there count as there (ten minutes), the lost one is replaced; nobody who plays is touched.
  expect(rents).toBeLessThanOrEqual(6);
  expect((await countWrites()).rents).toBe(rents);
  expect((await paidBoxes("zeb")).map(({ id }) => id)).toEqual(expect.arrayContaining(playing));
  await clearFaults();
  await passUntil(isWhole, { limitMs: 15 * MINUTE });
});
