// For everybody: a phone, a wide screen, a keyboard, a screen reader, light and dark.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aSteadyFleet, endFleet, fault } from "./keeper.ts";
import { at, lookAt, PHONE, useBrowser, visit } from "./page.ts";
import { drawn, pagesOf, twoFrames } from "./pages.ts";

useBrowser();

const axeScript = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Every page in one test: a busy machine takes minutes for them. */
const ALL_PAGES_MS = 900_000;
const SETTLE_MS = 1500;
let pages: ReturnType<typeof pagesOf> = [];

beforeAll(async () => {
  const { workers } = await aSteadyFleet("cared-for", { target: 2 });
  // A strike, an ended instance and their events, so that no page is empty.
  const instance = workers[1]?.instanceId ?? 0;
  await fault("host-crash", { match: { instance }, times: 1 });
  pages = pagesOf("cared-for", workers[0]?.instanceId ?? 0);
});
afterAll(() => endFleet("cared-for"));

/** WCAG 2.2 AA and the best practices. The script comes in past the policy, which is lifted for it alone. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axeScript);
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary ?? ""}`),
  );
}

/** What is wrong with a page only while a busy machine draws it is no fault of the page; a fault shows twice. */
async function shownTwice<T>(page: Page, look: () => Promise<T | null>): Promise<T | null> {
  if ((await look()) === null) return null;
  await page.waitForTimeout(SETTLE_MS);
  return look();
}

/** The same page in both paints: nothing but its colours differs. */
async function faultsInBothPaints(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await twoFrames(page);
    const faults = await shownTwice(page, async () => {
      const seen = await faultsOf(page);
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
    const { page: inside } = await lookAt("/fleets/cared-for", { ...options, bypassCSP: true });
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

/** A window of each width after the other: each page is opened once. */
async function atWidths(widths: readonly number[], look: (page: Page) => Promise<string | null>) {
  const { page } = await lookAt("/");
  const found: Record<string, string> = {};
  for (const { name, path } of pages) {
    await page.goto(at(path));
    await drawn(page);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 844 });
      await twoFrames(page);
      const one = await shownTwice(page, () => look(page));
      if (one !== null) found[`${name} at ${width} px`] = one;
    }
  }
  return found;
}

it(
  "never scrolls sideways from 360 to 2560 px, on any page",
  async () => {
    const wide = await atWidths([2560, 1440, 1024, 768, 390, 360], (page) =>
      page.evaluate(() => {
        const { clientWidth, scrollWidth } = document.documentElement;
        return scrollWidth <= clientWidth ? null : `${scrollWidth} px`;
      }),
    );
    expect(wide).toEqual({});
  },
  ALL_PAGES_MS,
);

it(
  "cuts no column off on a desk: a table fits, or it scrolls",
  async () => {
    const cut = await atWidths([2560, 1680, 1440, 1280, 1024], (page) =>
      page.evaluate(() => {
        // Every word as long as words of errors and places are.
        for (const word of document.querySelectorAll("table .cut"))
          word.textContent = "a word that takes room ".repeat(9);
        const places = [...document.querySelectorAll("table")].map((table) => table.parentElement ?? document.body);
        const lost = places.find((place) => {
          const { overflowX } = getComputedStyle(place);
          return place.scrollWidth > place.clientWidth + 1 && overflowX !== "auto" && overflowX !== "scroll";
        });
        return lost === undefined ? null : `${lost.scrollWidth} px in ${lost.clientWidth}`;
      }),
    );
    expect(cut).toEqual({});
  },
  ALL_PAGES_MS,
);

it("brings a thumb to every page of a phone, and to what one may do with a worker", async () => {
  const { page } = await lookAt("/", PHONE);
  const bar = page.getByRole("navigation", { name: "Pages, at the thumb" });
  await bar.getByRole("link", { name: "Cost" }).tap();
  await page.getByRole("heading", { level: 1, name: "Cost" }).waitFor();
  await bar.getByRole("button", { name: "More" }).tap();
  await page.getByRole("dialog").getByRole("link", { name: "Hosts" }).tap();
  await page.getByRole("heading", { level: 1, name: "Hosts" }).waitFor();
  await bar.getByRole("link", { name: "Fleets" }).tap();
  await page.getByTestId("fleet-cared-for").getByRole("link", { name: "cared-for" }).tap();
  await page.getByTestId("worker-0").tap();
  const sheet = page.getByTestId("worker-dialog");
  await sheet.getByRole("button", { name: "Replace" }).waitFor();
  await sheet.getByRole("link", { name: "Log", exact: true }).tap();
  await page.getByTestId("log").waitFor();
  expect(new URL(page.url()).pathname).toMatch(/^\/instances\/\d+\/logs$/);
});

it("can be steered by the keyboard alone", async () => {
  const { page } = await lookAt("/fleets/cared-for");
  await page.getByTestId("edit").focus();
  await page.keyboard.press("Enter");
  await page.getByTestId("edit-dialog").waitFor();
  // Between the last and the first the focus may rest on the browser's own bar.
  const place = (): Promise<string> =>
    page.evaluate(() => {
      const now = document.activeElement;
      if (now === null || now === document.body) return "browser";
      return document.querySelector("dialog[open]")?.contains(now) === true ? "dialog" : "behind";
    });
  const places: string[] = [];
  for (let steps = 0; steps < 12; steps++) {
    await page.keyboard.press("Tab");
    places.push(await place());
  }
  expect(places).toContain("dialog");
  expect(places).not.toContain("behind");
  await page.keyboard.press("Escape");
  await page.getByTestId("edit-dialog").waitFor({ state: "detached" });
  // It goes back to where it came from.
  await page.waitForFunction(() => document.activeElement?.getAttribute("data-testid") === "edit");
});
