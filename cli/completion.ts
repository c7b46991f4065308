// Shell completion: the script for a shell, and the answers that it asks for at each press of the key. Commands and flags
// are taken from the program itself; fleets, slots and instances from the keeper, where one is configured and answers.

import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import type { FleetDocument } from "../src/fleet/document.ts";
import { presetNames } from "../src/fleet/preset.ts";
import { keeperClient } from "../src/routes/client.ts";
import { harmless } from "./connection.ts";
import { fleetOf, readSettings } from "./settings.ts";

/** A person waits with a finger on the key; nothing is better than late. */
const LIMIT_MS = 1500;

type Suggest = (complete: (value: string, words: string) => void) => void;

export function printScript(program: Command, shell: string): void {
  tab(program, { completionCommandName: SCRIPT }).setup(program.name(), program.name(), shell);
}

/** `words`: what stands on the line after the program's name. */
export async function printSuggestions(program: Command, words: readonly string[]): Promise<void> {
  const root = tab(program, { completionCommandName: SCRIPT });
  const suggestions = suggestionsOf(await readFleets(words), words);
  for (const command of root.commands.values()) {
    for (const [name, argument] of command.arguments) argument.handler = suggestions[name] ?? argument.handler ?? none;
    for (const [name, option] of command.options) {
      const suggest = suggestions[name];
      if (suggest !== undefined && option.isBoolean !== true) option.handler = suggest;
    }
  }
  root.parse([...words]);
}

/** The library wants a command of its own in the program; this one is never called. */
const SCRIPT = "completion-script";

const none: Suggest = () => undefined;

function suggestionsOf(fleets: readonly FleetDocument[], words: readonly string[]): Readonly<Record<string, Suggest>> {
  const name = fleetOf(flagOf(words), process.env);
  const names: Suggest = (complete) => {
    for (const fleet of fleets) complete(harmless(fleet.name), `${fleet.totals.live} up, ${fleet.state}`);
  };
  const slots: Suggest = (complete) => {
    for (const worker of fleets.find((fleet) => fleet.name === name)?.workers ?? [])
      complete(String(worker.slot), harmless(`${worker.gpu ?? "GPU"}, ${worker.verdict}`));
  };
  const ids: Suggest = (complete) => {
    for (const { label, instanceId, verdict } of fleets.flatMap(({ workers }) => workers))
      complete(String(instanceId), harmless(`${label}, ${verdict}`));
  };
  const presets: Suggest = (complete) => {
    for (const preset of presetNames) complete(preset, "");
  };
  return { fleet: names, prefix: names, slot: slots, id: ids, preset: presets };
}

function flagOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === "-f" || word === "--fleet");
  return at < 0 ? undefined : words[at + 1];
}

/** None where no keeper is configured, or it does not answer in time: a completion never fails. */
async function readFleets(words: readonly string[]): Promise<readonly FleetDocument[]> {
  try {
    const { url, token } = readSettings({}, process.env);
    const keeper = keeperClient(url, {
      headers: { Authorization: `Bearer ${token}`, Accept: "application/json" },
      init: { signal: AbortSignal.timeout(LIMIT_MS), redirect: "error" },
    });
    // A flag's own letters need no keeper.
    if (words.at(-1)?.startsWith("-") === true) return [];
    const answer = await keeper.api.fleets.$get({ query: {} });
    return answer.ok ? ((await answer.json()) as { fleets: readonly FleetDocument[] }).fleets : [];
  } catch {
    return [];
  }
}
