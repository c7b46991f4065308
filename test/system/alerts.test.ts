// People are told once of what is wrong and once that it is over, whatever happens in between.

import { createHmac } from "node:crypto";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { accountStub } from "../../src/durable/stubs.ts";
import { must } from "../support/builders.ts";
import { door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { boxOfSlot, clearFaults, fault, rentDirectly, startDirectly, steer, truth } from "../support/market.ts";
import { listen, type Receiver, RECEIVER_SECRET, RECEIVER_URL, setReceiver } from "../support/receiver.ts";
import {
  accountObject,
  beginWorld,
  fleetObject,
  inStorage,
  MINUTE,
  moveTo,
  pass,
  passUntil,
  printed,
  tickEvery,
} from "../support/world.ts";

afterEach(() => void vi.restoreAllMocks());

const steady = async (fleet: string): Promise<boolean> => (await fleetOf(fleet)).state === "steady";

/** A CHECK a minute, so that hours pass quickly. */
const CADENCE = { ramp: 60, rampFor: 60, steady: 60, logPoll: 60, logPollSteady: 60, creditProbe: 300 };

/** Fleets of one or two workers that run, and a receiver that has heard nothing of them. */
async function running(targets: Readonly<Record<string, number>>): Promise<Receiver> {
  await beginWorld();
  const receiver = listen();
  await setReceiver(Object.keys(targets));
  tickEvery(MINUTE);
  for (const [name, target] of Object.entries(targets)) await putFleet(name, { target, cadenceSeconds: CADENCE });
  await pass(3 * MINUTE);
  expect(await Promise.all(Object.keys(targets).map(steady))).not.toContain(false);
  expect(receiver.stories()).toEqual([]);
  return receiver;
}

it("all fleets blind for 10 minutes are one message, and their sight one more", async () => {
  const receiver = await running({ zeb: 1, "zeb-large": 1 });
  await fault("list-fails");
  await pass(9 * MINUTE);
  expect(receiver.stories()).toEqual([]);
  await pass(3 * MINUTE);
  expect(receiver.stories().map((story) => story.toSorted())).toEqual([["firing blind zeb", "firing blind zeb-large"]]);
  await pass(20 * MINUTE);
  expect(receiver.stories()).toHaveLength(1);
  await clearFaults();
  await pass(3 * MINUTE);
  expect(receiver.stories().map((story) => story.toSorted())).toEqual([
    ["firing blind zeb", "firing blind zeb-large"],
    ["resolved blind zeb", "resolved blind zeb-large"],
  ]);
  await pass(10 * MINUTE);
  expect(receiver.stories()).toHaveLength(2);
});

it("an opened breaker is one message and its end another, signed so that programs can trust it", async () => {
  await beginWorld({ speed: 10 });
  const receiver = listen();
  await setReceiver(["zeb"]);
  await fault("code-broken");
  await putFleet("zeb", { target: 3 });
  await passUntil(async () => (await fleetOf("zeb")).state === "breaker-open", { limitMs: 20 * MINUTE });
  await pass(20 * MINUTE);
  expect(receiver.stories()).toEqual([["firing breaker-open zeb"]]);
  await clearFaults();
  expect((await door("POST", "/api/fleets/zeb/breaker/close")).status).toBe(200);
  await passUntil(() => steady("zeb"), { limitMs: 20 * MINUTE });
  expect(receiver.stories()).toEqual([["firing breaker-open zeb"], ["resolved breaker-open zeb"]]);

  const { headers, text } = must(receiver.sent.at(-1));
  const [id, second] = [headers.get("webhook-id"), headers.get("webhook-timestamp")];
  const expected = createHmac("sha256", RECEIVER_SECRET).update(`${id}.${second}.${text}`).digest("base64");
  expect(headers.get("webhook-signature")).toBe(`v1,${expected}`);
  expect(JSON.parse(text)).toMatchObject({ type: "alert", id });
  expect(new Set(receiver.sent.map((sent) => sent.headers.get("webhook-id"))).size).toBe(receiver.sent.length);
});

it("credit that ends is one message for all fleets, and credit that comes back another", async () => {
  const receiver = await running({ zeb: 2, "zeb-large": 1 });
  const ids = (await truth()).boxes.map(({ id }) => id);
  await steer("/sim/credit", { usd: 0 });
  await pass(30 * MINUTE);
  expect(receiver.stories()).toEqual([["firing out-of-credit account"]]);
  await steer("/sim/credit", { usd: 50 });
  for (const id of ids) await startDirectly(id);
  await pass(10 * MINUTE);
  expect(receiver.stories()).toEqual([["firing out-of-credit account"], ["resolved out-of-credit account"]]);
});

it("credit for less than 12 hours is told once, and that there is more again", async () => {
  const receiver = await running({ zeb: 2 });
  const { usdPerHour } = await accountStub(env).credit();
  await steer("/sim/credit", { usd: 11.9 * usdPerHour });
  // The credit is read every quarter of an hour.
  await pass(40 * MINUTE);
  expect(receiver.stories()).toEqual([["firing credit-hours account"]]);
  await steer("/sim/credit", { usd: 40 * usdPerHour });
  await pass(20 * MINUTE);
  expect(receiver.stories()).toEqual([["firing credit-hours account"], ["resolved credit-hours account"]]);
});

it("a fleet that stays below its target for 15 minutes is told once, with why, and when it is full", async () => {
  const receiver = await running({ zeb: 1 });
  await fault("search-empty");
  await patchFleet("zeb", { target: 3 });
  await pass(14 * MINUTE);
  expect(receiver.stories()).toEqual([]);
  await pass(3 * MINUTE);
  expect(receiver.stories()).toEqual([["firing below-target zeb"]]);
  expect(must(receiver.sent.at(-1)).text).toContain("1 of 3 workers up, 1 at work (no-offers)");
  await pass(10 * MINUTE);
  await clearFaults();
  await passUntil(() => steady("zeb"), { limitMs: 30 * MINUTE });
  await pass(MINUTE);
  expect(receiver.stories()).toEqual([["firing below-target zeb"], ["resolved below-target zeb"]]);
});

it("workers that play and deliver nothing are one message, with what a person has to do, and their deliveries another", async () => {
  const receiver = await running({ zeb: 2 });
  await fault("token-read-only");
  await passUntil(async () => receiver.stories().length > 0, { limitMs: 60 * MINUTE, stepMs: MINUTE });
  expect(receiver.stories()).toEqual([["firing undelivered zeb"]]);
  expect(must(receiver.sent.at(-1)).text).toContain("HF_TOKEN needs write access");
  await pass(20 * MINUTE);
  expect(receiver.stories()).toHaveLength(1);
  await clearFaults();
  await passUntil(async () => receiver.stories().length > 1, { limitMs: 60 * MINUTE, stepMs: MINUTE });
  expect(receiver.stories().slice(1)).toEqual([["resolved undelivered zeb"]]);
});

it("strays that bill for 5 minutes are told together, once, and each of their ends", async () => {
  const receiver = await running({ zeb: 1 });
  const ids = [await rentDirectly("my-own-experiment", {}), await rentDirectly("", {})];
  await pass(3 * MINUTE);
  expect(receiver.stories()).toEqual([]);
  await pass(5 * MINUTE);
  expect(receiver.stories()).toEqual([["firing strays account", "firing strays account"]]);
  await door("POST", `/api/strays/${ids[0]}/ignore`);
  await pass(3 * MINUTE);
  expect(receiver.stories().slice(1)).toEqual([["resolved strays account"]]);
  await door("POST", `/api/strays/${ids[1]}/destroy`, { force: true });
  await pass(5 * MINUTE);
  expect(receiver.stories().slice(1)).toEqual([["resolved strays account"], ["resolved strays account"]]);
});

it("a host that is blocked is told once", async () => {
  const receiver = await running({ zeb: 1 });
  await patchFleet("zeb", { strikeLimit: 1 });
  const { id } = await boxOfSlot("zeb", 0);
  const value = { line: "RuntimeError: No CUDA GPUs are available", dies: true };
  await fault("worker-error", { match: { instance: String(id) }, value });
  await passUntil(async () => receiver.stories().length > 0, { limitMs: 5 * MINUTE });
  await pass(10 * MINUTE);
  expect(receiver.stories()).toEqual([["happened host-blocked zeb"]]);
});

it("the day's report is sent when it is made, once", async () => {
  const receiver = await running({ zeb: 1 });
  const reports = (): readonly string[] =>
    receiver.sent.flatMap(({ text }) =>
      text.includes('"type":"report"') ? [(JSON.parse(text) as { day: string }).day] : [],
    );
  const before = reports().length;
  const midnight = Date.parse("2031-05-02T00:00:00Z");

  await moveTo(midnight + 2 * MINUTE);
  await pass(8 * MINUTE);
  expect(reports().slice(before)).toEqual(["2031-05-01"]);
});

it("a receiver that is down gets the message when it is back, under one id; a CHECK never waits for it", async () => {
  const receiver = await running({ zeb: 1 });
  receiver.answers = (attempt) => new Response("later", { status: attempt % 2 === 0 ? 500 : 503 });
  await fault("list-fails");
  await pass(30 * MINUTE);
  const before = receiver.sent.filter(({ text }) => text.includes('"type":"alert"'));
  expect(before.length).toBeGreaterThanOrEqual(5);
  expect(before.length).toBeLessThanOrEqual(8);
  expect(new Set(before.map(({ headers }) => headers.get("webhook-id"))).size).toBe(1);
  const { body } = await door<{ receivers: { waiting: number; lastError: string }[] }>("GET", "/api/alerts");
  expect(body.receivers[0]).toMatchObject({ waiting: 1, lastError: expect.stringMatching(/^HTTP 50[03]: later$/) });

  const { checks } = await fleetOf("zeb");
  receiver.answers = () => new Promise<Response>(() => undefined);
  await pass(5 * MINUTE);
  expect((await fleetOf("zeb")).checks).toBeGreaterThanOrEqual(checks + 5);
});

it("a receiver that says it is gone is given up after four attempts, and the history says so", async () => {
  const receiver = await running({ zeb: 1 });
  receiver.answers = () => new Response('{"message": "Unknown Webhook", "code": 10015}', { status: 404 });
  await fault("list-fails");
  await pass(25 * MINUTE);
  expect(receiver.sent.filter(({ text }) => text.includes('"type":"alert"'))).toHaveLength(4);
  const { results } = await env.DB.prepare("SELECT message FROM events WHERE kind = 'alert'").all<{
    message: string;
  }>();
  expect(results.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^ALERT NOT DELIVERED: message .* is given up: HTTP 404: .*Unknown Webhook.*, 4 times$/),
  ]);
});

it("waits as long as a receiver says that is asked too often", async () => {
  const receiver = await running({ zeb: 1 });
  receiver.answers = (attempt) =>
    attempt === receiver.sent.length && receiver.stories().length === 1
      ? new Response("slow down", { status: 429, headers: { "Retry-After": "300" } })
      : new Response(null, { status: 204 });
  await fault("list-fails");
  await pass(20 * MINUTE);
  const [first, second] = receiver.sent.filter(({ text }) => text.includes('"type":"alert"'));
  expect(must(second).atMs - must(first).atMs).toBeGreaterThanOrEqual(5 * MINUTE);
  expect(must(second).headers.get("webhook-id")).toBe(must(first).headers.get("webhook-id"));
});

it("a fleet's own receiver hears of that fleet, and the deployment's no longer does", async () => {
  await beginWorld();
  const [own, all] = ["https://own.test-receiver.org/in", RECEIVER_URL];
  const receiver = listen();
  await setReceiver(["zeb", "zeb-large"]);
  tickEvery(MINUTE);
  await putFleet("zeb", { target: 1, cadenceSeconds: CADENCE });
  await putFleet("zeb-large", { target: 1, cadenceSeconds: CADENCE });
  const set = await door("PUT", "/api/fleets/zeb/alerts", { url: `${own}/another-token-that-nobody-may-see` });
  expect([set.status, set.text.includes("another-token")]).toEqual([200, false]);
  await pass(3 * MINUTE);
  await fault("list-fails");
  await pass(13 * MINUTE);
  const told = (prefix: string): string =>
    receiver.sent
      .filter(({ url, text }) => url.startsWith(prefix) && text.includes('"type":"alert"'))
      .map(({ text }) => text)
      .join();
  expect(told(own)).toContain('"fleet":"zeb"');
  expect(told(own)).not.toContain("zeb-large");
  expect(told(all)).toContain('"fleet":"zeb-large"');
  expect(told(all)).not.toContain('"fleet":"zeb"');
});

it("a fleet of a name that was used before tells nothing to the receiver of the one before", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1 });
  await door("PUT", "/api/fleets/zeb/alerts", { url: "https://hooks.example.com/of-somebody-who-has-left" });
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await passUntil(async () => (await fleetOf("zeb")).state === "down");
  expect((await door("DELETE", "/api/fleets/zeb")).status).toBe(200);
  await putFleet("zeb", { target: 1 });
  const { body } = await door<{ receiver: unknown }>("GET", "/api/fleets/zeb/alerts");
  expect(body.receiver).toBeNull();
});

it("shows the address and the secret to nobody, and writes nothing while nothing is to be said", async () => {
  const receiver = await running({ zeb: 1 });
  const url = "https://discord.com/api/webhooks/123456789/fleet-token-that-nobody-may-see";
  await door("PUT", "/api/fleets/zeb/alerts", { url, secret: "another-signing-secret" });
  const refused = await door("PUT", "/api/fleets/zeb/alerts", {
    url: "http://plain.example.org/fleet-token-that-nobody-may-see",
  });
  expect(refused.status).toBe(422);
  receiver.answers = () => new Response(`no such hook: ${RECEIVER_URL}`, { status: 403 });
  const trial = await door<{ delivered: boolean; status: number; detail: string }>("POST", "/api/alerts/test");
  expect(trial.body).toMatchObject({ delivered: false, status: 403 });
  await pass(2 * MINUTE);
  const keys = await Promise.all(
    [fleetObject("zeb"), accountObject()].map((stub) =>
      inStorage(stub, ({ kv }) => [...kv.list()].map(([key]) => key).filter((key) => key.startsWith("alert"))),
    ),
  );
  // The receiver, and of the account the report of the first day and its delivery.
  expect(keys[0]).toEqual(["alert_target"]);
  expect(must(keys[1]).filter((key) => !["alert_report_day", "alert_delivery"].includes(key))).toEqual([]);

  const doors = [
    "/api/alerts",
    "/api/alerts?format=text",
    "/api/fleets/zeb/alerts",
    "/api/fleets/zeb",
    "/api/events?since=1h",
  ];
  const texts = await Promise.all(doors.map(async (path) => (await door("GET", path)).text));
  const { results } = await env.DB.prepare("SELECT * FROM events").all();
  const all = [...texts, refused.text, trial.text, JSON.stringify(results), ...printed()].join("\n");
  expect(all).toContain("own receiver set by admin");
  for (const secret of ["that-nobody-may-see", RECEIVER_SECRET, "another-signing-secret"])
    expect(all).not.toContain(secret);
});

it("without a receiver nothing is sent or kept, and the door still says what is so", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1 });
  await passUntil(() => steady("zeb"));
  await fault("list-fails");
  await pass(11 * MINUTE);
  const { body } = await door<{ alerts: unknown[]; receivers: unknown[]; notes: string[] }>("GET", "/api/alerts");
  expect(body).toMatchObject({ alerts: [{ kind: "blind", fleet: "zeb", announcedAt: null }], receivers: [] });
  expect(body.notes.join()).toContain("ALERT_WEBHOOK_URL is not set");
  for (const stub of [fleetObject("zeb"), accountObject()])
    expect(await inStorage(stub, ({ kv }) => [...kv.list({ prefix: "alert" })])).toEqual([]);
  expect((await door("POST", "/api/alerts/test")).status).toBe(409);
});
