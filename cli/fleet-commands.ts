// Commands that steer one fleet. Each is one call of a door; the keeper decides.

import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { contextOf } from "./context.ts";
import { usage } from "./failure.ts";
import { waitUntilUp } from "./progress.ts";
import { specFromEnvironment } from "./settings.ts";

interface FleetFlag {
  readonly fleet?: string;
}

const FLEET = ["-f, --fleet <name>", "the fleet (ZEB_FLEET, else zeb)"] as const;

export function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

export function addFleetCommands(program: Command): void {
  program
    .command("up")
    .description("launch workers (vast_up.sh): a new or down fleet gets N, another one N more")
    .argument("<count>", "how many workers", wholeNumber)
    .argument("[gpu]", "this GPU type only: RTX_3090")
    .option(...FLEET)
    .option("-p, --preset <name>", "settings of a launcher: zeb, zeb-large, zeb-belief …")
    .option("--no-wait", "do not stay until all produce")
    .action(async (count: number, gpu: string | undefined, flags: FleetFlag & UpFlags, command: Command) => {
      const context = contextOf(command);
      const fleet = context.fleet(flags.fleet);
      // The scripts read these at every launch.
      const body = {
        ...specFromEnvironment(process.env),
        count,
        ...(gpu === undefined ? {} : { gpu }),
        ...(flags.preset === undefined ? {} : { preset: flags.preset }),
      };
      context.print(await context.keeper.read("POST", `/api/fleets/${fleet}/up`, { body }));
      if (flags.wait && context.isTerminal) await waitUntilUp(context, fleet);
    });

  program
    .command("replenish")
    .description("at least N workers (vast_replenish.sh)")
    .argument("<count>", "how many", wholeNumber)
    .argument("[fleet]", "the fleet (ZEB_FLEET, else zeb)")
    .option("--no-wait", "do not stay until all produce")
    .action(async (count: number, name: string | undefined, flags: UpFlags, command: Command) => {
      const context = contextOf(command);
      const fleet = context.fleet(name);
      context.print(await context.keeper.read("POST", `/api/fleets/${fleet}/replenish`, { body: { count } }));
      if (flags.wait && context.isTerminal) await waitUntilUp(context, fleet);
    });

  program
    .command("apply")
    .description("the whole spec of a fleet from a JSON file (- reads standard input)")
    .argument("<file>", "what PUT /api/fleets/{fleet} takes")
    .option(...FLEET)
    .option("--dry-run", "validate, check the way ahead and show the plan; store nothing")
    .option("--roll-out", "replace workers that no longer match, a batch at a time")
    .action(async (file: string, flags: FleetFlag & { dryRun?: true; rollOut?: true }, command: Command) => {
      const context = contextOf(command);
      const body = { ...(await readJson(file)), ...(flags.rollOut === true ? { rollOut: true } : {}) };
      const query = { dryRun: flags.dryRun };
      context.print(await context.keeper.read("PUT", `/api/fleets/${context.fleet(flags.fleet)}`, { query, body }));
    });

  program
    .command("scale")
    .description("another target; up to it or down to it")
    .argument("<target>", "how many workers; to end a fleet use down", wholeNumber)
    .option(...FLEET)
    .action(async (target: number, flags: FleetFlag, command: Command) => {
      if (target === 0) throw usage("a target of 0 ends the fleet", "fleet down");
      const context = contextOf(command);
      const path = `/api/fleets/${context.fleet(flags.fleet)}`;
      context.print(await context.keeper.read("PATCH", path, { body: { target } }));
    });

  one(program, "plan", "what a CHECK would do now; nothing is done", "check", { dryRun: true });
  one(program, "check", "one CHECK now", "check");
  one(program, "pause", "stop keeping it; the workers go on (Ctrl-C on the monitor)", "pause");
  one(program, "resume", "keep it again", "resume");
  one(program, "close-breaker", "what failed on all machines alike is mended", "breaker/close");

  program
    .command("replace")
    .description("destroy one worker and rent another in its place")
    .argument("<slot>", "its slot", wholeNumber)
    .option(...FLEET)
    .action(async (slot: number, flags: FleetFlag, command: Command) => {
      const context = contextOf(command);
      const path = `/api/fleets/${context.fleet(flags.fleet)}/workers/${slot}/replace`;
      context.print(await context.keeper.read("POST", path, { body: {} }));
    });

  program
    .command("ssh")
    .description("how to log in to a worker, and what to look at there")
    .argument("<slot>", "its slot", wholeNumber)
    .option(...FLEET)
    .action(async (slot: number, flags: FleetFlag, command: Command) => {
      const context = contextOf(command);
      const path = `/api/fleets/${context.fleet(flags.fleet)}/workers/${slot}/ssh`;
      context.print(await context.keeper.read("GET", path));
    });

  program
    .command("delete")
    .description("forget a fleet that is down and proven empty")
    .argument("<fleet>", "its name")
    .action(async (fleet: string, _flags: object, command: Command) => {
      const context = contextOf(command);
      context.print(await context.keeper.read("DELETE", `/api/fleets/${fleet}`));
    });
}

interface UpFlags {
  readonly preset?: string;
  readonly wait: boolean;
}

function one(program: Command, name: string, words: string, door: string, query: { dryRun?: boolean } = {}): void {
  program
    .command(name)
    .description(words)
    .option(...FLEET)
    .action(async (flags: FleetFlag, command: Command) => {
      const context = contextOf(command);
      const path = `/api/fleets/${context.fleet(flags.fleet)}/${door}`;
      context.print(await context.keeper.read("POST", path, { query, body: {} }));
    });
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file === "-" ? "/dev/stdin" : file, "utf8").catch((error: unknown) => {
    throw usage(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, like a list or a number.
  }
  throw usage(`${file} is not a JSON object`);
}
