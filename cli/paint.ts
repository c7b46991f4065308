// Colour for the one column that is looked for at a glance: the verdicts of a table. Node leaves it out where the output is no
// terminal, and where NO_COLOR is set.

import { styleText } from "node:util";

type Colour = "green" | "yellow" | "red" | "gray";

const COLOURS: Readonly<Record<string, Colour>> = {
  OK: "green",
  RENT: "yellow",
  BOOT: "yellow",
  SETUP: "yellow",
  WAIT: "yellow",
  UNDELIVERED: "red",
  STALL: "red",
  ERR: "red",
  GONE: "red",
  POLL: "gray",
};

const COLUMN = "Verdict";

/** The text as it is, but for the words that stand in a column of verdicts. */
export function painted(
  text: string,
  paint: (colour: Colour, word: string) => string = (colour, word) => styleText(colour, word),
): string {
  let column = -1;
  const lines = text.split("\n").map((line) => {
    // A table's head begins with the label; its rows have the verdict at the same place.
    if (line.startsWith("Label ")) column = line.indexOf(COLUMN);
    if (column < 0) return line;
    const word = /^[A-Z]+(?= |$)/.exec(line.slice(column))?.[0] ?? "";
    const colour = line[column - 1] === " " ? COLOURS[word] : undefined;
    if (colour === undefined) return line;
    return line.slice(0, column) + paint(colour, word) + line.slice(column + word.length);
  });
  return lines.join("\n");
}
