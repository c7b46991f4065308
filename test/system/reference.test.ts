// Every operation of the OpenAPI document, asked of the real Worker in a world with a fleet, a stray and a history: the
// status and the shape of each answer are what the document declares.

import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { zeb } from "../../src/fleet/zeb.ts";
import { must } from "../support/builders.ts";
import { fleetOf, putFleet } from "../support/doors.ts";
import { boxOfSlot, fault, rentDirectly } from "../support/market.ts";
import { type Operation, readReference, undeclared } from "../support/reference.ts";
import { beginWorld, figure, MINUTE, pass, passUntil } from "../support/world.ts";

const ADMIN = "admin-token-for-tests";

/** Its good answers need Vast's signature, which the tests of the hook make. */
const SHOWN_ELSEWHERE = "hearVast 200 application/json";

interface Call {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string | null;
}

interface Heard {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

it("answers every operation with the status and the shape that the document declares", async () => {
  const { operations } = await readReference();
  const heard = new Map<string, Set<string>>();
  const faults: string[] = [];

  const ask = async (id: string, call: Call = {}): Promise<Heard> => {
    const operation = must(
      operations.find((one) => one.id === id),
      `the operation ${id}`,
    );
    const answer = await exports.default.fetch(requestOf(operation, call));
    const media = answer.headers.get("Content-Type") ?? "";
    const text = await answer.text();
    faults.push(...undeclared(operation, answer.status, media, text));
    const seen = heard.get(id) ?? new Set();
    heard.set(id, seen.add(`${answer.status} ${media.split(";")[0]}`));
    return { status: answer.status, body: media.includes("json") ? JSON.parse(text) : { text } };
  };

  await beginWorld();
  await ask("readHealth");
  await ask("readDocs");
  await ask("readMetrics");
  await ask("readMetrics", { headers: { Accept: "application/openmetrics-text" } });
  await ask("readOpenApi");
  // A machine that is struck, so that hosts, strikes and the ledger of what has ended have rows.
  await fault("next-rent-dud", { kind: "launcher" });
  await putFleet("zeb", { target: 2 });
  await passUntil(async () => (await ask("listHosts")).body["total"] === 1);
  await passUntil(async () => (await fleetOf("zeb")).totals.producing === 2);
  const strays = [];
  for (const label of ["orphan", "mine", "theirs"]) strays.push(await rentDirectly(label, {}));
  const [orphan = 0, mine = 0, theirs = 0] = strays;
  await pass(MINUTE);
  const zebPath = { fleet: "zeb" };
  const { id: boxId, machineId } = await boxOfSlot("zeb", 0);

  // What is only read, by a viewer, in both forms.
  const reads: readonly (readonly [string, Call?])[] = [
    ["readStatus", { query: { prefix: "zeb" } }],
    ["readCost", { query: { workers: "4", gpu: "RTX_3060" } }],
    ["readCost"],
    ["listFleets"],
    ["readFleet", { path: zebPath }],
    ["readWorkerSsh", { path: { fleet: "zeb", slot: 0 } }],
    ["readInstanceSsh", { path: { id: boxId } }],
    ["readLog", { path: { id: boxId }, query: { tail: "20" } }],
    ["listStrays"],
    ["listEvents", { query: { limit: "2", fleet: "zeb" } }],
    ["listEvents"],
    ["listChecks", { query: { limit: "2" } }],
    ["listInstances", { query: { ended: "true" } }],
    ["listInstances"],
    ["listHosts"],
    ["readHost", { path: { machineId } }],
    ["readGpuStats"],
    ["readGpuStats", { query: { by: "gpu" } }],
    ["searchOffers", { query: { fleet: "zeb", limit: "3" } }],
    ["searchOffers"],
    ["readDailyReport"],
    ["listSeries"],
    ["readSeries", { path: zebPath, query: { hours: "2" } }],
    ["listCostDays", { query: { days: "3" } }],
    ["listPresets"],
    ["listAlerts"],
    ["readFleetAlerts", { path: zebPath }],
    ["listWorkloads"],
    ["readWorkload", { path: { workload: "zeb" } }],
  ];
  for (const [id, call = {}] of reads) {
    const token = "viewer-token-for-tests";
    await ask(id, { ...call, token });
    await ask(id, { ...call, token, query: { ...call.query, format: "text" } });
  }
  // What is refused before anything is done.
  await ask("readStatus", { token: null });
  await ask("readStatus", { token: "not-one-of-the-tokens" });
  await ask("readStatus", { query: { prefx: "zeb" } });
  await ask("readFleet", { path: { fleet: "nobody" } });
  await ask("readFleet", { path: { fleet: "No-Name" } });
  await ask("readSeries", { path: { fleet: "nobody" } });
  await ask("watchFleet", { path: zebPath });
  await ask("watchFleet", { path: { fleet: "nobody" }, headers: { Upgrade: "websocket" } });
  await ask("watchFleet", { path: zebPath, headers: { Upgrade: "websocket" } });
  await ask("readWorkerSsh", { path: { fleet: "zeb", slot: 77 } });
  await ask("readLog", { path: { id: 999_999 } });
  await ask("readLog", { path: { id: "x" } });
  await ask("readDailyReport", { query: { day: "2019-01-01" } });
  await ask("searchOffers", { query: { fleet: "nobody" } });
  await ask("readWorkload", { path: { workload: "nobody" } });
  await ask("upFleet", { path: zebPath, body: { count: 4 }, token: "viewer-token-for-tests" });
  await ask("upFleet", { path: zebPath, body: { count: "4", gpus: [] } });
  await ask("upFleet", { path: zebPath, body: "{" });
  await ask("upFleet", { path: zebPath, body: `{"gpu":"${"x".repeat(70_000)}"}` });
  await ask("putFleet", { path: zebPath, body: { target: 0 } });
  await ask("patchFleet", { path: zebPath, body: { target: 3 }, headers: { "If-Match": '"9999"' } });
  await ask("patchFleet", { path: zebPath, body: { workload: "nobody" } });
  await ask("deleteFleet", { path: zebPath });
  await ask("endInstance", { path: { id: mine } });
  await ask("adoptStray", { path: { id: boxId }, body: {} });
  await ask("importHosts", { body: "not a machine\n" });
  await ask("deleteWorkload", { path: { workload: "zeb" } });

  for (const query of [{}, { format: "text" }]) {
    await ask("readSession", { query });
    await ask("openSession", { token: null, query, body: { token: ADMIN } });
  }
  await ask("openSession", { token: null, body: { token: "not-one-of-the-tokens" } });
  await ask("readSession", { token: null });
  await ask("closeSession");

  await ask("hearVast", { token: null, body: {} });
  await ask("testReceiver", { body: {} });
  await ask("putReceiver", { path: zebPath, body: { url: "http://10.0.0.1/" } });

  // What changes something.
  await ask("putReceiver", { path: zebPath, body: { url: "https://hooks.example.com/zeb" } });
  await ask("testReceiver", { body: { fleet: "zeb" } });
  await ask("readFleetAlerts", { path: zebPath });
  await ask("deleteReceiver", { path: zebPath, body: {} });
  await ask("putFleet", { path: zebPath, query: { dryRun: "true" }, body: { target: 3 } });
  await ask("patchFleet", { path: zebPath, query: { dryRun: "true" }, body: { target: 3 } });
  await ask("putFleet", { path: { fleet: "zeb-large" }, body: { target: 1, maxPriceUsdPerHour: 0.001 } });
  await ask("patchFleet", { path: zebPath, body: { gpus: ["RTX 4070 Ti"] } });
  await ask("patchFleet", { path: zebPath, body: { gpus: ["RTX 3060", "RTX 3070", "RTX 3080"] } });
  const spec = { target: 2, maxPriceUsdPerHour: 0.2, cadenceSeconds: { ramp: 10 }, timeoutsSeconds: { setup: 30 } };
  await ask("putFleet", { path: zebPath, body: spec });
  const key = { "Idempotency-Key": "one" };
  await ask("upFleet", { path: zebPath, body: { count: 1 }, headers: key });
  await ask("upFleet", { path: zebPath, body: { count: 1 }, headers: key });
  await ask("upFleet", { path: zebPath, body: { count: 2 }, headers: key });
  await ask("replenishFleet", { path: zebPath, body: { count: 2 } });
  await ask("checkFleet", { path: zebPath, query: { dryRun: "true" }, body: {} });
  await ask("checkFleet", { path: zebPath, body: {} });
  await ask("closeBreaker", { path: zebPath, body: {} });
  await ask("pauseFleet", { path: zebPath, body: {} });
  await ask("resumeFleet", { path: zebPath, body: {} });
  await ask("replaceWorker", { path: { fleet: "zeb", slot: 0 }, body: {} });
  await ask("endInstance", { path: { id: (await boxOfSlot("zeb", 1)).id }, query: { shrink: "true" } });
  await ask("ignoreStray", { path: { id: theirs }, body: {} });
  await ask("listStrays");
  await ask("heedStray", { path: { id: theirs } });
  await ask("adoptStray", { path: { id: orphan }, body: { fleet: "zeb" } });
  const asked = await ask("destroyStray", { path: { id: mine }, body: {} });
  await ask("destroyStray", { path: { id: mine }, body: { confirm: `${String(asked.body["confirm"])}x` } });
  await ask("destroyStray", { path: { id: mine }, body: { confirm: asked.body["confirm"] } });
  await ask("listStrays");
  await ask("blockHost", { path: { machineId }, body: { note: "its disk is full" } });
  await ask("listHosts", { query: { blocked: "true" } });
  await ask("pardonHost", { path: { machineId } });
  await ask("readHost", { path: { machineId } });
  await ask("importHosts", { body: { machineIds: [4411, 4411, 5502] } });
  await ask("readHost", { path: { machineId: 4411 } });
  await ask("putWorkload", { path: { workload: "own" }, body: { ...zeb, name: "own" }, query: { dryRun: "true" } });
  await ask("putWorkload", { path: { workload: "own" }, body: { ...zeb, name: "own" } });
  await ask("putWorkload", { path: { workload: "own" }, body: { ...zeb, name: "own", diskGb: 20 } });
  await ask("deleteWorkload", { path: { workload: "own" } });

  // And the end.
  await ask("downFleet", { path: { fleet: "zeb-large" }, body: { force: true } });
  const down = await ask("downFleets", { body: { prefix: "zeb" } });
  await ask("downFleets", { body: { prefix: "zeb", confirm: down.body["confirm"] } });
  await ask("resumeFleet", { path: zebPath, body: {} });
  await passUntil(async () => (await fleetOf("zeb")).state === "down");
  await pass(MINUTE);
  await ask("deleteFleet", { path: zebPath });
  for (const id of ["listEvents", "listChecks", "listInstances", "readDailyReport", "readCost"]) await ask(id);

  expect(faults).toEqual([]);
  const missed = operations.flatMap((operation) =>
    goodAnswers(operation)
      .filter((one) => !heard.get(operation.id)?.has(one))
      .map((one) => `${operation.id} ${one}`),
  );
  // Writes have been asked in one form: the table is the same one as of the reads.
  const isMissed = (one: string): boolean => !one.endsWith("text/plain") || /^(read|list|search)/.test(one);
  expect(missed.filter(isMissed)).toEqual([SHOWN_ELSEWHERE]);
  figure(
    `${operations.length} operations answered as declared, ${[...heard.values()].reduce((sum, { size }) => sum + size, 0)} kinds of answers`,
  );
});

function requestOf({ method, path, parameters }: Operation, call: Call): Request {
  const filled = parameters
    .filter((parameter) => parameter.in === "path")
    .reduce((text, { name }) => text.replace(`{${name}}`, encodeURIComponent(String(call.path?.[name]))), path);
  const query = new URLSearchParams(call.query).toString();
  const { token = ADMIN } = call;
  const body = call.body === undefined || typeof call.body === "string" ? call.body : JSON.stringify(call.body);
  return new Request(`http://keeper${filled}${query === "" ? "" : `?${query}`}`, {
    method: method.toUpperCase(),
    headers: { ...(token === null ? {} : { Authorization: `Bearer ${token}` }), ...call.headers },
    ...(body === undefined ? {} : { body }),
  });
}

/** Each declared success in each form. */
function goodAnswers({ answers }: Operation): readonly string[] {
  return Object.entries(answers)
    .filter(([status]) => status.startsWith("2"))
    .flatMap(([status, forms]) => Object.keys(forms).map((media) => `${status} ${media}`));
}
