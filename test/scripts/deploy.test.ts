import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ALL = ["ADMIN_TOKEN", "VAST_API_KEY", "HF_TOKEN"];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fleetkeeper-deploy-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

interface Account {
  /** `null`: the Worker does not exist; a text: wrangler's complaint. */
  readonly secrets: readonly string[] | null | string;
  /** Before anything is done: current, behind, missing, or wrangler's complaint. */
  readonly database?: string;
  /** What becomes of applying the migrations; declined: by the person whom wrangler asks. */
  readonly applying?: "works" | "fails" | "is declined";
  readonly isDeployRefused?: boolean;
}

/** A wrangler that writes down what it is told and answers as an account would. */
function fakeWrangler({ database = "behind", applying = "works", isDeployRefused = false, secrets }: Account): void {
  const account = JSON.stringify({ secrets, database, applying, isDeployRefused });
  const script = `#!${process.execPath}
const { appendFileSync, readFileSync } = require("node:fs");
const account = ${account};
const args = process.argv.slice(2).join(" ");
const path = ${JSON.stringify(join(folder, "calls"))};
appendFileSync(path, args + "\\n");
const calls = readFileSync(path, "utf8").split("\\n");
const isApplied = account.applying === "works" && calls.some((line) => line.includes("apply"));
const isThere = account.database !== "missing" || calls.some((line) => line.startsWith("deploy"));
const end = (text, code) => { (code ? console.error : console.log)(text); process.exit(code); };
if (args.startsWith("secret")) {
  if (account.secrets === null) end('X [ERROR] Worker "fleetkeeper" not found.\\n\\nIf this is a new Worker, run \`wrangler deploy\` first to create it.', 1);
  if (typeof account.secrets === "string") end(account.secrets, 1);
  end(JSON.stringify(account.secrets.map((name) => ({ name, type: "secret_text" }))), 0);
}
if (args.startsWith("d1") && !isThere) end("X [ERROR] Couldn't find a D1 DB named 'fleetkeeper' in the API.", 1);
if (args.includes("list") && !["current", "behind", "missing"].includes(account.database)) end(account.database, 1);
if (args.includes("list")) end(isApplied || account.database === "current" ? "No migrations to apply!" : "0000_first.sql", 0);
if (args.includes("apply") && account.applying === "fails") end("X [ERROR] near SELEC: syntax error", 1);
if (args.startsWith("deploy") && account.isDeployRefused) end("X [ERROR] refused", 1);
`;
  const path = join(folder, "wrangler");
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}

function deploy(account: Account, ...flags: string[]) {
  fakeWrangler(account);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/deploy.ts", ...flags], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` },
  });
  const calls = status === null ? [] : callsIn(join(folder, "calls"));
  return { status, text: stdout + stderr, calls };
}

function callsIn(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").trim().split("\n");
  } catch {
    return [];
  }
}

const SECRETS = "secret list --format json --env=";
const LIST = "d1 migrations list DB --remote --env=";
const MIGRATE = "d1 migrations apply DB --remote --env=";

describe("npm run deploy", () => {
  it("looks at the secrets, applies the migrations by binding name, and deploys, in this order", () => {
    const { status, calls } = deploy({ secrets: ALL });
    expect(calls).toEqual([SECRETS, LIST, MIGRATE, LIST, "deploy --env="]);
    expect(status).toBe(0);
  });

  it("applies nothing to a database that has every migration", () => {
    const { status, calls } = deploy({ secrets: ALL, database: "current" });
    expect([status, calls]).toEqual([0, [SECRETS, LIST, "deploy --env="]]);
  });

  it("does the same for staging", () => {
    const { status, calls } = deploy({ secrets: ALL }, "--env", "staging");
    const staged = [SECRETS, LIST, MIGRATE, LIST, "deploy --env="].map((call) => `${call}staging`);
    expect(calls).toEqual(staged);
    expect(status).toBe(0);
  });

  it("deploys nothing while a secret is missing, and says how to set it", () => {
    const { status, calls, text } = deploy({ secrets: ["ADMIN_TOKEN", "HF_TOKEN"] }, "--env", "staging");
    expect([status, calls]).toEqual([1, [`${SECRETS}staging`]]);
    expect(text).toContain("staging lacks VAST_API_KEY. Nothing has been deployed.");
    expect(text).toContain("npx wrangler secret put VAST_API_KEY --env staging");
  });

  it("deploys without them where it is told to", () => {
    expect(deploy({ secrets: [] }, "--without-secrets")).toMatchObject({ status: 0, calls: { length: 5 } });
  });

  it.each<[string, Partial<Account>, readonly string[]]>([
    ["a migration fails", { applying: "fails" }, [SECRETS, LIST, MIGRATE]],
    ["a person declines them", { applying: "is declined" }, [SECRETS, LIST, MIGRATE, LIST]],
    ["the database cannot be looked at", { database: "X [ERROR] Authentication error" }, [SECRETS, LIST]],
  ])("leaves the running version as it is when %s", (_words, account, asked) => {
    const { status, calls, text } = deploy({ secrets: ALL, ...account });
    expect([status, calls]).toEqual([1, asked]);
    expect(text).toContain("nothing has been deployed");
  });

  it("makes the database by its deployment also where secrets that were set before have begun the Worker", () => {
    const { status, calls } = deploy({ secrets: ALL, database: "missing" });
    expect([status, calls]).toEqual([0, [SECRETS, LIST, "deploy --env=", MIGRATE, LIST]]);
  });

  it("makes the database by the first deployment, migrates then, and says which secrets to set", () => {
    const { status, calls, text } = deploy({ secrets: null, database: "missing" });
    expect(calls).toEqual([SECRETS, LIST, "deploy --env=", MIGRATE, LIST]);
    expect(status).toBe(0);
    for (const name of ALL) expect(text).toContain(`npx wrangler secret put ${name}\n`);
  });

  it("says so when the first deployment has made no database", () => {
    const { status, text } = deploy({ secrets: null, database: "missing", applying: "fails" });
    expect(status).toBe(1);
    expect(text).toContain("the migrations were not applied");
  });

  it("goes on where the secrets cannot be read, and says why", () => {
    const { status, calls, text } = deploy({ secrets: "X [ERROR] Authentication error [code: 10000]" });
    expect([status, calls.length]).toEqual([0, 5]);
    expect(text).toContain("Authentication error");
  });

  it("fails when the deployment does", () => {
    expect(deploy({ secrets: ALL, isDeployRefused: true })).toMatchObject({ status: 1 });
  });

  it.each([["--env", "stagign"], ["--prod"], ["extra"]])(
    "asks wrangler nothing when it is called with %s",
    (...flags) => {
      const { status, calls, text } = deploy({ secrets: ALL }, ...flags);
      expect([status, calls]).toEqual([1, []]);
      expect(text).toMatch(/has no environment stagign|Unknown option|Unexpected argument/);
    },
  );
});
