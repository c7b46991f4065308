import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { appRoutes } from "../support/app-routes.ts";
import { door, fleetOf, putFleet } from "../support/doors.ts";
import { boxOfSlot, countWrites, fault, secretsOfBoxes, truth } from "../support/market.ts";
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
  const box = await boxOfSlot("zeb", 0);
  const line = `RuntimeError: 401 Client Error for HF_TOKEN=${env.HF_TOKEN} api_key=${env.VAST_API_KEY}`;
  await fault("worker-error", { match: { instance: String(box.id) }, value: line });
  await fault("host-crash", { match: { slot: "1" }, value: line });
  await fault("create-error", { value: { status: 500, body: `no room for ${env.VAST_API_KEY}` }, times: 1 });
  await pass(15 * SECOND);
  const login = await logIn();
  const place = { ":fleet": "zeb", ":slot": "0", ":id": String(box.id), ":machineId": String(box.machineId) };
  const answers = [...(await everyAnswer(place)), ...(await writesThatSpill(place))];
  const texts = [...answers.map(({ text }) => text), ...(await storageText())];
  await pass(3 * MINUTE);
  const later = await everyAnswer({ ...place, ":slot": "2", ":id": String((await boxOfSlot("zeb", 2)).id) });
  texts.push(...later.map(({ text }) => text), ...(await storageText()), ...(await databaseText()), ...printed());

  const failed = [...answers, ...later].filter(({ status }) => status >= 500);
  expect(failed.map(({ path, status }) => [path, status])).toEqual([]);
  const shown = answers.filter(({ status }) => status === 200).length;
  expect(shown / answers.length).toBeGreaterThan(0.8);
  expect(texts.join("\n").length).toBeGreaterThan(50_000);
  const secrets = [...SECRETS, ...login, ...(await secretsOfBoxes())];
  expect(secrets).toHaveLength(SECRETS.length + 2 + 4);
  for (const secret of secrets) expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  // What is looked for would be found: the box itself is in the answers, the storage, the database and the log.
  for (const part of [answers.map(({ text }) => text), await storageText(), await databaseText(), printed()])
    expect(part.join("\n")).toContain(String(box.id));
  expect((await truth()).leaks.authorizationToLogs).toBe(0);
});

interface Answered {
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

/** Names in the paths that every world has. */
const ALWAYS = { ":workload": "zeb" };

/** Every GET door that the app has, as JSON and as text, with every path filled in; a door that comes later is in it. */
async function everyAnswer(place: Readonly<Record<string, string>>): Promise<readonly Answered[]> {
  const names: Readonly<Record<string, string>> = { ...ALWAYS, ...place };
  const paths = appRoutes()
    .filter(({ method }) => method === "GET" || method === "ALL")
    .map(({ path }) =>
      path
        .split("/")
        .map((part) => (part.startsWith(":") ? (names[part] ?? unfilled(path)) : part))
        .join("/"),
    );
  const more = ["/api/nowhere", "/api/events?kind=audit", "/api/instances?ended=true", "/api/cost?workers=4"];
  const queries = (path: string): string => (path.includes("?") ? "&format=text" : "?format=text");
  const all = [...paths, ...more].flatMap((path) => [path, `${path}${queries(path)}`]);
  return Promise.all(
    all.map(async (path) => {
      const { status, text } = await door("GET", path);
      return { path, status, text };
    }),
  );
}

function unfilled(path: string): never {
  throw new Error(`this test does not know what stands in ${path}: name it in ALWAYS or in place`);
}

/** Dry runs, refusals, and what shows back what was sent. */
async function writesThatSpill({
  ":fleet": fleet = "",
}: Readonly<Record<string, string>>): Promise<readonly Answered[]> {
  const token = String(env.HF_TOKEN);
  const requests: readonly (readonly [string, string, unknown])[] = [
    ["POST", `/api/fleets/${fleet}/check?dryRun=true`, {}],
    ["PUT", `/api/fleets/${fleet}?dryRun=true`, { target: 8 }],
    ["POST", `/api/fleets/${fleet}/down`, {}],
    ["PUT", `/api/fleets/${fleet}`, { target: token }],
    ["PATCH", `/api/fleets/${fleet}`, { weightsName: token, [token]: 1 }],
    ["POST", "/api/session", { token: `${token}-and-more` }],
    ["POST", `/api/fleets/${token}/up`, { count: 1 }],
    ["PUT", "/api/hosts/4411/block", { note: `says ${token}` }],
  ];
  return Promise.all(
    requests.map(async ([method, path, body]) => {
      const { status, text } = await door(method, path, body);
      return { path, status, text };
    }),
  );
}

/** A session and its cookie, which stands for a token. */
async function logIn(): Promise<readonly string[]> {
  const login = await exports.default.fetch(
    new Request("http://keeper/api/session", { method: "POST", body: JSON.stringify({ token: env.ADMIN_TOKEN }) }),
  );
  const cookie = (login.headers.get("Set-Cookie") ?? "").split(";")[0]?.split("=")[1] ?? "";
  return cookie.split(".");
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
