// What every command works with: the connection, the terminal, and which fleet is meant.

import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { Connection, harmless } from "./connection.ts";
import { usage } from "./failure.ts";
import { painted } from "./paint.ts";
import { fleetOf, readSettings } from "./settings.ts";

export interface GlobalFlags {
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
}

export interface Context {
  readonly keeper: Connection;
  readonly isJson: boolean;
  readonly isTerminal: boolean;
  print(text: string): void;
  /** On the error stream, so that it never mixes with what a program reads. */
  tell(line: string): void;
  /** Yes or no; a program cannot be asked. */
  ask(question: string): Promise<boolean>;
  fleet(flag: string | undefined): string;
}

export function contextOf(command: Command): Context {
  const flags: GlobalFlags = command.optsWithGlobals();
  const isJson = flags.json === true;
  const isTerminal = process.stdout.isTTY && !isJson;
  return {
    keeper: new Connection(readSettings(flags, process.env), isJson),
    isJson,
    isTerminal,
    print: (text) => {
      const shown = isTerminal ? painted(text) : text;
      process.stdout.write(shown.endsWith("\n") ? shown : `${shown}\n`);
    },
    tell: (line) => void process.stderr.write(`${harmless(line)}\n`),
    ask,
    fleet: (flag) => fleetOf(flag, process.env),
  };
}

async function ask(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw usage("this ends instances and nobody can be asked", "give --force");
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
