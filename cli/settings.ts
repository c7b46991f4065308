// Where the keeper is, which fleet is meant, and what the old scripts' variables say (runbook §9 and §10).

import type { InferRequestType } from "hono/client";
import type { Doors } from "./connection.ts";
import { usage } from "./failure.ts";

export interface Settings {
  readonly url: string;
  readonly token: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A flag beats the environment. Neither: an error that names both. */
export function readSettings(flags: { url?: string; token?: string }, env: Environment): Settings {
  const url = flags.url ?? given(env, "FLEETKEEPER_URL");
  const token = flags.token ?? given(env, "FLEETKEEPER_TOKEN");
  if (url === undefined) throw usage("no keeper is named", "set FLEETKEEPER_URL, or give --url https://…");
  if (!/^https?:\/\/[^/\s]+/.test(url)) throw usage(`${url} is not an address`, "it begins with https:// or http://");
  if (token === undefined) throw usage("no token is given", "set FLEETKEEPER_TOKEN, or give --token …");
  return { url: url.replace(/\/+$/, ""), token };
}

/** The runbook's default label prefix. */
export function fleetOf(flag: string | undefined, env: Environment): string {
  return flag ?? given(env, "ZEB_FLEET") ?? "zeb";
}

/** What the door of `up` takes of them. */
type LaunchFields = Omit<InferRequestType<Doors["fleets"][":fleet"]["up"]["$post"]>["json"], "count">;

/** Spec fields that the scripts took from the environment; empty where none is set. */
export function specFromEnvironment(env: Environment): LaunchFields {
  const cap = given(env, "ZEB_MAX_DPH");
  const usd = Number(cap);
  if (cap !== undefined && !(usd > 0)) throw usage(`ZEB_MAX_DPH is ${cap}`, "it is a price in dollars an hour");
  const gpus = given(env, "ZEB_GPUS")?.trim().split(/\s+/);
  const fields = {
    weightsName: given(env, "ZEB_WEIGHTS_NAME"),
    weightsRepo: given(env, "ZEB_REPO_ID"),
    examplesRepo: given(env, "ZEB_EXAMPLES_REPO_ID"),
    maxPriceUsdPerHour: cap === undefined ? undefined : usd,
    gpus,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as LaunchFields;
}

/** Set to nothing is not set. */
function given(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === "" ? undefined : value;
}
