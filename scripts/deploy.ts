// `npm run deploy`: secrets looked at, migrations by binding name, then the code. In this order, so that what is deployed never
// finds a database that is older than itself; a migration that fails leaves the running version as it is.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs, stripVTControlCharacters } from "node:util";

const USAGE = `npm run deploy -- [flags]
  --env NAME          deploy this environment of wrangler.toml (staging); without it, production
  --without-secrets   deploy also where a secret is missing that fleets need`;

/** Without these nothing can be asked or rented. */
const NEEDED = ["ADMIN_TOKEN", "VAST_API_KEY", "HF_TOKEN"];

interface Run {
  readonly isDone: boolean;
  readonly output: string;
}

function main(): void {
  const { env, "without-secrets": isWithout } = readFlags();
  // The empty name is production, said aloud: wrangler warns where it has to guess.
  const target = [`--env=${env ?? ""}`];
  const where = env ?? "production";

  say(`Looking at the secrets of ${where}`);
  const secrets = readSecrets(target);
  const missing = secrets.kind === "list" ? NEEDED.filter((name) => !secrets.names.includes(name)) : [];
  if (missing.length > 0 && !isWithout) {
    fail([
      `${where} lacks ${missing.join(", ")}. Nothing has been deployed. Set what is missing:`,
      ...missing.map((name) => putCommand(name, env)),
      "or deploy without: npm run deploy -- --without-secrets",
    ]);
  }
  if (secrets.kind === "unreadable") say(`The secrets cannot be read, which stops nothing: ${secrets.why}`);
  if (secrets.kind === "no-worker") say(`${where} has not been deployed before`);

  say("Looking at the database DB");
  const database = readDatabase(target);
  if (database.kind === "unreadable") {
    fail([
      `The database cannot be looked at: ${database.why}`,
      "The version that runs goes on; nothing has been deployed.",
    ]);
  }
  if (database.kind === "behind" && !migrate(target)) {
    fail(["The migrations were not applied (see above). The version that runs goes on; nothing has been deployed."]);
  }
  if (database.kind === "missing") say("There is no database yet; deploying makes it, and the migrations follow");

  say(`Deploying ${where}`);
  if (!show(["deploy", ...target])) fail(["The deployment failed (see above)."]);
  if (database.kind === "missing" && !migrate(target)) {
    fail(["Deployed, but the migrations were not applied (see above): the history stays empty. Run this again."]);
  }
  say(`${where} is deployed`);
  if (secrets.kind === "no-worker") {
    say("Until ADMIN_TOKEN is set every door but /healthz answers 503. Now set the secrets:");
    for (const name of NEEDED) console.log(`  ${putCommand(name, env)}`);
  }
}

function readFlags(): { readonly env: string | null; readonly "without-secrets": boolean } {
  const { values } = parseArgs({
    options: {
      env: { type: "string" },
      "without-secrets": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const env = values.env === undefined || values.env === "" || values.env === "production" ? null : values.env;
  const known = [...readFileSync("wrangler.toml", "utf8").matchAll(/^\[env\.([\w-]+)\]/gm)].map(([, name]) => name);
  // Wrangler would deploy a Worker of that name without a single binding.
  if (env !== null && !known.includes(env)) {
    fail([`wrangler.toml has no environment ${env}; it has production, ${known.join(", ")}`]);
  }
  return { env, "without-secrets": values["without-secrets"] };
}

type Secrets =
  | { readonly kind: "list"; readonly names: readonly string[] }
  | { readonly kind: "no-worker" }
  | { readonly kind: "unreadable"; readonly why: string };

/** Names alone: wrangler never tells values. */
function readSecrets(target: readonly string[]): Secrets {
  const { isDone, output } = quietly(["secret", "list", "--format", "json", ...target]);
  if (!isDone && /Worker "[^"]*".* not found/.test(output)) return { kind: "no-worker" };
  const list = isDone ? namesIn(output) : null;
  if (list !== null) return { kind: "list", names: list };
  return { kind: "unreadable", why: shortly(output) };
}

function namesIn(output: string): readonly string[] | null {
  try {
    const list: unknown = JSON.parse(output.slice(output.indexOf("[")));
    const rows: readonly unknown[] = Array.isArray(list) ? list : [];
    return rows.flatMap((row) =>
      typeof row === "object" && row !== null && "name" in row && typeof row.name === "string" ? [row.name] : [],
    );
  } catch {
    return null;
  }
}

type Database =
  | { readonly kind: "current" }
  | { readonly kind: "behind" }
  /** A first deployment makes it. A Worker without one there may be: it begins with its first secret. */
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly why: string };

/** Wrangler says "no" to its own question with the exit code of a success, so the list alone tells what is left. */
function readDatabase(target: readonly string[]): Database {
  const { isDone, output } = quietly(["d1", "migrations", "list", "DB", "--remote", ...target]);
  if (isDone) return { kind: /No migrations to apply/i.test(output) ? "current" : "behind" };
  return /Couldn't find/i.test(output) ? { kind: "missing" } : { kind: "unreadable", why: shortly(output) };
}

function migrate(target: readonly string[]): boolean {
  say("Applying the migrations of the database DB");
  const isApplied = show(["d1", "migrations", "apply", "DB", "--remote", ...target]);
  return isApplied && readDatabase(target).kind === "current";
}

/** From where wrangler complains: before that it says what it is about to do. */
function shortly(output: string): string {
  const complaint = output.slice(Math.max(0, output.search(/\S+ \[ERROR\]/)));
  return complaint.trim().split("\n").slice(0, 3).join(" ").slice(0, 300);
}

function putCommand(name: string, env: string | null): string {
  return `npx wrangler secret put ${name}${env === null ? "" : ` --env ${env}`}`;
}

/** npm puts the project's own wrangler first on the PATH. */
function quietly(args: readonly string[]): Run {
  const { status, stdout, stderr, error } = spawnSync("wrangler", [...args], { encoding: "utf8", env: environment() });
  if (error !== undefined) fail([`wrangler cannot be started (${error.message}); run this by npm, after npm ci`]);
  return { isDone: status === 0, output: stripVTControlCharacters(status === 0 ? stdout : `${stdout}\n${stderr}`) };
}

function show(args: readonly string[]): boolean {
  return spawnSync("wrangler", [...args], { stdio: "inherit", env: environment() }).status === 0;
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, WRANGLER_SEND_METRICS: "false" };
}

function say(text: string): void {
  console.log(`== ${text}`);
}

function fail(lines: readonly string[]): never {
  console.error(lines.join("\n"));
  process.exit(1);
}

try {
  main();
} catch (error) {
  fail([error instanceof Error ? error.message : String(error), "", USAGE]);
}
