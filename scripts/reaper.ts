// A runtime that outlives us would go on keeping the fleet and hold the database locked. A Node process that is killed
// cannot clean up, so a shell waits on a pipe from us: when we are gone, however we went, it ends our children.

import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Guards the children that this process has now. */
export function endChildrenWithUs(): void {
  const children = childrenOf(process.pid);
  if (children.length === 0) return;
  const script = 'cat > /dev/null; kill -9 "$@" 2> /dev/null';
  const shell = spawn("sh", ["-c", script, "sh", ...children.map(String)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  shell.on("error", (error) =>
    console.error(`no guard over the runtime (${error.message}): end it by hand if this process is killed`),
  );
  shell.unref();
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
