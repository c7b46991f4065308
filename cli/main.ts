// The command line client: `fleet` (runbook §10's scripts as commands). Every command is a call of a door, and prints what
// the keeper says. Exit codes: 0 done, 1 refused by the keeper, 2 wrong usage, 3 no answer from the keeper.

import { Argument, Command, CommanderError } from "commander";
import { addAlertCommands } from "./alert-commands.ts";
import { harmless } from "./connection.ts";
import { addEndCommands } from "./end-commands.ts";
import { CommandFailure, EXIT } from "./failure.ts";
import { addFleetCommands } from "./fleet-commands.ts";
import { addHostCommands } from "./host-commands.ts";
import { addLogCommand } from "./log-command.ts";
import { addLookCommands } from "./look-commands.ts";
import { version } from "../src/version.ts";

const EPILOGUE = `
Environment: FLEETKEEPER_URL and FLEETKEEPER_TOKEN; ZEB_FLEET, and for up ZEB_WEIGHTS_NAME, ZEB_MAX_DPH, ZEB_GPUS,
ZEB_REPO_ID, ZEB_EXAMPLES_REPO_ID, as the scripts took them.
Exit codes: 0 done, 1 refused by the keeper, 2 wrong usage, 3 no answer from the keeper.`;

function createProgram(): Command {
  const program = new Command("fleet")
    .description("Keeps fleets of rented GPUs: the keeper's doors from a terminal")
    .option("--url <address>", "the keeper (FLEETKEEPER_URL)")
    .option("--token <token>", "its admin or viewer token (FLEETKEEPER_TOKEN)")
    .option("--json", "print JSON")
    .version(version)
    .addHelpText("after", EPILOGUE)
    .showSuggestionAfterError()
    .exitOverride();
  addFleetCommands(program);
  addEndCommands(program);
  addLookCommands(program);
  addLogCommand(program);
  addHostCommands(program);
  addAlertCommands(program);
  return program;
}

/** With the commands that speak of the program itself; what they load is loaded by them alone. */
function createWholeProgram(): Command {
  const program = createProgram();
  program
    .command("completion")
    .description("the completion script of a shell: source <(fleet completion bash)")
    .addArgument(new Argument("<shell>", "which").choices(["bash", "zsh", "fish"]))
    .action(async (shell: string) => (await import("./completion.ts")).printScript(createProgram(), shell));
  program
    .command("complete", { hidden: true })
    .description("what the script asks at each press of the key")
    .argument("[words...]")
    .allowUnknownOption()
    .action(async (words: readonly string[]) =>
      (await import("./completion.ts")).printSuggestions(createProgram(), words),
    );
  return program;
}

try {
  await createWholeProgram().parseAsync();
} catch (error) {
  process.exitCode = fail(error);
}

function fail(error: unknown): number {
  // The parser has printed what was wrong; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  const isKnown = error instanceof CommandFailure;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`fleet: ${harmless(message)}\n`);
  if (isKnown && error.hint !== null) process.stderr.write(`       ${harmless(error.hint)}\n`);
  return isKnown ? error.exitCode : EXIT.unreachable;
}
