// The log of one instance, once or as it grows.

import type { Command } from "commander";
import { step } from "./connection.ts";
import { type Context, contextOf } from "./context.ts";
import { wholeNumber } from "./fleet-commands.ts";

/** The host uploads its log anew for each reading; more often is in nobody's interest. */
const FOLLOW_EVERY_MS = 10_000;

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
    .option("--follow", "print what comes, until Ctrl-C")
    .action(async (id: number, flags: LogFlags, command: Command) => {
      const context = contextOf(command);
      const first = await read(context, id, flags);
      context.print(first);
      if (flags.follow === true) await follow(context, id, flags, first);
    });
}

async function read(context: Context, id: number, { tail, daemon }: LogFlags): Promise<string> {
  const query = { tail: String(tail), ...(daemon === true ? ({ daemon: "true" } as const) : {}) };
  return context.keeper.read((doors) => doors.instances[":id"].logs.$get({ param: { id: step(id) }, query }));
}

async function follow(context: Context, id: number, flags: LogFlags, first: string): Promise<void> {
  let known = first.split("\n");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_EVERY_MS));
    const lines = (await read(context, id, flags)).split("\n");
    const fresh = newLines(known, lines);
    if (fresh.length > 0) context.print(fresh.join("\n"));
    known = lines;
  }
}

/** What stands after the longest end of the known lines that the new ones begin with; all of them where nothing fits. */
export function newLines(known: readonly string[], lines: readonly string[]): readonly string[] {
  for (let overlap = Math.min(known.length, lines.length); overlap > 0; overlap--) {
    const end = known.slice(-overlap);
    if (end.every((line, index) => line === lines[index])) return lines.slice(overlap);
  }
  return lines;
}
