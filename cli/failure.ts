// How a command ends when it does not end well: one line of what, one of what to do, and an exit code.

/** 0 is done. A program that calls `fleet` may rely on these. */
export const EXIT = { refused: 1, usage: 2, unreachable: 3 } as const;

export class CommandFailure extends Error {
  readonly exitCode: number;
  readonly hint: string | null;

  constructor(exitCode: number, message: string, hint: string | null = null) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

export function usage(message: string, hint: string | null = null): CommandFailure {
  return new CommandFailure(EXIT.usage, message, hint);
}
