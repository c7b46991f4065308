// Vast's notifications: a reason to look at once, and no harm in any other case.

import { createHmac } from "node:crypto";
import { env, exports } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { hearVast } from "../../src/durable/vast-hook.ts";
import type { FleetDocument } from "../../src/fleet/document.ts";
import { door, fleetOf, putFleet } from "../support/doors.ts";
import { boxOfSlot, countCalls, countWrites, fault, LIST, rentDirectly } from "../support/market.ts";
import { beginWorld, MINUTE, pass, printed, realWait, SECOND, tickEvery } from "../support/world.ts";

const SECRET = "the-signing-secret-of-vast";
const WITH_SECRET = { ...env, VAST_WEBHOOK_SECRET: SECRET };
const CADENCE = { ramp: 60, rampFor: 60, steady: 600, logPoll: 60, logPollSteady: 600 };

let count = 0;
const aBody = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({
    event_id: `event-${++count}`,
    user_id: 123456,
    notif_type: "instance_stopped",
    subject: "Your instance has stopped",
    message: "",
    timestamp: Date.now() / 1000,
    ...changes,
  });

interface How {
  readonly atMs?: number;
  readonly secret?: string;
  readonly signedBody?: string;
  readonly signature?: string;
}

/** As Vast sends it, or as somebody else would. */
async function notify(body: string, { atMs = Date.now(), secret = SECRET, signedBody = body, signature }: How = {}) {
  const second = String(Math.floor(atMs / 1000));
  const hex = createHmac("sha256", secret).update(`${second}.${signedBody}`).digest("hex");
  const headers = new Headers({
    "X-Vast-Timestamp": second,
    "X-Vast-Signature-256": signature ?? `sha256=${hex}`,
    "X-Vast-Delivery-Attempt": "1",
  });
  const answer = await hearVast(WITH_SECRET, headers, new TextEncoder().encode(body), Date.now());
  // What follows goes on in the background of the account's object.
  await realWait(150);
  return answer;
}

const hints = (): readonly string[] => printed().filter((line) => line.includes("HINTED"));
const checks = async (fleet: string): Promise<number> => (await fleetOf(fleet)).checks;

/** Two steady fleets, minutes away from their next CHECK. */
beforeEach(async () => {
  await beginWorld();
  tickEvery(MINUTE);
  await putFleet("zeb", { target: 1, cadenceSeconds: CADENCE });
  await putFleet("zeb-large", { target: 1, cadenceSeconds: CADENCE });
  await pass(5 * MINUTE);
  const [one, other] = await Promise.all([fleetOf("zeb"), fleetOf("zeb-large")]);
  if (one.state !== "steady" || other.state !== "steady") throw new Error(`${one.state}, ${other.state}`);
});

it("a box that is named gets its fleet a CHECK at once, with a list read since, and no other fleet one", async () => {
  const { id } = await boxOfSlot("zeb", 0);
  const [before, others, lists] = [await checks("zeb"), await checks("zeb-large"), await countCalls(LIST)];
  expect(await notify(aBody({ message: `Instance ${id} has stopped.` }))).toEqual({ kind: "hinted" });
  expect(await countCalls(LIST)).toBe(lists + 1);
  await pass(2 * SECOND);
  expect([await checks("zeb"), await checks("zeb-large")]).toEqual([before + 1, others]);
  expect(hints()).toEqual([`zeb: HINTED: Vast tells of instance_stopped, instance ${id}: a CHECK follows`]);
  const { body } = await door<{ events: { kind: string; instanceId: number }[] }>("GET", "/api/events?kind=hint");
  expect(body.events).toMatchObject([{ kind: "hint", instanceId: id }]);
});

it("a box that has really gone is replaced without waiting for the cadence", async () => {
  const { id } = await boxOfSlot("zeb", 0);
  await fault("box-vanish", { match: { instance: String(id) } });
  await notify(aBody({ notif_type: "instance_offline", message: `Instance ${id}` }));
  await pass(2 * SECOND);
  expect((await fleetOf("zeb")).state).toBe("ramping");
});

it("a label names a fleet too; a name that nobody has, a stray and another's number name none", async () => {
  const stray = await rentDirectly("my-own-experiment", {});
  await pass(MINUTE);
  const before = [await checks("zeb"), await checks("zeb-large")];
  await notify(aBody({ message: `Instance ${stray}, instance 99999999, nobody-worker-vast-0` }));
  await pass(12 * SECOND);
  expect([await checks("zeb"), await checks("zeb-large")]).toEqual(before);
  await notify(aBody({ message: "zeb-large-worker-vast-0 was outbid" }));
  await pass(2 * SECOND);
  expect((await checks("zeb-large")) - Number(before[1])).toBe(1);
  expect(hints()).toEqual(["zeb-large: HINTED: Vast tells of instance_stopped: a CHECK follows"]);
});

it("forged, changed, unsigned or late ones are refused, and nothing is looked at", async () => {
  const { id } = await boxOfSlot("zeb", 0);
  const body = aBody({ message: `Instance ${id}` });
  const lists = await countCalls(LIST);
  const kinds = [
    await notify(body, { secret: "another-signing-secret" }),
    await notify(body, { signedBody: body.replace(String(id), "1") }),
    await notify(body, { signature: "" }),
    await notify(body, { signature: "sha256=00" }),
    await notify(body, { atMs: Date.now() - 301 * SECOND }),
    await notify(body, { atMs: Date.now() + 302 * SECOND }),
  ].map(({ kind }) => kind);
  expect(new Set(kinds)).toEqual(new Set(["refused"]));
  await pass(2 * SECOND);
  expect([await countCalls(LIST), hints()]).toEqual([lists, []]);
  // The same, genuine and just new enough.
  expect(await notify(body, { atMs: Date.now() - 299 * SECOND })).toEqual({ kind: "hinted" });
});

it("doubled and out of order they are one look, and nothing is done because of them", async () => {
  const { id } = await boxOfSlot("zeb", 0);
  const writes = await countWrites();
  const before = await checks("zeb");
  const stopped = aBody({ message: `Instance ${id} has stopped.`, timestamp: Date.now() / 1000 - 200 });
  const started = aBody({ notif_type: "instance_started", message: `Instance ${id} runs.` });
  expect((await notify(started)).kind).toBe("hinted");
  expect((await notify(stopped, { atMs: Date.now() - 200 * SECOND })).kind).toBe("hinted");
  expect((await notify(stopped)).kind).toBe("repeated");
  expect((await notify(started, { atMs: Date.now() + 5 * SECOND })).kind).toBe("repeated");
  await pass(MINUTE);
  expect((await checks("zeb")) - before).toBeLessThanOrEqual(2);
  expect(await countWrites()).toEqual(writes);
  expect((await fleetOf("zeb")).totals.producing).toBe(1);
});

it("a flood of them is a CHECK in half a minute and a list in ten seconds, and no more", async () => {
  const { id } = await boxOfSlot("zeb", 0);
  const [before, lists] = [await checks("zeb"), await countCalls(LIST)];
  for (let second = 0; second < 60; second += 2) {
    const body = aBody({ message: `Instance ${id}` });
    const now = String(Math.floor(Date.now() / 1000));
    const hex = createHmac("sha256", SECRET).update(`${now}.${body}`).digest("hex");
    const headers = new Headers({ "X-Vast-Timestamp": now, "X-Vast-Signature-256": `sha256=${hex}` });
    await hearVast(WITH_SECRET, headers, new TextEncoder().encode(body), Date.now());
    await pass(2 * SECOND);
  }
  expect((await checks("zeb")) - before).toBeLessThanOrEqual(4);
  expect(hints().length).toBeLessThanOrEqual(3);
  expect((await countCalls(LIST)) - lists).toBeLessThanOrEqual(9);
});

it("what is signed and not understood is taken and ignored; of money, the credit is read", async () => {
  const lists = await countCalls(LIST);
  expect((await notify("[]")).kind).toBe("ignored");
  expect((await notify('"text"')).kind).toBe("ignored");
  expect(await countCalls(LIST)).toBe(lists);
  expect((await notify(aBody({ notif_type: "webhook_test" }))).kind).toBe("hinted");
  await pass(12 * SECOND);
  const accounts = await countCalls("GET /api/v0/users/current/");
  expect((await notify(aBody({ notif_type: "low_credit" }))).kind).toBe("hinted");
  expect(await countCalls("GET /api/v0/users/current/")).toBe(accounts + 1);
  expect(hints()).toEqual([]);
});

it("the door needs no token, says what it lacks, and takes no large body", async () => {
  const ask = (body: string): Promise<Response> =>
    exports.default.fetch(new Request("http://keeper/hooks/vast", { method: "POST", body }));
  const unset = await ask(aBody());
  expect([unset.status, ((await unset.json()) as { code: string }).code]).toEqual([503, "hook-not-set"]);
  expect((await ask("x".repeat(70_000))).status).toBe(413);
  const fleet: FleetDocument = await fleetOf("zeb");
  expect(fleet.state).toBe("steady");
});
