// The folder that holds everything of a local run. It is marked as ours before anything is put in it, belongs to one
// market, and is used by one process at a time: two keepers on one state would rent twice.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

interface Mark {
  /** Address of the market, or "simulated". */
  readonly market: string;
  /** The process that uses the folder. */
  readonly pid: number;
}

const MARK = "fleetkeeper.json";

export function openState(folder: string, wish: { readonly isFresh: boolean; readonly market: string }): void {
  mkdirSync(folder, { recursive: true });
  const mark = readMark(folder);
  const isEmpty = readdirSync(folder).length === 0;
  if (mark === null && !isEmpty) {
    throw new Error(`--state ${folder} is not empty and not a state folder of Fleetkeeper: nothing in it is touched`);
  }
  if (mark !== null && isRunning(mark.pid)) {
    throw new Error(`--state ${folder} is in use by process ${mark.pid}: end it first, or use another folder`);
  }
  if (mark !== null && mark.market !== wish.market && !wish.isFresh) {
    throw new Error(`--state ${folder} belongs to the market ${mark.market}, not ${wish.market}: use another folder`);
  }
  endLeftovers(folder);
  if (wish.isFresh)
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  writeFileSync(join(folder, MARK), JSON.stringify({ market: wish.market, pid: process.pid } satisfies Mark));
}

/** Ends runtimes that still hold files of the folder: nobody uses it, so they have outlived a keeper that was killed. */
function endLeftovers(folder: string): void {
  if (process.platform !== "linux") return;
  const inside = `${realpathSync(folder)}/`;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const isRuntime = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("workerd");
      if (isRuntime && filesOf(pid).some((path) => path.startsWith(inside))) process.kill(Number(pid), "SIGKILL");
    } catch {
      // It ended meanwhile, or belongs to somebody else.
    }
  }
}

function filesOf(pid: string): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
}

function readMark(folder: string): Mark | null {
  const path = join(folder, MARK);
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Mark;
  } catch {
    // Cut short by a crash while it was written: the folder is ours all the same, and nobody runs on it.
    return { market: "unknown", pid: 0 };
  }
}

function isRunning(pid: number): boolean {
  if (pid === 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A number may have been given to another program since.
  const path = `/proc/${pid}/cmdline`;
  return !existsSync(path) || readFileSync(path, "utf8").includes("start.ts");
}
