// A runtime that outlives us would go on keeping the fleet, on the same state, beside the next one. A Node process that is
// killed cannot clean up, so a shell reads the ids of our children from a pipe: when the pipe ends, because we are gone,
// however we went, it ends them.

import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** The runtimes start one after the other, and a new one replaces one that failed. */
const LOOK_EVERY_MS = 100;

/** Guards the children that this process has and those that it will have. */
export function endChildrenWithUs(): void {
  const script = 'pids=""; while read -r pid; do pids="$pids $pid"; done; [ -z "$pids" ] || kill -9 $pids 2> /dev/null';
  const shell = spawn("sh", ["-c", script], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  shell.on("error", (error) =>
    console.error(`no guard over the runtime (${error.message}): end it by hand if this process is killed`),
  );
  shell.stdin.on("error", () => undefined);
  shell.unref();
  const known = new Set([shell.pid]);
  const look = (): void => {
    for (const pid of childrenOf(process.pid).filter((child) => !known.has(child))) {
      known.add(pid);
      shell.stdin.write(`${pid}\n`);
    }
  };
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
}

function childrenOf(parent: number): readonly number[] {
  return parentsByPid().flatMap(({ pid, parentPid }) => (parentPid === parent ? [pid] : []));
}

function parentsByPid(): readonly { pid: number; parentPid: number }[] {
  if (process.platform !== "linux") return parentsFromPs();
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // pid (name) state parent …; the name may hold blanks and brackets.
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      return [{ pid: Number(name), parentPid: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) }];
    } catch {
      // The process ended while the list was read.
      return [];
    }
  });
}

function parentsFromPs(): readonly { pid: number; parentPid: number }[] {
  const lines = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).stdout?.split("\n") ?? [];
  return lines.map((line) => {
    const [pid = 0, parentPid = 0] = line.trim().split(/\s+/).map(Number);
    return { pid, parentPid };
  });
}
