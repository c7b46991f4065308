// The blacklist: who is struck and blocked, and what a person decides about a machine.

import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { contextOf } from "./context.ts";
import { usage } from "./failure.ts";
import { wholeNumber } from "./fleet-commands.ts";

export function addHostCommands(program: Command): void {
  const hosts = program.command("hosts").description("machines with strikes or blocks");
  hosts
    .command("list", { isDefault: true })
    .description("all of them")
    .option("--blocked <bool>", "true or false")
    .action(async ({ blocked }: { blocked?: string }, command: Command) => {
      const context = contextOf(command);
      context.print(await context.keeper.read("GET", "/api/hosts", { query: { blocked } }));
    });
  hosts
    .command("show")
    .description("every strike of one machine")
    .argument("<machine>", "its number", wholeNumber)
    .action(async (machine: number, _flags: object, command: Command) => {
      const context = contextOf(command);
      context.print(await context.keeper.read("GET", `/api/hosts/${machine}`));
    });
  hosts
    .command("block")
    .description("no fleet rents it any more")
    .argument("<machine>", "its number", wholeNumber)
    .argument("[note]", "why")
    .action(async (machine: number, note: string | undefined, _flags: object, command: Command) => {
      const context = contextOf(command);
      const body = note === undefined ? {} : { note };
      context.print(await context.keeper.read("PUT", `/api/hosts/${machine}/block`, { body }));
    });
  hosts
    .command("pardon")
    .description("lift the block and take its strikes back")
    .argument("<machine>", "its number", wholeNumber)
    .action(async (machine: number, _flags: object, command: Command) => {
      const context = contextOf(command);
      context.print(await context.keeper.read("DELETE", `/api/hosts/${machine}/block`));
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
      context.print(await context.keeper.read("POST", "/api/hosts/import", { text }));
    });
}
