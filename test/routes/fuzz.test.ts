// Thousands of requests that nobody would send on purpose, at every door of the real Worker, made from the OpenAPI
// document. The seed stands here, so that a failure comes again; another one throws other things.

import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fleetOf, putFleet } from "../support/doors.ts";
import { type Shot, shots } from "../support/fuzz.ts";
import { boxOfSlot, rentDirectly } from "../support/market.ts";
import { readReference, undeclared } from "../support/reference.ts";
import {
  accountObject,
  beginWorld,
  figure,
  fleetObject,
  inStorage,
  MINUTE,
  pass,
  passUntil,
} from "../support/world.ts";

const SEED = 20_261_123;
/** With 58 operations some 5,200 requests. */
const RUNS = 90;
/** Requests at a time, as of several callers. */
const AT_ONCE = 10;
/** The slowest doors ask the market, whose waits are shortened here; nothing takes longer than the keeper's own limits. */
const SECONDS_MAX = 15;

interface Heard {
  readonly shot: Shot;
  readonly status: number;
  readonly media: string;
  readonly text: string;
  readonly seconds: number;
}

it("answers whatever is thrown at it: no failure, no hang, no half of a write", { timeout: 600_000 }, async () => {
  const { operations } = await readReference();
  await beginWorld();
  await putFleet("zeb", { target: 1 });
  await passUntil(async () => (await fleetOf("zeb")).totals.producing === 1);
  const stray = await rentDirectly("somebody-elses", {});
  await pass(MINUTE);
  const names = {
    fleet: "zeb",
    slot: "0",
    id: String((await boxOfSlot("zeb", 0)).id),
    machineId: "4411",
    workload: "zeb",
  };

  const heard: Heard[] = [];
  const faults: string[] = [];
  let known = 0;
  for (const operation of operations) {
    const real = operation.path.includes("/strays/") ? { ...names, id: String(stray) } : names;
    const volley = fc.sample(shots(operation, real), { numRuns: RUNS, seed: SEED });
    // What the document says cannot be is refused, and leaves no trace in any object or table.
    const wrong = volley.filter(({ isWrong }) => isWrong);
    const before = wrong.length === 0 ? null : await everythingStored();
    for (const answer of await fire(wrong)) {
      heard.push(answer);
      faults.push(...faultsOf(answer));
      if (answer.status < 400) faults.push(`${said(answer)}: it was taken`);
    }
    if (before !== null && (await everythingStored()) !== before)
      faults.push(`${operation.id}: a refused request was stored`);
    // The rest may be taken or refused; what is refused changes no fleet, host or workload.
    const rest = volley.filter(({ isWrong }) => !isWrong);
    const isRead = operation.method === "get";
    for (const part of isRead ? [rest] : rest.map((shot) => [shot])) {
      const facts = isRead ? "" : await factsStored();
      const answers = await fire(part);
      heard.push(...answers);
      faults.push(...answers.flatMap(faultsOf));
      const [only] = answers;
      const isRefused = !isRead && only !== undefined && only.status >= 400 && only.status < 500;
      if (isRefused && (await factsStored()) !== facts)
        faults.push(`${said(only)}: refused, and something has changed`);
    }
    // A few of each door tell enough.
    faults.splice(known + 3);
    known = faults.length;
  }

  expect(faults.slice(0, 60)).toEqual([]);
  expect(heard.length).toBeGreaterThanOrEqual(5000);
  const refused = heard.filter(({ status }) => status >= 400).length;
  const slowest = heard.toSorted((a, b) => b.seconds - a.seconds)[0];
  expect(refused).toBeGreaterThan(heard.length / 4);
  figure(
    `${heard.length} requests at ${operations.length} operations: ${refused} refused, 0 failures, slowest ${slowest?.seconds.toFixed(1)} s (${slowest?.shot.operation.id})`,
  );
});

async function fire(volley: readonly Shot[]): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  for (let at = 0; at < volley.length; at += AT_ONCE)
    heard.push(...(await Promise.all(volley.slice(at, at + AT_ONCE).map(one))));
  return heard;
}

async function one(shot: Shot): Promise<Heard> {
  const beganAt = performance.now();
  const headers = new Headers({ Authorization: "Bearer admin-token-for-tests" });
  for (const [name, value] of Object.entries(shot.headers)) headers.set(name, value);
  const answer = await exports.default.fetch(
    new Request(shot.url, {
      method: shot.operation.method.toUpperCase(),
      headers,
      ...(shot.body === null ? {} : { body: shot.body }),
    }),
  );
  const text = await answer.text();
  const seconds = (performance.now() - beganAt) / 1000;
  return { shot, status: answer.status, media: answer.headers.get("Content-Type") ?? "", text, seconds };
}

function said({ shot, status, text }: Heard): string {
  const body = shot.body === null ? "" : ` ${String(shot.body).slice(0, 300)}`;
  return `${shot.operation.id}: ${shot.url.slice(0, 200)} ${JSON.stringify(shot.headers).slice(0, 200)}${body} -> ${status} ${text.slice(0, 200)}`;
}

function faultsOf(answer: Heard): readonly string[] {
  const { shot, status, media, text, seconds } = answer;
  const faults = seconds > SECONDS_MAX ? [`${said(answer)}: took ${seconds.toFixed(1)} s`] : [];
  if (status === 500) return [...faults, `${said(answer)}: it failed`];
  if (status < 400) return [...faults, ...undeclared(shot.operation, status, media, text)];
  if (!media.startsWith("application/problem+json")) return [...faults, `${said(answer)}: a refusal of type ${media}`];
  const { code, title, detail } = JSON.parse(text) as Record<string, unknown>;
  if ([code, title, detail].some((field) => typeof field !== "string" || field === ""))
    return [...faults, `${said(answer)}: a refusal without words`];
  // A path that was bent may lead to no door, or to another one.
  const isOwn =
    code !== "no-such-door" &&
    code !== "method-not-allowed" &&
    new URL(shot.url).pathname.split("/").length === shot.operation.path.split("/").length;
  return isOwn
    ? [...faults, ...undeclared(shot.operation, status, media, text).map((line) => `${line} (${shot.url})`)]
    : faults;
}

/** Every row and value of the database and of the objects. */
async function everythingStored(): Promise<string> {
  const objects = await Promise.all(
    [fleetObject("zeb"), accountObject()].map((stub) =>
      inStorage(stub, ({ sql, kv }) => {
        const tables = sql
          .exec<{ name: string }>(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
          )
          .toArray();
        return JSON.stringify([
          tables.map(({ name }) => sql.exec(`SELECT * FROM "${name}"`).toArray()),
          [...kv.list()],
        ]);
      }),
    ),
  );
  const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{ name: string }>();
  const ours = tables.results.filter(({ name }) => !/^(_cf|sqlite)_/.test(name));
  return JSON.stringify([objects, await rowsOf(ours.map(({ name }) => name))]);
}

/** What a person would call a change: what fleets are, who is blocked, what runs. */
async function factsStored(): Promise<string> {
  const { spec, mode, specVersion } = await fleetOf("zeb");
  return JSON.stringify([spec, mode, specVersion, await rowsOf(["fleets", "hosts", "strike_refunds", "workloads"])]);
}

/** Who asked in vain is written down, which is no half of a write. */
async function rowsOf(tables: readonly string[]): Promise<unknown> {
  const rows = await env.DB.batch<{ kind?: string }>(tables.map((name) => env.DB.prepare(`SELECT * FROM "${name}"`)));
  return rows.map(({ results }) => results.filter(({ kind }) => kind !== "audit"));
}
