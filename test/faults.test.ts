// The table of faults says what is so: every test that it names exists.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FAULTS } from "../sim/faults.ts";

const ROOT = join(import.meta.dirname, "..");
const rows = readFileSync(join(ROOT, "docs/faults.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (Fault|---)/.test(line))
  .map((line) => line.slice(2, -2).split(" | "));

interface Named {
  readonly file: string;
  readonly title: string;
  /** One row of the test's table. */
  readonly row: string | null;
}

function testsOf(cell: string): readonly Named[] {
  return cell.split("<br>").map((one) => {
    const match = /^`(test\/[\w/-]+\.test\.ts)`: (.+?)(?: \[([^\]]+)\])?$/.exec(one);
    if (match === null) throw new Error(`this names no test: ${one}`);
    return { file: match[1] ?? "", title: match[2] ?? "", row: match[3] ?? null };
  });
}

it("has what happens and a test for every fault of the list that the project was given", () => {
  expect(rows.length).toBeGreaterThanOrEqual(58);
  expect(rows.filter((cells) => cells.length !== 3 || cells.some((cell) => cell.trim() === ""))).toEqual([]);
});

it.each(rows.flatMap(([fault = "", , cell = ""]) => testsOf(cell).map((named) => ({ fault, ...named }))))(
  "$fault: $title",
  ({ file, title, row }) => {
    const source = readFileSync(join(ROOT, file), "utf8");
    expect(source).toMatch(new RegExp(`(?:\\bit|\\))\\(\\s*${escaped(JSON.stringify(title))},`));
    expect(source).toContain(row === null ? "" : JSON.stringify(row));
  },
);

it("names a row of a test's table by a fault of the market, or by words that stand there", () => {
  const named = rows.flatMap(([, , cell = ""]) => testsOf(cell).flatMap(({ row }) => row ?? []));
  expect(named.filter((row) => Object.hasOwn(FAULTS, row)).length).toBeGreaterThan(10);
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
