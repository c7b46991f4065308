// One line per figure: what, how much, what was promised.

const WHAT_WIDTH = 58;
const FIGURE_WIDTH = 22;

/** A world of `test/support/world.ts` takes the console for itself; the figures go past it. */
const print = console.log.bind(console);

/** `promise` stands beside the figure, with a mark where the figure breaks it. */
export function printFigure(what: string, figure: string, promise = "", isKept = true): void {
  if (!isKept) brokenPromise();
  const beside = promise === "" ? "" : `promise: ${promise}${isKept ? "" : "  BROKEN"}`;
  print(`${what.padEnd(WHAT_WIDTH)} ${figure.padStart(FIGURE_WIDTH)}   ${beside}`.trimEnd());
}

/** The run goes on, and its exit code tells. In workerd the test says it. */
export function brokenPromise(): void {
  if (typeof process !== "undefined") process.exitCode = 1;
}

export function milliseconds(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
}
