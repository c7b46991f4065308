// What a fleet gives its workload's parameters: each declared one has a value, and nothing else does.

import { compilePattern } from "./pattern.ts";
import { err, ok, type Result } from "./result.ts";
import type { Workload } from "./workload.ts";

export interface ArgumentProblem {
  readonly field: string;
  readonly detail: string;
}

/** The value in force of every parameter: the fleet's, else the workload's default. */
export function argumentsOf(
  { name: workload, parameters }: Pick<Workload, "name" | "parameters">,
  given: Readonly<Record<string, string>>,
): Result<Readonly<Record<string, string>>, ArgumentProblem> {
  const declared = Object.keys(parameters);
  const unknown = Object.keys(given).find((name) => !declared.includes(name));
  if (unknown !== undefined) {
    const there = declared.length === 0 ? "it has none" : `there are ${declared.join(", ")}`;
    return err({ field: fieldOf(unknown), detail: `the workload ${workload} has no such parameter; ${there}` });
  }
  const values: Record<string, string> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
    if (value === null || value === undefined)
      return err({ field: fieldOf(name), detail: `the workload ${workload} needs it: ${parameter.words}` });
    if (parameter.pattern !== null && !compilePattern(parameter.pattern).test(value))
      return err({ field: fieldOf(name), detail: `must match ${parameter.pattern}: ${parameter.words}` });
    values[name] = value;
  }
  return ok(values);
}

function fieldOf(name: string): string {
  return `workloadArguments.${name}`;
}
