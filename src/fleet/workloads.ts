// The workloads that come with the code. People's own are records in D1, and each fleet keeps the one it uses.

import type { Workload } from "./workload.ts";
import { zeb } from "./zeb.ts";
import { zebEvalAux } from "./zeb-evalaux.ts";

export const builtInWorkloads: readonly Workload[] = [zeb, zebEvalAux];

/** `null`: no workload of this name comes with the code. */
export function builtInWorkload(name: string): Workload | null {
  return builtInWorkloads.find((workload) => workload.name === name) ?? null;
}
