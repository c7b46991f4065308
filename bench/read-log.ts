// How long it takes to turn a log into facts, also one that a stranger made to cost as much as it can. Promise (design §5):
// one line of a megabyte in milliseconds, because patterns run in linear time over a bounded part of each line.

import { readFileSync } from "node:fs";
import { readLog } from "../src/fleet/log-lines.ts";
import { builtInWorkloads } from "../src/fleet/workloads.ts";
import { maskSecrets } from "../src/log.ts";
import { measure } from "./measure.ts";
import { milliseconds, printFigure } from "./print.ts";

const MEGABYTE = 1024 * 1024;
const LINE_LIMIT_MS = 20;
/** What the poller reads of a log at most (`src/vast/logs.ts`). */
const TAIL_BYTES = 512 * 1024;
/** As long as a line can be and still be looked at whole (`src/fleet/log-text.ts`). */
const LONGEST_LINE = 2000;

/** Beginnings of what the vocabulary and the masks look for, over and over and never finished. */
const UNITS: Readonly<Record<string, string>> = {
  letters: "a",
  blanks: " ",
  digits: "1234567890",
  hexadecimal: "0123456789abcdef",
  "carriage returns": "x\r",
  "terminal codes": "\u001b[",
  "window titles": "\u001b]0;",
  "batch lines": "[w] batch 1: 7168 examples, 1.4 games/s, ",
  tracebacks: "Traceback (most recent call last): ",
  "error words": "RuntimeError: CUDA error: ",
  tokens: "hf_a",
  keys: "api_key: ",
  addresses: "http://",
  signatures: "&sig=",
};

const healthy = readFileSync("test/fixtures/logs/02-worker-first-batch-3060.txt", "utf8");

for (const { name, log } of builtInWorkloads) {
  for (const [what, unit] of Object.entries(UNITS)) {
    const line = filled(unit, MEGABYTE);
    const readMs = await medianOf(() => readLog(line, log));
    printFigure(
      `${name}: a 1 MB line of ${what}`,
      milliseconds(readMs),
      `≤ ${LINE_LIMIT_MS} ms`,
      readMs <= LINE_LIMIT_MS,
    );
  }
  let [slowest, slowestMs] = ["", 0];
  for (const [what, unit] of Object.entries(UNITS)) {
    const tail = filled(`${filled(unit, LONGEST_LINE)}\n`, TAIL_BYTES);
    const ms = await medianOf(() => readLog(maskSecrets(tail), log));
    if (ms > slowestMs) [slowest, slowestMs] = [what, ms];
  }
  printFigure(`${name}: a poll's 512 KB, masked and read, the worst (${slowest})`, milliseconds(slowestMs));
  const healthyMs = await medianOf(() => readLog(maskSecrets(filled(healthy, TAIL_BYTES)), log));
  printFigure(`${name}: a poll's 512 KB of a healthy log, masked and read`, milliseconds(healthyMs));
  const long = filled(healthy, 10 * MEGABYTE);
  printFigure(`${name}: a healthy log of 10 MB`, milliseconds(await medianOf(() => readLog(long, log))));
  const hostile = filled(`${filled("RuntimeError: CUDA error: ", LONGEST_LINE)}\n`, 10 * MEGABYTE);
  printFigure(`${name}: a hostile log of 10 MB`, milliseconds(await medianOf(() => readLog(hostile, log))));
}

async function medianOf(work: () => unknown): Promise<number> {
  return (await measure(work)).medianMs;
}

function filled(unit: string, size: number): string {
  return unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
}
