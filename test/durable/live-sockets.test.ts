import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { createLiveSockets, SOCKETS_MAX } from "../../src/durable/live-sockets.ts";
import { FleetKeeper } from "../../src/durable/fleet-keeper.ts";
import { fleetStub, openLive } from "../../src/durable/stubs.ts";
import type { FleetDocument } from "../../src/fleet/document.ts";
import type { LiveMessage } from "../../src/fleet/live.ts";
import { must } from "../support/builders.ts";
import { askForCheck, door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { openPage, type Page, pageOf } from "../support/live-page.ts";
import {
  alarmOf,
  beginWorld,
  figure,
  fleetObject,
  HOUR,
  inStorage,
  MINUTE,
  pass,
  realWait,
  SECOND,
} from "../support/world.ts";

/** What a page shows after these messages, put together as a page does it. */
function shown(messages: readonly LiveMessage[]): FleetDocument {
  return messages.reduce<FleetDocument | null>((fleet, message) => {
    if (message.type === "fleet") return message.fleet;
    const known = must(fleet, "a fleet before its changes");
    const changed = new Set([...message.workers.map(({ instanceId }) => instanceId), ...message.gone]);
    const kept = known.workers.filter(({ instanceId }) => !changed.has(instanceId));
    const workers = [...kept, ...message.workers].toSorted((a, b) => a.slot - b.slot || a.instanceId - b.instanceId);
    return { ...known, ...message.fleet, workers };
  }, null) as FleetDocument;
}

/** Without what time alone changes. */
function still(fleet: FleetDocument): unknown {
  return JSON.parse(
    JSON.stringify({ ...fleet, spend: null }, (key, value: unknown) => (key === "ageSeconds" ? undefined : value)),
  );
}

async function settled(page: Page): Promise<void> {
  for (let last = -1; last !== page.messages.length;) {
    last = page.messages.length;
    await realWait(60);
  }
}

it("gives a page the whole fleet at once, and then what it needs to show the same as the door", async () => {
  await beginWorld();
  await putFleet("zeb");
  const page = await openPage("zeb");
  const [first] = await page.received(1);
  expect(first).toMatchObject({ type: "fleet", seq: 1, fleet: { name: "zeb", workers: [] } });
  await pass(MINUTE);
  await patchFleet("zeb", { target: 5 });
  await pass(40 * SECOND);
  await settled(page);

  expect(page.messages.map(({ seq }) => seq)).toEqual(page.messages.map((_, index) => index + 1));
  expect(page.messages.slice(1).every(({ type }) => type === "changes")).toBe(true);
  expect(still(shown(page.messages))).toEqual(still(await fleetOf("zeb")));
  expect(shown(page.messages).totals).toMatchObject({ live: 5, producing: 5 });
});

it("tells a page of many workers the rows that changed, and no more than these", async () => {
  await beginWorld({ hosts: { count: 220, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 } });
  await putFleet("zeb", { target: 60, launchBatch: 16, proveFirst: false, maxPriceUsdPerHour: 2 });
  await pass(2 * MINUTE);
  const page = await openPage("zeb");
  await pass(MINUTE);
  await settled(page);
  const sizes = page.messages.map((message) => JSON.stringify(message).length);
  const [whole = 0, ...changes] = sizes;
  const workers = shown(page.messages).workers.length;
  const largest = Math.max(...changes);
  figure(
    `a page of ${workers} workers for a minute: first message ${whole} bytes, then ${changes.length} of at most ${largest}`,
  );
  expect(workers).toBeGreaterThan(40);
  expect(largest).toBeLessThan(whole);
  const rows = page.messages.map((message) => (message.type === "changes" ? message.workers.length : 0));
  expect(Math.min(...rows.slice(1))).toBeLessThan(workers / 2);
  expect(still(shown(page.messages))).toEqual(still(await fleetOf("zeb")));
});

it("costs the object nothing while a page is open and nothing happens: it sleeps, and pings do not wake it", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  await door("POST", "/api/fleets/zeb/pause");
  await pass(MINUTE);
  const page = await openPage("zeb");
  await page.received(1);
  const armedAtMs = await alarmOf(fleetObject("zeb"));
  await evictDurableObject(fleetObject("zeb"));

  const wakes = ["alarm", "tick", "webSocketMessage", "recordReports", "describe", "fetch"] as const;
  const spies = wakes.map((method) => vi.spyOn(FleetKeeper.prototype, method));
  for (let ping = 1; ping <= 20; ping++) page.socket.send("ping");
  for (let waits = 0; page.pongs.length < 20 && waits < 400; waits++) await realWait(5);
  expect(page.pongs).toEqual(Array.from({ length: 20 }, () => "pong"));
  await realWait(300);
  const counts = spies.map(({ mock }) => mock.calls.length);
  figure(`an open page, 20 pings: ${counts.reduce((sum, count) => sum + count, 0)} wake-ups of its object`);
  expect(counts).toEqual(wakes.map(() => 0));
  // Evicting works on an object that lives only: the pings have not given it a life.
  await expect(evictDurableObject(fleetObject("zeb"))).rejects.toThrow("it is not currently running");
  expect(page.closed).toEqual([]);
  // Nor did the page arm an alarm.
  expect(await alarmOf(fleetObject("zeb"))).toBe(armedAtMs);
});

it("tells a page that outlived its object's sleep what has changed since, and nothing else", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const page = await openPage("zeb");
  await page.received(1);
  await evictDurableObject(fleetObject("zeb"));
  await askForCheck("zeb");
  const [, second] = await page.received(2);
  expect(second).toMatchObject({ type: "changes", seq: 2, gone: [] });
  await settled(page);
  expect(still(shown(page.messages))).toEqual(still(await fleetOf("zeb")));
});

it("sends the whole fleet to a page whose object died between a change and its announcement", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const page = await openPage("zeb");
  await page.received(1);
  await inStorage(fleetObject("zeb"), ({ kv }) => {
    kv.put("fleet", { ...kv.get<Record<string, unknown>>("fleet"), notes: ["written behind its back"] });
  });
  await evictDurableObject(fleetObject("zeb"));
  await askForCheck("zeb");
  const [, second] = await page.received(2);
  expect(second).toMatchObject({ type: "fleet", seq: 2 });
});

it("answers a page that asks for the whole fleet, and ends one that says anything else", async () => {
  await beginWorld();
  await putFleet("zeb");
  const page = await openPage("zeb");
  await page.received(1);
  page.socket.send("fleet");
  expect((await page.received(2))[1]).toMatchObject({ type: "fleet", seq: 2 });
  // Within the same second it is not answered again.
  page.socket.send("fleet");
  page.socket.send("down");
  await vi.waitFor(() => expect(page.closed).toEqual([{ code: 4400, reason: expect.any(String) }]));
  expect(page.messages).toHaveLength(2);
});

it("ends the pages of a fleet that is deleted", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1 });
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await pass(2 * MINUTE);
  const page = await openPage("zeb");
  await page.received(1);
  expect((await door("DELETE", "/api/fleets/zeb")).status).toBe(200);
  await vi.waitFor(() => expect(page.closed).toEqual([{ code: 4404, reason: "the fleet has been deleted" }]));
});

it("tells nothing more to a page whose session is over, and ends it", async () => {
  await beginWorld();
  await putFleet("zeb");
  const answer = await openLive(env, "zeb", Date.now() + 30 * SECOND);
  const page = pageOf(must(answer.webSocket, "a socket"));
  page.socket.accept();
  await page.received(1);
  await pass(HOUR / 60);
  await vi.waitFor(() => expect(page.closed).toEqual([{ code: 4401, reason: "the session is over" }]));
  expect(page.messages.every(({ at }) => Date.parse(at) - Date.parse(must(page.messages[0]).at) < 30 * SECOND)).toBe(
    true,
  );
});

it("takes so many pages and no more, and takes one again when another is closed", async () => {
  await beginWorld();
  await putFleet("zeb");
  const pages = await Promise.all(Array.from({ length: SOCKETS_MAX }, () => openPage("zeb")));
  expect((await openLive(env, "zeb", null)).status).toBe(503);
  const leaving = must(pages[0]);
  leaving.socket.close(1000, "enough");
  await vi.waitFor(() => expect(leaving.closed).toHaveLength(1));
  await vi.waitFor(async () => expect((await openLive(env, "zeb", null)).status).toBe(101));
});

it("does not let a page that cannot be written to hold up a CHECK, nor the other pages", async () => {
  await beginWorld();
  await putFleet("zeb");
  const pages = [await openPage("zeb"), await openPage("zeb")];
  for (const page of pages) await page.received(1);
  vi.spyOn(WebSocket.prototype, "send").mockImplementationOnce(() => {
    throw new Error("the page is dead");
  });
  const { checks, intents } = await askForCheck("zeb");
  expect([checks, intents.length]).toEqual([1, 4]);
  await vi.waitFor(() => expect(pages.map(({ closed }) => closed.length).toSorted((a, b) => a - b)).toEqual([0, 1]));
  const other = must(pages.find(({ closed }) => closed.length === 0));
  await settled(other);
  expect(still(shown(other.messages))).toEqual(still(await fleetOf("zeb")));
});

it("gathers changes that come in quick succession into one message a second", async () => {
  let nowMs = 0;
  const sent: string[] = [];
  const socket = {
    readyState: WebSocket.OPEN,
    send: (text: string) => void sent.push(text),
    deserializeAttachment: () => ({ seq: 0, mark: null, askedAtMs: 0, untilMs: null }),
    serializeAttachment: () => undefined,
  } as unknown as WebSocket;
  const fleet = await (async () => {
    await beginWorld();
    await putFleet("zeb");
    return must(await fleetStub(env, "zeb").describe(), "a fleet");
  })();
  let checks = 0;
  const waits: { ms: number; end: () => void }[] = [];
  const live = createLiveSockets({
    ctx: {
      getWebSockets: () => [socket],
      waitUntil: () => undefined,
      acceptWebSocket: () => undefined,
      setWebSocketAutoResponse: () => undefined,
    },
    describe: () => ({ ...fleet, checks }),
    now: () => nowMs,
    sleep: (ms) => new Promise((end) => waits.push({ ms, end })),
  });
  nowMs = 10_000;
  for (checks = 1; checks <= 20; checks++) live.announce();
  expect([sent.length, waits.map(({ ms }) => ms)]).toEqual([1, [1000]]);
  nowMs = 11_000;
  must(waits[0]).end();
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(JSON.parse(must(sent[1]))).toMatchObject({ type: "changes", fleet: { checks: 21 } });
  // Nothing has changed since: nothing is sent, and nothing waits.
  nowMs = 15_000;
  live.announce();
  expect([sent.length, waits.length]).toEqual([2, 1]);
});
