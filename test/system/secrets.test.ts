import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { door, fleetOf, putFleet } from "../support/doors.ts";
import { boxOfSlot, countWrites, fault, truth } from "../support/market.ts";
import { accountObject, beginWorld, fleetObject, inStorage, MINUTE, pass, printed, SECOND } from "../support/world.ts";

const SECRETS = [env.VAST_API_KEY, env.HF_TOKEN, env.ADMIN_TOKEN, env.VIEWER_TOKEN].map(String);

/** Takes a secret away from a fleet's object before it is used for the first time. */
async function startWithout(name: "VAST_API_KEY" | "HF_TOKEN"): Promise<void> {
  await beginWorld();
  await runInDurableObject(fleetObject("zeb"), (object: DurableObject) => {
    Object.defineProperty(object, "env", { value: { ...env, [name]: undefined } });
  });
  await putFleet("zeb");
  await pass(2 * MINUTE);
}

it.each(["VAST_API_KEY", "HF_TOKEN"] as const)("rents nothing without %s, and says so", async (name) => {
  await startWithout(name);
  const fleet = await fleetOf("zeb");
  expect(fleet.state).toBe("no-credentials");
  expect(fleet.notes.join(" ")).toMatch(name === "VAST_API_KEY" ? /VAST_API_KEY/ : /token/);
  expect(await countWrites()).toEqual({ rents: 0, destroys: 0 });
});

it("rents nothing while the market refuses the key", async () => {
  await beginWorld();
  await fault("bad-key");
  await putFleet("zeb");
  await pass(2 * MINUTE);
  expect(await countWrites()).toEqual({ rents: 0, destroys: 0 });
  expect((await fleetOf("zeb")).state).toMatch(/blind|no-credentials/);
});

it("shows its secrets to nobody: not to the log store, a door, the database, an object's rows or the log", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const { id } = await boxOfSlot("zeb", 0);
  const line = `RuntimeError: 401 Client Error for HF_TOKEN=${env.HF_TOKEN} api_key=${env.VAST_API_KEY}`;
  await fault("worker-error", { match: { instance: String(id) }, value: line });
  await fault("host-crash", { match: { slot: "1" }, value: line });
  await fault("create-error", { value: { status: 500, body: `no room for ${env.VAST_API_KEY}` }, times: 1 });
  await pass(15 * SECOND);
  const texts = [...(await doorsText(id)), ...(await storageText())];
  await pass(3 * MINUTE);
  texts.push(...(await doorsText(id)), ...(await storageText()), ...(await databaseText()), ...printed());

  expect(texts.join("\n").length).toBeGreaterThan(20_000);
  for (const secret of SECRETS) expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  expect((await truth()).leaks.authorizationToLogs).toBe(0);
});

async function doorsText(instanceId: number): Promise<readonly string[]> {
  const doors: readonly (readonly [string, string, unknown?])[] = [
    ["GET", "/api/status"],
    ["GET", "/api/status?format=text"],
    ["GET", "/api/fleets"],
    ["GET", "/api/fleets/zeb"],
    ["GET", "/api/fleets/zeb?format=text"],
    ["GET", `/api/instances/${instanceId}/logs?tail=100`],
    ["POST", "/api/fleets/zeb/check?dryRun=true", {}],
    ["PUT", "/api/fleets/zeb?dryRun=true", { target: 8 }],
    ["POST", "/api/fleets/zeb/down", {}],
    ["GET", "/healthz"],
    ["GET", "/api/nowhere"],
  ];
  return Promise.all(doors.map(async ([method, path, body]) => (await door(method, path, body)).text));
}

async function storageText(): Promise<readonly string[]> {
  const objects = [fleetObject("zeb"), accountObject()];
  return Promise.all(
    objects.map((stub) =>
      inStorage(stub, ({ sql, kv }) => {
        const names = sql
          .exec<{ name: string }>(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
          )
          .toArray();
        const rows = names.map(({ name }) => JSON.stringify(sql.exec(`SELECT * FROM "${name}"`).toArray()));
        return [...rows, JSON.stringify([...kv.list()])].join("\n");
      }),
    ),
  );
}

async function databaseText(): Promise<readonly string[]> {
  const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{ name: string }>();
  const ours = tables.results.filter(({ name }) => !/^(_cf|sqlite)_/.test(name));
  const rows = await Promise.all(ours.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}"`).all()));
  return rows.map(({ results }) => JSON.stringify(results));
}
