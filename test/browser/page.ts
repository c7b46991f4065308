// A browser's page on the dashboard, logged in, that minds what must never happen: an error of a script, a refusal by the
// content security policy, a request to anywhere else.

import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, onTestFailed } from "vitest";
import { launchChromium } from "./chromium.ts";
import { ADMIN } from "./system.ts";

export const DESKTOP = { width: 1440, height: 900 } as const;
/** With a finger instead of a mouse. */
export const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
} as const;

/** What a live page may take on a busy machine; each wait ends as soon as it holds. */
const PATIENCE_MS = 90_000;

export interface Look {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong that nobody asked about. */
  readonly mishaps: string[];
}

let browser: Browser | null = null;
const open: Look[] = [];

/** Call once at the top of a file. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    const looks = open.splice(0);
    const mishaps = looks.flatMap((look) => look.mishaps);
    await Promise.all(looks.map(({ context }) => context.close()));
    expect(mishaps).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });
}

export function at(path: string): string {
  return `${inject("keeperUrl")}${path}`;
}

/** A fresh browser without a session. */
export async function visit(path = "/", options: BrowserContextOptions = {}): Promise<Look> {
  if (browser === null) throw new Error("useBrowser() stands at the top of each file");
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const look: Look = { page, context, mishaps: [] };
  open.push(look);
  minding(look);
  onTestFailed(async () => {
    const name = (expect.getState().currentTestName ?? "test").replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 80);
    await page.screenshot({ path: `.build/browser/${name}.png`, fullPage: true }).catch(() => undefined);
  });
  await page.goto(path.startsWith("/") ? at(path) : path);
  return look;
}

/** Logged in as a person would be, by the form. */
export async function lookAt(path = "/", options: BrowserContextOptions = {}, token: string = ADMIN): Promise<Look> {
  const look = await visit(path, options);
  await logIn(look.page, token);
  return look;
}

export async function logIn(page: Page, token: string = ADMIN): Promise<void> {
  await page.getByTestId("token").fill(token);
  await page.getByTestId("log-in").click();
  await page.locator("main#main h1").waitFor();
  await page.getByTestId("token").waitFor({ state: "detached" });
}

function minding({ page, mishaps }: Look): void {
  const own = new URL(inject("keeperUrl")).host;
  page.on("pageerror", (error) => void mishaps.push(`an error of the page: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) mishaps.push(message.text());
  });
  page.on("request", (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol !== "data:" && protocol !== "blob:" && host !== own) mishaps.push(`a request to ${request.url()}`);
  });
}

/** A mark that a reload would wipe away. */
export async function markPage(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => void Object.assign(globalThis, { isSamePage: true }));
  return () => page.evaluate(() => "isSamePage" in globalThis);
}
