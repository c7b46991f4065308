// How to get into a box, or why one cannot, and what to look at there (runbook §3, "What problems look like", and §4).

import type { WorkerMemory } from "./memory.ts";
import { badStatusOf } from "./status.ts";

interface SshCheck {
  readonly command: string;
  /** What it answers. */
  readonly asks: string;
}

export interface SshAdvice {
  /** `ssh -p PORT root@HOST`; `null`: there is no way in now. */
  readonly command: string | null;
  /** Why there is none, and what to do; `null` where there is a command. */
  readonly why: string | null;
  /** Where its log stands, in words; `null`: not measured. */
  readonly milestone: string | null;
  readonly checks: readonly SshCheck[];
}

/** What is known of a box's reach; the log is known of a fleet's worker only. */
export interface Reach {
  readonly status: string | null;
  readonly ssh: string | null;
  /** `null`: not a worker of a fleet, or its log has not been measured. */
  readonly log: Pick<WorkerMemory, "milestone" | "progress"> | null;
}

/** Runbook §3, "No logs at all". */
const blankLog: readonly SshCheck[] = [
  { command: "cat /proc/1/cmdline | tr '\\0' ' '", asks: "what's the main process?" },
  { command: "nvidia-smi", asks: "GPU working?" },
];

/** Runbook §3, "Logs stop after …". */
const stoppedInSetup: readonly SshCheck[] = [
  { command: "ls /root/code/", asks: "did clone work?" },
  { command: "pip list | grep hugging", asks: "did install work?" },
];

/** Runbook §4. */
const general: readonly SshCheck[] = [
  { command: "nvidia-smi", asks: "GPU status and memory usage" },
  { command: "ps aux | grep worker", asks: "is the worker process alive?" },
  { command: "df -h", asks: "disk space" },
  { command: 'pip list | grep -E "torch|hugging"', asks: "installed packages" },
  { command: "cat /etc/os-release", asks: "what OS" },
];

/** After these a clone or an install is what failed (runbook §3). */
const SETUP_MILESTONES: ReadonlySet<string> = new Set(["git installed", "repo cloned"]);

export function sshAdvice({ status, ssh, log }: Reach): SshAdvice {
  const why = whyNone(status, ssh);
  return {
    command: why === null ? ssh : null,
    why,
    milestone:
      log === null ? null : (log.milestone ?? (log.progress === null ? "no known line in the log" : "produces")),
    checks: checksFor(log),
  };
}

function whyNone(status: string | null, ssh: string | null): string | null {
  if (status === null || status === "loading" || status === "created" || status === "rebooting")
    return `it is still ${status ?? "being provisioned"}: a connection would be refused; wait for running`;
  if (badStatusOf({ actualStatus: status, currentState: null, intendedStatus: null }) !== null)
    return `its status is ${status}: nothing runs there to log in to`;
  return ssh === null ? "no SSH port of it is mapped" : null;
}

function checksFor(log: Reach["log"]): readonly SshCheck[] {
  if (log === null || log.progress !== null) return general;
  const first = log.milestone === null ? blankLog : SETUP_MILESTONES.has(log.milestone) ? stoppedInSetup : [];
  const commands = new Set(first.map(({ command }) => command));
  return [...first, ...general.filter(({ command }) => !commands.has(command))];
}

/** The lines for a terminal: the command alone first, so that it can be copied. */
export function sshLines({ command, why, milestone, checks }: SshAdvice): readonly string[] {
  const head = command ?? `no SSH: ${why ?? "not known"}`;
  const width = Math.max(...checks.map((check) => check.command.length));
  return [
    head,
    ...(milestone === null ? [] : [`log: ${milestone}`]),
    "once inside:",
    ...checks.map((check) => `  ${check.command.padEnd(width)}  # ${check.asks}`),
  ];
}
