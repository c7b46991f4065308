// Commands that end instances. The keeper says first what would end; a person says yes to exactly that.

import type { Command } from "commander";
import type { FleetDocument } from "../src/fleet/document.ts";
import { type Call, type Doors, refused, step } from "./connection.ts";
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

/** An order that ends something, with what a person has said to it. */
type Order = (doors: Doors, consent: { confirm?: string; force?: boolean }) => ReturnType<Call>;

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
      const { fleet } = flags;
      const order: Order =
        fleet === undefined
          ? (doors, consent) => doors.down.$post({ query: {}, json: { prefix: context.fleet(prefix), ...consent } })
          : (doors, consent) =>
              doors.fleets[":fleet"].down.$post({ param: { fleet: step(fleet) }, query: {}, json: consent });
      const names = await end(context, order, flags.force === true, prefix ?? "");
      if (flags.wait && context.isTerminal) for (const name of names) await waitUntilDown(context, name);
    });

  program
    .command("destroy")
    .description("destroy one worker by its instance number; the fleet fills its place again")
    .argument("<id>", "its number, as status shows it", wholeNumber)
    .option("--shrink", "and lower the target by one")
    .action(async (id: number, { shrink }: { shrink?: true }, command: Command) => {
      const context = contextOf(command);
      const ask = { param: { id: step(id) }, query: shrink === true ? ({ shrink: "true" } as const) : {} };
      context.print(await context.keeper.read((doors) => doors.instances[":id"].$delete(ask)));
    });

  const strays = program.command("strays").description("boxes on the account that are no fleet's, and what they bill");
  strays
    .command("list", { isDefault: true })
    .description("all of them")
    .action(async (_flags: object, command: Command) => {
      const context = contextOf(command);
      context.print(await context.keeper.read((doors) => doors.strays.$get({ query: {} })));
    });
  strays
    .command("adopt")
    .description("make one a fleet's")
    .argument("<id>", "its number", wholeNumber)
    .option("-f, --fleet <name>", "this fleet's")
    .action(async (id: number, { fleet }: { fleet?: string }, command: Command) => {
      const context = contextOf(command);
      const ask = { param: { id: step(id) }, query: {}, json: fleet === undefined ? {} : { fleet } };
      context.print(await context.keeper.read((doors) => doors.strays[":id"].adopt.$post(ask)));
    });
  strays
    .command("destroy")
    .description("end one; asks first")
    .argument("<id>", "its number", wholeNumber)
    .option("--force", "ask nothing")
    .action(async (id: number, { force }: { force?: true }, command: Command) => {
      const order: Order = (doors, consent) =>
        doors.strays[":id"].destroy.$post({ param: { id: step(id) }, query: {}, json: consent });
      await end(contextOf(command), order, force === true, String(id));
    });
  for (const [name, words] of [
    ["ignore", "leave one out of totals"],
    ["heed", "count it again"],
  ] as const) {
    strays
      .command(name)
      .description(words)
      .argument("<id>", "its number", wholeNumber)
      .action(async (id: number, _flags: object, command: Command) => {
        const context = contextOf(command);
        const ask = { param: { id: step(id) }, query: {} };
        const call: Call = ({ strays: { ":id": stray } }) =>
          name === "ignore" ? stray.ignore.$post({ ...ask, json: {} }) : stray.ignore.$delete(ask);
        context.print(await context.keeper.read(call));
      });
  }
}

/** Asks the keeper what would end, a person whether it should, and the keeper to do so. Names the fleets that end. */
async function end(context: Context, order: Order, isForced: boolean, what: string): Promise<readonly string[]> {
  const first = await context.keeper.send((doors) => order(doors, isForced ? { force: true } : {}), "json");
  if (first.status < 300) return ended(context, what, first.text);
  const preview = (first.isJson ? JSON.parse(first.text) : {}) as Preview;
  const { confirm } = preview;
  if (confirm === undefined || preview.code !== "confirm-required") throw refused(first);
  for (const line of previewLines(preview)) context.tell(line);
  if (!(await context.ask("Destroy these?"))) throw new CommandFailure(EXIT.refused, "nothing was done");
  const second = await context.keeper.send((doors) => order(doors, { confirm }), "json");
  if (second.status >= 300) throw refused(second);
  return ended(context, what, second.text);
}

function ended(context: Context, what: string, text: string): readonly string[] {
  const answer = JSON.parse(text) as { fleets?: readonly FleetDocument[]; name?: string };
  const names = answer.fleets?.map(({ name }) => name) ?? (answer.name === undefined ? [] : [answer.name]);
  if (context.isJson) context.print(text);
  else context.print(names.length > 0 ? `going down: ${names.join(", ")}` : `ordered: ${what}`);
  return names;
}

function previewLines({ fleets = [] }: Preview): readonly string[] {
  return fleets.flatMap(({ fleet, workers, intents }) => [
    `${fleet}: ${workers.length} workers, ${intents.length} open rents`,
    ...workers.map(({ label, gpu, status, instanceId }) => `  ${label}  ${gpu ?? "?"}  ${status}  ${instanceId}`),
    ...intents.map(({ label }) => `  ${label}  being rented`),
  ]);
}
