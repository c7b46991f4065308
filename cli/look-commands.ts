// Commands that only look. What they print is the keeper's own table.

import type { Command } from "commander";
import type { InferRequestType } from "hono/client";
import { type Call, type Doors, step } from "./connection.ts";
import { type Context, contextOf } from "./context.ts";
import { wholeNumber } from "./fleet-commands.ts";
import { patiently } from "./patience.ts";

const CLEAR = "\u001b[H\u001b[2J";

export function addLookCommands(program: Command): void {
  program
    .command("status")
    .description("the table of all workers (vast_status.sh)")
    .argument("[prefix]", "fleets named so, or so-…; none: all")
    .action(async (prefix: string | undefined, _flags: object, command: Command) => {
      const context = contextOf(command);
      context.print(await status(context, prefix));
    });

  program
    .command("watch")
    .description("the same table, drawn again every few seconds; Ctrl-C ends it")
    .argument("[prefix]", "as status")
    .option("-n, --every <seconds>", "between two looks", wholeNumber, 5)
    .action(async (prefix: string | undefined, flags: { every: number }, command: Command) => {
      const context = contextOf(command);
      // A wrong address or token ends it at once.
      let table = await status(context, prefix);
      for (;;) {
        context.print(context.isTerminal ? CLEAR + table : table);
        await new Promise((resolve) => setTimeout(resolve, Math.max(1, flags.every) * 1000));
        table = await patiently(context, () => status(context, prefix));
      }
    });

  look(program, "presets", "what the launchers set", (doors, query: Query<Doors["presets"]["$get"]>) =>
    doors.presets.$get({ query }),
  );
  look(
    program,
    "report",
    "the morning list",
    (doors, query: Query<Doors["reports"]["daily"]["$get"]>) => doors.reports.daily.$get({ query }),
    [["-d, --day <day>", "a UTC day: 2026-11-22"]],
  );
  look(
    program,
    "cost",
    "what it costs, has cost, and would cost",
    (doors, query: Query<Doors["cost"]["$get"]>) => doors.cost.$get({ query }),
    [
      ["-w, --workers <n>", "an estimate from live offers for so many"],
      ["-g, --gpu <name>", "of this type"],
    ],
  );
  look(
    program,
    "stats",
    "games/s and $/game/s by GPU type and machine",
    (doors, query: Query<Doors["stats"]["gpus"]["$get"]>) => doors.stats.gpus.$get({ query }),
    [
      ["-s, --since <when>", "24h, 7d or an instant"],
      ["--weights-name <name>", "of these weights"],
      ["--by <what>", "gpu or machine"],
    ],
  );
  look(
    program,
    "offers",
    "live offers, ranked, and why the others are refused",
    (doors, query: Query<Doors["offers"]["$get"]>) => doors.offers.$get({ query }),
    [
      ["-f, --fleet <name>", "by the terms of this fleet"],
      ["-g, --gpu <name>", "of this type"],
      ["-l, --limit <n>", "so many"],
    ],
  );
  const history = [
    ["-f, --fleet <name>", "of this fleet"],
    ["-s, --since <when>", "24h, 7d or an instant"],
    ["-l, --limit <n>", "so many"],
  ] as const;
  look(
    program,
    "events",
    "what happened, and why",
    (doors, query: Query<Doors["events"]["$get"]>) => doors.events.$get({ query }),
    [...history, ["-k, --kind <kinds>", "strike,destroy …"]],
  );
  look(
    program,
    "checks",
    "every CHECK in one line",
    (doors, query: Query<Doors["checks"]["$get"]>) => doors.checks.$get({ query }),
    history,
  );
  look(
    program,
    "instances",
    "every instance ever: cost, games, why it ended",
    (doors, query: Query<Doors["instances"]["$get"]>) => doors.instances.$get({ query }),
    [...history, ["--ended <bool>", "true or false"]],
  );

  program
    .command("workloads")
    .description("what may run in a rented box, or one of them")
    .argument("[name]", "this one, whole")
    .action(async (name: string | undefined, _flags: object, command: Command) => {
      const context = contextOf(command);
      const call: Call = ({ workloads }) =>
        name === undefined
          ? workloads.$get({ query: {} })
          : workloads[":workload"].$get({ param: { workload: step(name) }, query: {} });
      context.print(await context.keeper.read(call));
    });
}

async function status(context: Context, prefix: string | undefined): Promise<string> {
  return context.keeper.read((doors) => doors.status.$get({ query: { prefix } }));
}

/** The query that a door takes. */
type Query<Door> = InferRequestType<Door> extends { readonly query: infer Asked } ? Asked : never;

/** A door that is only read; each option is a query parameter of the same name, and the keeper says what fits it. */
function look<Asked>(
  program: Command,
  name: string,
  words: string,
  call: (doors: Doors, query: Asked) => ReturnType<Call>,
  options: readonly (readonly [flags: string, words: string])[] = [],
): void {
  const command = program.command(name).description(words);
  for (const [flags, about] of options) command.option(flags, about);
  command.action(async (query: Asked, self: Command) => {
    const context = contextOf(self);
    context.print(await context.keeper.read((doors) => call(doors, query)));
  });
}
