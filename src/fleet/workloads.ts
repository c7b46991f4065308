// The workloads by name.

import { zeb } from "./zeb.ts";
import type { Workload } from "./workload.ts";

const workloads = { zeb } as const satisfies Readonly<Record<string, Workload>>;

export function workloadByName(name: keyof typeof workloads): Workload {
  return workloads[name];
}
