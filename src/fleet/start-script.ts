// What a rented box is started with: its start script, its environment, and the fingerprint of both
// (fleet behaviour reference §3.1 to §3.3). Nothing is sent from here.

import { err, ok, type Result } from "./result.ts";
import type { FleetSpec } from "./spec.ts";
import { stableHash } from "./stable-hash.ts";
import {
  argumentProblem,
  fillScript,
  parameterValueName,
  type ScriptValueName,
  scriptProblem,
  scriptValueNames,
  type TemplateValues,
} from "./template.ts";
import { HUB_TOKEN, INTENT_ENV, KEEPER_ENV, type Workload } from "./workload.ts";
import { argumentsOf } from "./workload-arguments.ts";

/** Limits of the market on one create call, in characters (market reference §3). */
const START_SCRIPT_LIMIT = 4096;
const ENV_VALUE_LIMIT = 256;
const ENV_LIMIT = 32_768;

/** What a start script is filled in with. */
export interface LaunchValues extends Pick<
  FleetSpec,
  "gitRef" | "weightsRepo" | "weightsName" | "examplesRepo" | "workloadArguments"
> {
  /** From `formatWorkerId`: fleet and slot. */
  readonly workerId: string;
  readonly uploadIntervalSeconds: number;
}

/** What the environment of a box carries besides. */
export interface EnvValues extends LaunchValues {
  readonly hubToken: string;
  /** FLEETKEEPER_ID: this deployment. */
  readonly keeperId: string;
  /** FLEETKEEPER_INTENT: the rent that makes the box. */
  readonly intentId: string;
}

/** Why nothing can be launched; `detail` never holds a value, so never a secret. */
export interface LaunchProblem {
  readonly field: string;
  readonly detail: string;
}

/** The start script of one box, without any secret. */
export function renderStartScript(workload: Workload, values: LaunchValues): Result<string, LaunchProblem> {
  const parameters = Object.keys(workload.parameters);
  const template = scriptProblem(workload.startScript, parameters);
  if (template !== null) return err({ field: "startScript", detail: template });
  const argument = workload.workerArguments
    .map((each) => argumentProblem(each, parameters))
    .find((problem) => problem !== null);
  if (argument !== undefined) return err({ field: "workerArguments", detail: argument });

  const filled = templateValues(workload, values);
  if (!filled.ok) return filled;
  const texts = filled.value;
  const odd = scriptValueNames.find((name) => hasControlCharacter(texts[name] ?? ""));
  if (odd !== undefined) return err({ field: odd, detail: "has a control character" });

  const script = fillScript(workload.startScript, workload.workerArguments, texts);
  if (script.length <= START_SCRIPT_LIMIT) return ok(script);
  return err({
    field: "startScript",
    detail: `${script.length} characters when filled in; the market takes ${START_SCRIPT_LIMIT}`,
  });
}

/** The environment of one box. Holds the Hub token: to be sent to the market and nowhere else. */
export function renderEnv(
  workload: Workload,
  values: EnvValues,
): Result<Readonly<Record<string, string>>, LaunchProblem> {
  const filled = templateValues(workload, values);
  if (!filled.ok) return filled;
  const texts: TemplateValues = { ...filled.value, [HUB_TOKEN]: values.hubToken };
  const env: Record<string, string> = {};
  for (const [name, source] of Object.entries(workload.env)) {
    const value = typeof source === "string" ? texts[source] : source.text;
    if (value === undefined) return err({ field: name, detail: `${JSON.stringify(source)} is not a value` });
    env[name] = value;
  }
  env[KEEPER_ENV] = values.keeperId;
  env[INTENT_ENV] = values.intentId;

  for (const [name, value] of Object.entries(env)) {
    const detail = envProblem(value);
    if (detail !== null) return err({ field: name, detail });
  }
  const total = Object.entries(env).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return total <= ENV_LIMIT
    ? ok(env)
    : err({ field: "env", detail: `${total} characters in all; the market takes ${ENV_LIMIT}` });
}

/**
 * Which software a box runs, as one stable text: image, code, weights, start (design §3). A box that has produced
 * proves it for all boxes with the same fingerprint. Two equal branch names may be two commits: the commit is known
 * only once a box prints it.
 */
export function fingerprintOf(
  spec: Pick<FleetSpec, "gitRef" | "weightsRepo" | "weightsName" | "workloadArguments">,
  workload: Workload,
): string {
  const weights = workload.hub.readsWeights ? `${spec.weightsRepo}/${spec.weightsName}` : "no-weights";
  const start = stableHash(
    JSON.stringify([
      workload.startScript,
      workload.workerArguments,
      byName(workload.env),
      ...argumentsInForce(spec, workload),
    ]),
  );
  return [workload.image, spec.gitRef, weights, start].join(" ");
}

/** One entry with every parameter's value in force; none for a workload without parameters. */
function argumentsInForce(spec: Pick<FleetSpec, "workloadArguments">, { parameters }: Workload): readonly unknown[] {
  const inForce = byName(parameters).map(([name, parameter]) => [
    name,
    Object.hasOwn(spec.workloadArguments, name) ? spec.workloadArguments[name] : parameter.default,
  ]);
  return inForce.length === 0 ? [] : [inForce];
}

function byName<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(record).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function templateValues(workload: Workload, values: LaunchValues): Result<TemplateValues, LaunchProblem> {
  const given = argumentsOf(workload, values.workloadArguments);
  if (!given.ok) return given;
  const own = Object.entries(given.value).map(([name, value]) => [parameterValueName(name), value]);
  return ok({ ...scriptTexts(values), ...Object.fromEntries(own) });
}

function scriptTexts(values: LaunchValues): Record<ScriptValueName, string> {
  const { gitRef, weightsRepo, weightsName, examplesRepo, workerId, uploadIntervalSeconds } = values;
  return {
    gitRef,
    weightsRepo,
    weightsName,
    examplesRepo,
    workerId,
    uploadIntervalSeconds: String(uploadIntervalSeconds),
  };
}

function envProblem(value: string): string | null {
  if (value === "") return "is empty";
  if (value.length > ENV_VALUE_LIMIT) return `has ${value.length} characters; the market takes ${ENV_VALUE_LIMIT}`;
  return hasControlCharacter(value) ? "has a control character" : null;
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
