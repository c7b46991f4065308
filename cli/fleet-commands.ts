// Commands that steer one fleet. Each is one call of a door; the keeper decides.

import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { InferRequestType } from "hono/client";
import type { PresetName } from "../src/fleet/preset.ts";
import { type Call, type Doors, step } from "./connection.ts";
import { contextOf } from "./context.ts";
import { usage } from "./failure.ts";
import { waitUntilUp } from "./progress.ts";
import { specFromEnvironment } from "./settings.ts";

type FleetPut = InferRequestType<Doors["fleets"][":fleet"]["$put"]>["json"];

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
        // A preset that there is not is the keeper's to refuse.
        ...(flags.preset === undefined ? {} : { preset: flags.preset as PresetName }),
      };
      const param = { fleet: step(fleet) };
      context.print(
        await context.keeper.read((doors) => doors.fleets[":fleet"].up.$post({ param, query: {}, json: body })),
      );
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
      const ask = { param: { fleet: step(fleet) }, query: {}, json: { count } };
      context.print(await context.keeper.read((doors) => doors.fleets[":fleet"].replenish.$post(ask)));
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
      // The file is a person's; the keeper says what is wrong with it, by field.
      const spec = (await readJson(file)) as unknown as FleetPut;
      const ask = {
        param: { fleet: step(context.fleet(flags.fleet)) },
        query: flags.dryRun === true ? ({ dryRun: "true" } as const) : {},
        json: flags.rollOut === true ? { ...spec, rollOut: true } : spec,
      };
      context.print(await context.keeper.read((doors) => doors.fleets[":fleet"].$put(ask)));
    });

  program
    .command("scale")
    .description("another target; up to it or down to it")
    .argument("<target>", "how many workers; to end a fleet use down", wholeNumber)
    .option(...FLEET)
    .action(async (target: number, flags: FleetFlag, command: Command) => {
      if (target === 0) throw usage("a target of 0 ends the fleet", "fleet down");
      const context = contextOf(command);
      const ask = { param: { fleet: step(context.fleet(flags.fleet)) }, query: {}, json: { target } };
      context.print(await context.keeper.read((doors) => doors.fleets[":fleet"].$patch(ask)));
    });

  one(program, "plan", "what a CHECK would do now; nothing is done", (doors, ask) =>
    doors.check.$post({ ...ask, query: { dryRun: "true" } }),
  );
  one(program, "check", "one CHECK now", (doors, ask) => doors.check.$post(ask));
  one(program, "pause", "stop keeping it; the workers go on (Ctrl-C on the monitor)", (doors, ask) =>
    doors.pause.$post(ask),
  );
  one(program, "resume", "keep it again", (doors, ask) => doors.resume.$post(ask));
  one(program, "close-breaker", "what failed on all machines alike is mended", (doors, ask) =>
    doors.breaker.close.$post(ask),
  );

  program
    .command("replace")
    .description("destroy one worker and rent another in its place")
    .argument("<slot>", "its slot", wholeNumber)
    .option(...FLEET)
    .action(async (slot: number, flags: FleetFlag, command: Command) => {
      const context = contextOf(command);
      const ask = { param: worker(context.fleet(flags.fleet), slot), query: {}, json: {} };
      context.print(await context.keeper.read((doors) => doors.fleets[":fleet"].workers[":slot"].replace.$post(ask)));
    });

  program
    .command("ssh")
    .description("how to log in to a worker, and what to look at there")
    .argument("<slot>", "its slot", wholeNumber)
    .option(...FLEET)
    .action(async (slot: number, flags: FleetFlag, command: Command) => {
      const context = contextOf(command);
      const ask = { param: worker(context.fleet(flags.fleet), slot), query: {} };
      context.print(await context.keeper.read((doors) => doors.fleets[":fleet"].workers[":slot"].ssh.$get(ask)));
    });

  program
    .command("delete")
    .description("forget a fleet that is down and proven empty")
    .argument("<fleet>", "its name")
    .action(async (fleet: string, _flags: object, command: Command) => {
      const context = contextOf(command);
      const ask = { param: { fleet: step(fleet) }, query: {} };
      context.print(await context.keeper.read((doors) => doors.fleets[":fleet"].$delete(ask)));
    });
}

interface UpFlags {
  readonly preset?: string;
  readonly wait: boolean;
}

function worker(fleet: string, slot: number): { fleet: string; slot: string } {
  return { fleet: step(fleet), slot: step(slot) };
}

interface PlainAsk {
  readonly param: { readonly fleet: string };
  readonly query: Record<never, never>;
  readonly json: Record<string, never>;
}

function one(
  program: Command,
  name: string,
  words: string,
  order: (doors: Doors["fleets"][":fleet"], ask: PlainAsk) => ReturnType<Call>,
): void {
  program
    .command(name)
    .description(words)
    .option(...FLEET)
    .action(async (flags: FleetFlag, command: Command) => {
      const context = contextOf(command);
      const ask = { param: { fleet: step(context.fleet(flags.fleet)) }, query: {}, json: {} };
      context.print(await context.keeper.read((doors) => order(doors.fleets[":fleet"], ask)));
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
