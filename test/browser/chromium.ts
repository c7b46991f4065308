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

/**
 * A desktop browser draws the list below its address bar as two pages of its own in each window, which take as long as the page
 * that is looked at, and keeps a process ready for the next one.
 */
const UNSEEN = "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,SpareRendererForSitePerProcess";
/** What playwright switches off by itself: of two lists the last one counts. */
const UNWANTED =
  "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable," +
  "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect," +
  "TcpPortRandomizationWin,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch";

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      `--disable-features=${UNSEEN},${UNWANTED}`,
      // As root, as in most containers, Chromium's sandbox cannot be set up; the pages are our own.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  });
}
