// Every page of the dashboard, and what shows that it has been drawn with its data.

import type { Page } from "playwright-core";
import { aSteadyFleet, fault } from "./keeper.ts";

/** Every page in one test: a busy machine takes minutes for them. */
export const ALL_PAGES_MS = 900_000;
const SETTLE_MS = 1500;

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

/** With a fleet of this name, a strike, an ended instance and their events, so that none is empty. */
export async function pagesWithNews(fleet: string): Promise<readonly PlaceOfPage[]> {
  const { workers } = await aSteadyFleet(fleet, { target: 2 });
  await fault("host-crash", { match: { instance: workers[1]?.instanceId ?? 0 }, times: 1 });
  return pagesOf(fleet, workers[0]?.instanceId ?? 0);
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

/** What is wrong with a page only while a busy machine draws it is no fault of the page; a fault shows twice. */
export async function shownTwice<T>(page: Page, look: () => Promise<T | null>): Promise<T | null> {
  if ((await look()) === null) return null;
  await page.waitForTimeout(SETTLE_MS);
  return look();
}
