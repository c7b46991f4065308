// Which browser. Nothing is downloaded: it is Debian's, or the one that CHROMIUM names.

import { accessSync, constants } from "node:fs";
import { type Browser, chromium } from "playwright-core";

export function findChromium(): string {
  const path = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    throw new Error(
      `there is no browser at ${path}: \`apt-get install -y chromium\`, or name one with CHROMIUM=/path/to/chromium`,
    );
  }
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    // As root, as in most containers, Chromium's sandbox cannot be set up; the pages are our own.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
}
