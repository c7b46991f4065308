// Commands that end instances. The keeper says first what would end; a person says yes to exactly that.

import type { Command } from "commander";
import type { BoxFacts } from "../src/durable/rpc.ts";
import type { FleetDocument } from "../src/fleet/document.ts";
import { type Answer, type Call, type Doors, refused, step } from "./connection.ts";
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
  /** Fleets whose keepers do not say what they would end. */
  readonly silent?: readonly string[];
  /** A box of no fleet, in the place of fleets. */
  readonly stray?: Pick<BoxFacts, "instanceId" | "label" | "gpu" | "status" | "usdPerHour" | "strayWhy">;
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
      const names = ended(context, await end(context, order, flags.force === true, "json"));
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
      const context = contextOf(command);
      const order: Order = (doors, consent) =>
        doors.strays[":id"].destroy.$post({ param: { id: step(id) }, query: {}, json: consent });
      const { text } = await end(context, order, force === true, context.isJson ? "json" : "text");
      context.print(text);
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

/** Asks the keeper what would end, a person whether it should, and the keeper to do so. Refusals are JSON in either format. */
async function end(context: Context, order: Order, isForced: boolean, format: "json" | "text"): Promise<Answer> {
  const first = await context.keeper.send((doors) => order(doors, isForced ? { force: true } : {}), format);
  if (first.status < 300) return first;
  const preview = (first.isJson ? JSON.parse(first.text) : {}) as Preview;
  const { confirm } = preview;
  if (confirm === undefined || preview.code !== "confirm-required") throw refused(first);
  for (const line of previewLines(preview)) context.tell(line);
  if (!(await context.ask("Destroy these?"))) throw new CommandFailure(EXIT.refused, "nothing was done");
  const second = await context.keeper.send((doors) => order(doors, { confirm }), format);
  if (second.status >= 300) throw refused(second);
  return second;
}

/** Names the fleets that end, to the person and to the caller. */
function ended(context: Context, { text }: Answer): readonly string[] {
  const answer = JSON.parse(text) as { fleets?: readonly FleetDocument[]; name?: string };
  const names = answer.fleets?.map(({ name }) => name) ?? (answer.name === undefined ? [] : [answer.name]);
  context.print(context.isJson ? text : `going down: ${names.join(", ")}`);
  return names;
}

function previewLines({ fleets = [], silent = [], stray }: Preview): readonly string[] {
  if (stray !== undefined) return strayLines(stray);
  return [
    ...fleets.flatMap(({ fleet, workers, intents }) => [
      `${fleet}: ${workers.length} workers, ${intents.length} open rents`,
      ...workers.map(({ label, gpu, status, instanceId }) => `  ${label}  ${gpu ?? "?"}  ${status}  ${instanceId}`),
      ...intents.map(({ label }) => `  ${label}  being rented`),
    ]),
    ...silent.map((fleet) => `${fleet}: its keeper does not answer; only --force ends it`),
  ];
}

function strayLines(stray: NonNullable<Preview["stray"]>): readonly string[] {
  const { instanceId, label, gpu, status, usdPerHour, strayWhy } = stray;
  const price = usdPerHour === null ? "? $/hr" : `$${usdPerHour.toFixed(3)}/hr`;
  return [
    `stray: ${strayWhy ?? "it is no fleet's"}`,
    `  ${label ?? "no label"}  ${gpu ?? "?"}  ${status ?? "?"}  ${price}  ${instanceId}`,
  ];
}
