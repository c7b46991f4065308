// What a process of this machine uses, as Linux counts it. A Worker cannot measure its own processor time: its clock
// stands still while it computes.

import { readFileSync } from "node:fs";

/** Linux counts a process's time in hundredths of a second (`USER_HZ`), on every architecture that matters here. */
const TICK_MS = 10;

export interface Usage {
  /** Of all its threads, since it began. */
  readonly cpuMs: number;
  readonly residentMb: number;
  /** The most that it has ever had. */
  readonly peakMb: number;
}

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // What follows the name, which may hold blanks: state is the first, user and system time the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    residentMb: megabytes("VmRSS"),
    peakMb: megabytes("VmHWM"),
  };
}

/** Of these processes the one with the most memory: beside it the development server's proxy is small. */
export function largestOf(pids: readonly number[]): number {
  const [largest] = pids.toSorted((a, b) => usageOf(b).residentMb - usageOf(a).residentMb);
  if (largest === undefined) throw new Error("no runtime is running");
  return largest;
}
