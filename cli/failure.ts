// How a command ends when it does not end well: one line of what, one of what to do, and an exit code.

/** 0 is done. A program that calls `fleet` may rely on these. */
export const EXIT = { refused: 1, usage: 2, unreachable: 3 } as const;

export class CommandFailure extends Error {
  readonly exitCode: number;
  readonly hint: string | null;
  /** The same call may well succeed a little later. */
  readonly isPassing: boolean;

  constructor(exitCode: number, message: string, hint: string | null = null, isPassing = false) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
    this.isPassing = isPassing;
  }
}

export function usage(message: string, hint: string | null = null): CommandFailure {
  return new CommandFailure(EXIT.usage, message, hint);
}
