// What fires, who is told, and a trial of the receiver.

import type { Command } from "commander";
import { contextOf } from "./context.ts";

export function addAlertCommands(program: Command): void {
  const alerts = program.command("alerts").description("what fires now, and how its delivery goes");
  alerts
    .command("list", { isDefault: true })
    .description("of the account and of every fleet")
    .action(async (_flags: object, command: Command) => {
      const context = contextOf(command);
      context.print(await context.keeper.read((doors) => doors.alerts.$get({ query: {} })));
    });
  alerts
    .command("test")
    .description("send a message to the receiver now, and say what it answered")
    .option("-f, --fleet <name>", "to this fleet's own receiver instead of the deployment's")
    .action(async ({ fleet }: { fleet?: string }, command: Command) => {
      const context = contextOf(command);
      const ask = { query: {}, json: fleet === undefined ? {} : { fleet } };
      context.print(await context.keeper.read((doors) => doors.alerts.test.$post(ask)));
    });
}
