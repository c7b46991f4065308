// Workloads for terminals: one line each, or one with its start script as it stands.

import { type Column, tableLines, textOf } from "./table.ts";
import type { WorkloadDocument, WorkloadPutAnswer } from "./workloads.ts";

const columns: readonly Column[] = [
  { head: "Workload", width: 16 },
  { head: "By", width: 8 },
  { head: "Since", width: 5 },
  { head: "Disk GB", width: 7, align: "right" },
  { head: "Weights", width: 7 },
  { head: "Examples", width: 8 },
  { head: "Image", width: 5 },
];

export function formatWorkloads(workloads: readonly WorkloadDocument[], notes: readonly string[]): string {
  const rows = workloads.map(({ name, isBuiltIn, updatedAt, updatedBy, workload }) => [
    name,
    isBuiltIn ? "built in" : (updatedBy ?? "-"),
    updatedAt ?? "-",
    String(workload.diskGb),
    workload.hub.readsWeights ? "reads" : "none",
    workload.hub.writesExamples ? "writes" : "none",
    workload.image,
  ]);
  return textOf([...tableLines(columns, rows), ...notes]);
}

export function formatWorkload({ name, isBuiltIn, updatedAt, updatedBy, workload }: WorkloadDocument): string {
  const parameters = Object.entries(workload.parameters).map(
    ([parameter, { words, default: usual }]) => `  ${parameter} = ${usual ?? "(to be given)"}: ${words}`,
  );
  const env = Object.entries(workload.env).map(
    ([variable, source]) => `  ${variable} = ${typeof source === "string" ? `{{${source}}}` : source.text}`,
  );
  return textOf([
    `${name}: ${isBuiltIn ? "built in" : `put by ${updatedBy} at ${updatedAt}`}`,
    `image ${workload.image}, disk ${workload.diskGb} GB, ${workload.runtype}`,
    "parameters:",
    ...parameters,
    "environment:",
    ...env,
    `arguments: ${workload.workerArguments.join(" ")}`,
    `progress: ${workload.log.progress}`,
    "start script:",
    ...workload.startScript.split("\n").map((line) => `  ${line}`),
  ]);
}

export function formatWorkloadPut({ workload, fleets, notes }: WorkloadPutAnswer): string {
  const users = fleets.flatMap(({ fleet, mismatched }) => [
    `fleet ${fleet} uses it`,
    ...mismatched.map(({ slot, instanceId, why }) => `  worker ${slot} (${instanceId}) stays: ${why}`),
  ]);
  return textOf([`${workload.name}: ${workload.image}`, ...users, ...notes]);
}
