// Commands that end instances. The keeper says first what would end; a person says yes to exactly that.

import type { Command } from "commander";
import type { FleetDocument } from "../src/fleet/document.ts";
import { refused } from "./connection.ts";
import { type Context, contextOf } from "./context.ts";
import { CommandFailure, EXIT } from "./failure.ts";
import { wholeNumber } from "./fleet-commands.ts";
import { waitUntilDown } from "./progress.ts";

interface DownFlags {
  readonly fleet?: string;
  readonly force?: true;
  readonly wait: boolean;
}

/** What a 409 lists (design §6). */
interface Preview {
  readonly code?: string;
  readonly confirm?: string;
  readonly fleets?: readonly {
    readonly fleet: string;
    readonly workers: readonly { label: string; gpu: string | null; status: string; instanceId: number }[];
    readonly intents: readonly { label: string }[];
  }[];
}

export function addEndCommands(program: Command): void {
  program
    .command("down")
    .description("destroy every worker (vast_down.sh); asks first")
    .argument("[prefix]", "fleets named so, or so-… (ZEB_FLEET, else zeb)")
    .option("-f, --fleet <name>", "this fleet exactly")
    .option("--force", "ask nothing")
    .option("--no-wait", "do not stay until all are proven gone")
    .action(async (prefix: string | undefined, flags: DownFlags, command: Command) => {
      const context = contextOf(command);
      const path = flags.fleet === undefined ? "/api/down" : `/api/fleets/${flags.fleet}/down`;
      const body = flags.fleet === undefined ? { prefix: context.fleet(prefix) } : {};
      const names = await end(context, path, body, flags.force === true);
      if (flags.wait && context.isTerminal) for (const name of names) await waitUntilDown(context, name);
    });

  program
    .command("destroy")
    .description("destroy one worker by its instance number; the fleet fills its place again")
    .argument("<id>", "its number, as status shows it", wholeNumber)
    .option("--shrink", "and lower the target by one")
    .action(async (id: number, { shrink }: { shrink?: true }, command: Command) => {
      const context = contextOf(command);
      context.print(await context.keeper.read("DELETE", `/api/instances/${id}`, { query: { shrink } }));
    });

  const strays = program.command("strays").description("boxes on the account that are no fleet's, and what they bill");
  strays
    .command("list", { isDefault: true })
    .description("all of them")
    .action(async (_flags: object, command: Command) => {
      const context = contextOf(command);
      context.print(await context.keeper.read("GET", "/api/strays"));
    });
  strays
    .command("adopt")
    .description("make one a fleet's")
    .argument("<id>", "its number", wholeNumber)
    .option("-f, --fleet <name>", "this fleet's")
    .action(async (id: number, { fleet }: { fleet?: string }, command: Command) => {
      const context = contextOf(command);
      const body = fleet === undefined ? {} : { fleet };
      context.print(await context.keeper.read("POST", `/api/strays/${id}/adopt`, { body }));
    });
  strays
    .command("destroy")
    .description("end one; asks first")
    .argument("<id>", "its number", wholeNumber)
    .option("--force", "ask nothing")
    .action(async (id: number, { force }: { force?: true }, command: Command) => {
      await end(contextOf(command), `/api/strays/${id}/destroy`, {}, force === true);
    });
  for (const [name, method, words] of [
    ["ignore", "POST", "leave one out of totals"],
    ["heed", "DELETE", "count it again"],
  ] as const) {
    strays
      .command(name)
      .description(words)
      .argument("<id>", "its number", wholeNumber)
      .action(async (id: number, _flags: object, command: Command) => {
        const context = contextOf(command);
        const ask = method === "POST" ? { body: {} } : {};
        context.print(await context.keeper.read(method, `/api/strays/${id}/ignore`, ask));
      });
  }
}

/** Asks the keeper what would end, a person whether it should, and the keeper to do so. Names the fleets that end. */
async function end(context: Context, path: string, body: object, isForced: boolean): Promise<readonly string[]> {
  const first = await context.keeper.send(
    "POST",
    path,
    { body: { ...body, ...(isForced ? { force: true } : {}) } },
    "json",
  );
  if (first.status < 300) return ended(context, path, first.text);
  const preview = (first.isJson ? JSON.parse(first.text) : {}) as Preview;
  if (preview.confirm === undefined || preview.code !== "confirm-required") throw refused(first);
  for (const line of previewLines(preview)) context.tell(line);
  if (!(await context.ask("Destroy these?"))) throw new CommandFailure(EXIT.refused, "nothing was done");
  const second = await context.keeper.send("POST", path, { body: { ...body, confirm: preview.confirm } }, "json");
  if (second.status >= 300) throw refused(second);
  return ended(context, path, second.text);
}

function ended(context: Context, path: string, text: string): readonly string[] {
  const answer = JSON.parse(text) as { fleets?: readonly FleetDocument[]; name?: string };
  const names = answer.fleets?.map(({ name }) => name) ?? (answer.name === undefined ? [] : [answer.name]);
  if (context.isJson) context.print(text);
  else context.print(names.length > 0 ? `going down: ${names.join(", ")}` : `ordered: ${path.split("/").at(-2) ?? ""}`);
  return names;
}

function previewLines({ fleets = [] }: Preview): readonly string[] {
  return fleets.flatMap(({ fleet, workers, intents }) => [
    `${fleet}: ${workers.length} workers, ${intents.length} open rents`,
    ...workers.map(({ label, gpu, status, instanceId }) => `  ${label}  ${gpu ?? "?"}  ${status}  ${instanceId}`),
    ...intents.map(({ label }) => `  ${label}  being rented`),
  ]);
}
