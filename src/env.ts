// Variables and secrets of the deployment, read once into one frozen `Config`. What is odd becomes a problem that names
// the variable; an odd value never turns into a default, and a value never shows in a problem.

import { type AccessTerms, readAccess } from "./access.ts";
import { type AlertFormat, alertFormats } from "./fleet/alert-formats.ts";
import { registerSecrets } from "./log.ts";
import { isLoopbackHost } from "./outbound.ts";
import { type NamedToken, readTokens } from "./tokens.ts";
import { secretsOfWebhookUrl, webhookUrlProblem } from "./webhook-url.ts";

/** A shorter secret that signs counts as unset, like a token (design §6). */
const SIGNING_LENGTH_MIN = 16;

const VAST_URL_DEFAULT = "https://console.vast.ai";
const HUB_URL_DEFAULT = "https://huggingface.co";
/** Where the runbook's learner logs (sample log 05). */
const WANDB_PROJECT_DEFAULT = "jasonyandell-forge42/zeb-mcts";

/** The Worker's bindings, as wrangler.toml and the secrets give them. */
export interface Env {
  readonly DB: D1Database;
  readonly FLEET_KEEPER: DurableObjectNamespace;
  readonly ACCOUNT_KEEPER: DurableObjectNamespace;
  /** How often one may ask; without one nothing is limited. */
  readonly LIMIT_LOGINS?: RateLimit;
  readonly LIMIT_WRITES?: RateLimit;
  readonly LIMIT_MARKET_READS?: RateLimit;
  readonly LIMIT_REFUSALS?: RateLimit;
  /** The static files of the build; left out where none were made. */
  readonly ASSETS?: Fetcher;
  readonly VAST_URL?: string;
  readonly HUB_URL?: string;
  readonly PUBLIC_URL?: string;
  readonly VAST_API_KEY?: string;
  readonly HF_TOKEN?: string;
  readonly ADMIN_TOKEN?: string;
  readonly VIEWER_TOKEN?: string;
  readonly ACCESS_TEAM_DOMAIN?: string;
  readonly ACCESS_AUD?: string;
  readonly ACCESS_ADMINS?: string;
  readonly ACCESS_VIEWERS?: string;
  readonly ALERT_WEBHOOK_URL?: string;
  readonly ALERT_WEBHOOK_FORMAT?: string;
  readonly ALERT_WEBHOOK_SECRET?: string;
  readonly VAST_WEBHOOK_SECRET?: string;
  readonly WANDB_API_KEY?: string;
  readonly WANDB_PROJECT?: string;
}

/** The text variables alone: all that a configuration is made of. */
export type EnvText = Omit<Env, "DB" | "FLEET_KEEPER" | "ACCOUNT_KEEPER" | "ASSETS" | `LIMIT_${string}`>;

export interface Config {
  /** Base address without a trailing slash; `null` only where the variable is set and unusable. */
  readonly vastUrl: string | null;
  readonly hubUrl: string | null;
  /** Where people reach this deployment; `null`: not told. */
  readonly publicUrl: string | null;
  readonly vastApiKey: string | null;
  readonly hfToken: string | null;
  /** Of ADMIN_TOKEN and VIEWER_TOKEN. Empty: none is set. */
  readonly tokens: readonly NamedToken[];
  /** `null`: Cloudflare Access is not a way in. */
  readonly access: AccessTerms | null;
  /** The whole address is a secret: with most services whoever knows it may post. */
  readonly alertWebhookUrl: string | null;
  /** `null`: the host of the address decides. */
  readonly alertWebhookFormat: AlertFormat | null;
  /** Signs what is sent in the generic format; `null`: nothing is signed. */
  readonly alertWebhookSecret: string | null;
  /** Vast signs its notifications with it; `null`: none is taken. */
  readonly vastWebhookSecret: string | null;
  /** Reads the learners' runs; `null`: the daily report has their links alone. */
  readonly wandbApiKey: string | null;
  /** "entity/project"; `null` only where the variable is set and unusable. */
  readonly wandbProject: string | null;
  /** One sentence per odd variable, naming it. Empty: nothing odd (unset is not odd). */
  readonly problems: readonly string[];
}

const configs = new WeakMap<object, Config>();

/** The configuration of this env, parsed on first use. Also registers every secret with the mask of `log.ts`. */
export function readConfig(env: EnvText): Config {
  const known = configs.get(env);
  if (known) return known;
  const config = parseConfig(env);
  configs.set(env, config);
  return config;
}

function parseConfig(env: EnvText): Config {
  const problems: string[] = [];
  registerSecrets([
    env.VAST_API_KEY,
    env.HF_TOKEN,
    env.ADMIN_TOKEN,
    env.VIEWER_TOKEN,
    env.ALERT_WEBHOOK_URL,
    env.ALERT_WEBHOOK_SECRET,
    env.VAST_WEBHOOK_SECRET,
    env.WANDB_API_KEY,
  ]);
  const tokens = readTokens(
    {
      admin: givenText("ADMIN_TOKEN", env.ADMIN_TOKEN, problems),
      viewer: givenText("VIEWER_TOKEN", env.VIEWER_TOKEN, problems),
    },
    problems,
  );
  const access = readAccess(
    {
      team: givenText("ACCESS_TEAM_DOMAIN", env.ACCESS_TEAM_DOMAIN, problems),
      audience: givenText("ACCESS_AUD", env.ACCESS_AUD, problems),
      admins: givenText("ACCESS_ADMINS", env.ACCESS_ADMINS, problems),
      viewers: givenText("ACCESS_VIEWERS", env.ACCESS_VIEWERS, problems),
    },
    problems,
  );
  const config: Config = {
    vastUrl: baseUrl("VAST_URL", env.VAST_URL, problems, VAST_URL_DEFAULT),
    hubUrl: baseUrl("HUB_URL", env.HUB_URL, problems, HUB_URL_DEFAULT),
    publicUrl: baseUrl("PUBLIC_URL", env.PUBLIC_URL, problems, null),
    vastApiKey: secret("VAST_API_KEY", env.VAST_API_KEY, problems),
    hfToken: secret("HF_TOKEN", env.HF_TOKEN, problems),
    tokens: Object.freeze(tokens),
    access,
    alertWebhookUrl: webhookUrl("ALERT_WEBHOOK_URL", env.ALERT_WEBHOOK_URL, problems),
    alertWebhookFormat: webhookFormat("ALERT_WEBHOOK_FORMAT", env.ALERT_WEBHOOK_FORMAT, problems),
    alertWebhookSecret: signingSecret("ALERT_WEBHOOK_SECRET", env.ALERT_WEBHOOK_SECRET, problems),
    vastWebhookSecret: signingSecret("VAST_WEBHOOK_SECRET", env.VAST_WEBHOOK_SECRET, problems),
    wandbApiKey: secret("WANDB_API_KEY", env.WANDB_API_KEY, problems),
    wandbProject: projectName("WANDB_PROJECT", env.WANDB_PROJECT, problems),
    problems: Object.freeze(problems),
  };
  registerSecrets([
    config.vastApiKey,
    config.hfToken,
    config.wandbApiKey,
    config.alertWebhookSecret,
    config.vastWebhookSecret,
    ...tokens.map(({ token }) => token),
    ...(config.alertWebhookUrl === null ? [] : secretsOfWebhookUrl(config.alertWebhookUrl)),
  ]);
  return Object.freeze(config);
}

/** A pasted newline is trimmed; anything else that cannot stand in a header makes the value unusable. */
function secret(name: string, value: unknown, problems: string[]): string | null {
  const text = givenText(name, value, problems);
  if (text === null) return null;
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  problems.push(`${name} contains spaces or characters that no header can carry and counts as unset`);
  return null;
}

function signingSecret(name: string, value: unknown, problems: string[]): string | null {
  const text = secret(name, value, problems);
  if (text === null || text.length >= SIGNING_LENGTH_MIN) return text;
  problems.push(`${name} is shorter than ${SIGNING_LENGTH_MIN} characters and counts as unset`);
  return null;
}

function projectName(name: string, value: unknown, problems: string[]): string | null {
  const text = givenText(name, value, problems) ?? WANDB_PROJECT_DEFAULT;
  if (/^[\w.-]{1,64}\/[\w.-]{1,128}$/.test(text)) return text;
  problems.push(`${name} must be entity/project, as in the address of a run`);
  return null;
}

function baseUrl(name: string, value: unknown, problems: string[], whenUnset: string | null): string | null {
  const text = givenText(name, value, problems);
  if (text === null) return typeof value === "string" || value === undefined || value === null ? whenUnset : null;
  const url = safeUrl(name, text, problems);
  if (url === null) return null;
  if (url.search !== "" || url.hash !== "") {
    problems.push(`${name} may not have a query or a fragment`);
    return null;
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function webhookUrl(name: string, value: unknown, problems: string[]): string | null {
  const text = givenText(name, value, problems);
  if (text === null) return null;
  const problem = webhookUrlProblem(text);
  if (problem === null) return new URL(text).href;
  problems.push(`${name} ${problem}`);
  return null;
}

function webhookFormat(name: string, value: unknown, problems: string[]): AlertFormat | null {
  const text = givenText(name, value, problems);
  if (text === null) return null;
  const format = alertFormats.find((known) => known === text.toLowerCase());
  if (format === undefined)
    problems.push(`${name} must be one of ${alertFormats.join(", ")}; the host decides instead`);
  return format ?? null;
}

function safeUrl(name: string, text: string, problems: string[]): URL | null {
  const problem = urlProblem(text);
  if (problem === null) return new URL(text);
  problems.push(`${name} ${problem}`);
  return null;
}

function urlProblem(text: string): string | null {
  if (!URL.canParse(text)) return "is not a URL";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "may not carry credentials";
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.hostname))) return null;
  return "must be https; http is for this machine alone (127.0.0.1, localhost, [::1])";
}

/** The trimmed text, or `null` for a variable that is unset or empty. */
function givenText(name: string, value: unknown, problems: string[]): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value.trim() === "" ? null : value.trim();
  problems.push(`${name} is not text`);
  return null;
}
