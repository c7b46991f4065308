// For everybody: a phone, a wide screen, a keyboard.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endFleet } from "./keeper.ts";
import { at, lookAt, PHONE, useBrowser } from "./page.ts";
import { ALL_PAGES_MS, drawn, pagesWithNews, type PlaceOfPage, shownTwice, twoFrames } from "./pages.ts";

useBrowser();

let pages: readonly PlaceOfPage[] = [];

beforeAll(async () => {
  pages = await pagesWithNews("cared-for");
});
afterAll(() => endFleet("cared-for"));

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
