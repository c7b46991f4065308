// Every page of the dashboard, and what shows that it has been drawn with its data.

import type { Page } from "playwright-core";

export interface PlaceOfPage {
  readonly name: string;
  readonly path: string;
}

export function pagesOf(fleet: string, instanceId: number): readonly PlaceOfPage[] {
  return [
    { name: "fleets", path: "/" },
    { name: "fleet", path: `/fleets/${fleet}` },
    { name: "logs", path: `/instances/${instanceId}/logs` },
    { name: "events", path: "/events" },
    { name: "cost", path: "/cost" },
    { name: "history", path: "/history" },
    { name: "market", path: "/market" },
    { name: "hosts", path: "/hosts" },
    { name: "stats", path: "/stats" },
    { name: "strays", path: "/strays" },
    { name: "lost", path: "/no-such-page" },
  ];
}

/** Without skeletons: what the page waited for has come. */
export async function drawn(page: Page): Promise<void> {
  await page.locator("main#main h1").waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".skeleton, .skeleton-word").length === 0);
  await twoFrames(page);
}

/** What has changed is laid out and painted. */
export async function twoFrames(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
