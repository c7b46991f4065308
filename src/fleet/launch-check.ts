// Whether a spec and a workload can be launched together, tried before anything is rented: every value filled in as a rent
// would, with the longest worker id that the fleet can have.

import { formatWorkerId } from "./label.ts";
import { type EnvValues, type LaunchProblem, renderEnv, renderStartScript } from "./start-script.ts";
import { type FleetSpec, NO_WEIGHTS } from "./spec.ts";
import { uploadIntervalProblem } from "./upload-interval.ts";
import type { Workload } from "./workload.ts";

/** Slots go no higher: a target is at most 1,000. */
const HIGHEST_SLOT = 999;
/** As long as an upload interval can be: a spec may ask for a year. */
const LONGEST_INTERVAL_SECONDS = 31_536_000;
const A_UUID = "00000000-0000-4000-8000-000000000000";
const A_TOKEN = "hf_token";

/** Why this fleet cannot launch this workload, by the field to change; `null` when it can. */
export function launchProblem(fleet: string, spec: FleetSpec, workload: Workload): LaunchProblem | null {
  if (workload.hub.readsWeights && spec.weightsName === NO_WEIGHTS) {
    const detail = `the workload ${workload.name} reads weights, and neither the request nor the preset ${spec.preset} names them`;
    return { field: "weightsName", detail };
  }
  const interval = workload.hub.writesExamples ? uploadIntervalProblem(spec.target, spec.uploadIntervalSeconds) : null;
  if (interval !== null)
    return { field: "uploadIntervalSeconds", detail: `${interval}; leave it out: the interval is computed` };
  const { gitRef, weightsRepo, weightsName, examplesRepo, workloadArguments } = spec;
  return renderProblem(workload, {
    gitRef,
    weightsRepo,
    weightsName,
    examplesRepo,
    workloadArguments,
    workerId: formatWorkerId(fleet, HIGHEST_SLOT),
    uploadIntervalSeconds: LONGEST_INTERVAL_SECONDS,
    ...SAMPLE_MARKS,
  });
}

/** Why no fleet at all could launch this workload: tried with short values, one for each parameter without a default. */
export function workloadProblem(workload: Workload): LaunchProblem | null {
  const defaulted = Object.fromEntries(
    Object.entries(workload.parameters).map(([name, parameter]) => [
      name,
      { ...parameter, default: parameter.default ?? "x", pattern: null },
    ]),
  );
  return renderProblem(
    { ...workload, parameters: defaulted },
    {
      gitRef: "main",
      weightsRepo: "owner/weights",
      weightsName: "weights",
      examplesRepo: "owner/examples",
      workloadArguments: {},
      workerId: formatWorkerId("fleet", 0),
      uploadIntervalSeconds: 240,
      ...SAMPLE_MARKS,
    },
  );
}

const SAMPLE_MARKS = { hubToken: A_TOKEN, keeperId: A_UUID, intentId: A_UUID };

function renderProblem(workload: Workload, values: EnvValues): LaunchProblem | null {
  const script = renderStartScript(workload, values);
  if (!script.ok) return script.error;
  const env = renderEnv(workload, values);
  return env.ok ? null : { field: `env.${env.error.field}`, detail: env.error.detail };
}
