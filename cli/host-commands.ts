// The blacklist: who is struck and blocked, and what a person decides about a machine.

import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { step } from "./connection.ts";
import { contextOf } from "./context.ts";
import { usage } from "./failure.ts";
import { wholeNumber } from "./fleet-commands.ts";

export function addHostCommands(program: Command): void {
  const hosts = program.command("hosts").description("machines with strikes or blocks");
  hosts
    .command("list", { isDefault: true })
    .description("all of them")
    .addOption(new Option("--blocked <bool>", "only those that are, or are not").choices(["true", "false"]))
    .action(async ({ blocked }: { blocked?: "true" | "false" }, command: Command) => {
      const context = contextOf(command);
      context.print(await context.keeper.read((doors) => doors.hosts.$get({ query: { blocked } })));
    });
  hosts
    .command("show")
    .description("every strike of one machine")
    .argument("<machine>", "its number", wholeNumber)
    .action(async (machine: number, _flags: object, command: Command) => {
      const context = contextOf(command);
      context.print(
        await context.keeper.read((doors) =>
          doors.hosts[":machineId"].$get({ param: { machineId: step(machine) }, query: {} }),
        ),
      );
    });
  hosts
    .command("block")
    .description("no fleet rents it any more")
    .argument("<machine>", "its number", wholeNumber)
    .argument("[note]", "why")
    .action(async (machine: number, note: string | undefined, _flags: object, command: Command) => {
      const context = contextOf(command);
      const ask = { param: { machineId: step(machine) }, query: {}, json: note === undefined ? {} : { note } };
      context.print(await context.keeper.read((doors) => doors.hosts[":machineId"].block.$put(ask)));
    });
  hosts
    .command("pardon")
    .description("lift the block and take its strikes back")
    .argument("<machine>", "its number", wholeNumber)
    .action(async (machine: number, _flags: object, command: Command) => {
      const context = contextOf(command);
      const ask = { param: { machineId: step(machine) }, query: {} };
      context.print(await context.keeper.read((doors) => doors.hosts[":machineId"].block.$delete(ask)));
    });
  hosts
    .command("import")
    .description("take over the scripts' bad-hosts.txt")
    .argument("<file>", "one machine a line, one line a strike")
    .action(async (file: string, _flags: object, command: Command) => {
      const text = await readFile(file, "utf8").catch((error: unknown) => {
        throw usage(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      });
      const context = contextOf(command);
      const init = { init: { body: text, headers: { "Content-Type": "text/plain" } } };
      context.print(await context.keeper.read((doors) => doors.hosts.import.$post({ query: {} }, init)));
    });
}
