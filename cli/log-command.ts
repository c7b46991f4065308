// The log of one instance, once or as it grows.

import type { Command } from "commander";
import { step } from "./connection.ts";
import { type Context, contextOf } from "./context.ts";
import { usage } from "./failure.ts";
import { wholeNumber } from "./fleet-commands.ts";
import { patiently } from "./patience.ts";

/** The host uploads its log anew for each reading; more often is in nobody's interest. */
const FOLLOW_EVERY_MS = 10_000;
/** So many lines are read at each further look, so that none of those that have come since is missed. */
const FOLLOW_LINES = 2000;

interface LogFlags {
  readonly tail: number;
  readonly daemon?: true;
  readonly follow?: true;
}

export function addLogCommand(program: Command): void {
  program
    .command("logs")
    .description("the log of an instance (vastai logs ID); also of one that has ended")
    .argument("<id>", "its number, as status shows it", wholeNumber)
    .option("-n, --tail <lines>", "so many lines from the end", wholeNumber, 50)
    .option("--daemon", "the host's log instead: pull and start errors")
    .option("--follow", "print what comes, until Ctrl-C or its end")
    .action(async (id: number, flags: LogFlags, command: Command) => {
      const context = contextOf(command);
      if (flags.follow !== true) return context.print(await read(context, id, flags));
      if (context.isJson) throw usage("a followed log is lines, not JSON", "leave one of --follow and --json out");
      return follow(context, id, flags);
    });
}

async function read(context: Context, id: number, flags: LogFlags): Promise<string> {
  return context.keeper.read((doors) => doors.instances[":id"].logs.$get(ask(id, flags.tail, flags)));
}

function ask(id: number, tail: number, { daemon }: LogFlags) {
  const query = { tail: String(tail), ...(daemon === true ? ({ daemon: "true" } as const) : {}) };
  return { param: { id: step(id) }, query };
}

/** Until Ctrl-C, or until the instance has ended: what is left of its log then are its last lines. */
async function follow(context: Context, id: number, flags: LogFlags): Promise<void> {
  let known: readonly string[] = [];
  for (let tail = flags.tail; ; tail = Math.max(flags.tail, FOLLOW_LINES)) {
    const look = () => context.keeper.json((doors) => doors.instances[":id"].logs.$get(ask(id, tail, flags)));
    const { text, endedAt } = known.length === 0 ? await look() : await patiently(context, look);
    const lines = text.replace(/\n$/, "").split("\n");
    const fresh = newLines(known, lines);
    if (fresh.length > 0) context.print(fresh.join("\n"));
    known = lines;
    if (endedAt !== null) return context.tell(`instance ${id} ended at ${endedAt}`);
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_EVERY_MS));
  }
}

/**
 * What stands after the place in the new lines up to which they go on with the known ones, as far back as both reach; of several
 * such places the one with the most lines in common, then the last. All of them where nothing fits: the log has begun anew.
 */
export function newLines(known: readonly string[], lines: readonly string[]): readonly string[] {
  let [common, end] = [0, 0];
  for (let place = lines.length; place > 0; place--) {
    const length = Math.min(place, known.length);
    if (length <= common) break;
    if (known.slice(-length).every((line, index) => line === lines[place - length + index]))
      [common, end] = [length, place];
  }
  return lines.slice(end);
}
