// For a screen reader, and for eyes that see little: what axe finds, on a wide screen and on a phone, in light and dark.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endFleet } from "./keeper.ts";
import { at, lookAt, PHONE, useBrowser, visit } from "./page.ts";
import { ALL_PAGES_MS, drawn, pagesWithNews, type PlaceOfPage, shownTwice, twoFrames } from "./pages.ts";

useBrowser();

const axeScript = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let pages: readonly PlaceOfPage[] = [];

beforeAll(async () => {
  pages = await pagesWithNews("audited");
});
afterAll(() => endFleet("audited"));

/** All the rules of axe that judge a colour. */
const COLOUR_RULES: RunOptions = { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } };

/** WCAG 2.2 AA and the best practices. */
async function faultsOf(page: Page, rules: RunOptions): Promise<string[]> {
  const results = await page.evaluate(
    (options) => (globalThis as unknown as { axe: { run(how: RunOptions): Promise<AxeResults> } }).axe.run(options),
    { ...rules, resultTypes: ["violations"] } satisfies RunOptions,
  );
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary ?? ""}`),
  );
}

/** The same page in both paints: nothing but its colours differs. The script comes in past the policy, lifted for it alone. */
async function faultsInBothPaints(page: Page): Promise<string[]> {
  await page.evaluate(axeScript);
  const found: string[] = [];
  for (const { colorScheme, rules } of [
    { colorScheme: "light", rules: {} },
    { colorScheme: "dark", rules: COLOUR_RULES },
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await twoFrames(page);
    const faults = await shownTwice(page, async () => {
      const seen = await faultsOf(page, rules);
      return seen.length === 0 ? null : seen;
    });
    found.push(...(faults ?? []).map((one) => `${colorScheme}: ${one}`));
  }
  return found;
}

describe.each([
  { screen: "desktop", options: {} },
  { screen: "phone", options: PHONE },
] as const)("$screen", ({ options }) => {
  it(
    "has no fault that axe finds, on any page, light or dark",
    async () => {
      const { page } = await lookAt("/", { ...options, bypassCSP: true });
      const faults: Record<string, string[]> = {};
      for (const { name, path } of pages) {
        await page.goto(at(path));
        await drawn(page);
        const found = await faultsInBothPaints(page);
        if (found.length > 0) faults[name] = found;
      }
      expect(faults).toEqual({});
    },
    ALL_PAGES_MS,
  );

  it("has none at the login and in the dialogs", async () => {
    const { page } = await visit("/", { ...options, bypassCSP: true });
    await page.getByTestId("token").waitFor();
    expect(await faultsInBothPaints(page)).toEqual([]);
    const { page: inside } = await lookAt("/fleets/audited", { ...options, bypassCSP: true });
    for (const button of ["edit", "check", "down"]) {
      await inside.getByTestId(button).click();
      await inside.getByRole("dialog").waitFor();
      await inside.waitForFunction(() => document.querySelectorAll("dialog .skeleton").length === 0);
      expect(await faultsInBothPaints(inside)).toEqual([]);
      await inside.keyboard.press("Escape");
      await inside.getByRole("dialog").waitFor({ state: "detached" });
    }
    await inside
      .getByTestId("worker-0")
      .getByRole("button")
      .or(inside.locator("button[data-testid=worker-0]"))
      .first()
      .click();
    await inside.getByTestId("worker-dialog").waitFor();
    expect(await faultsInBothPaints(inside)).toEqual([]);
  });
});
