// What a page costs the reader's time. Figures are printed; what a busy machine can spoil is not judged by the clock.

import type { WebSocketRoute } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cadenceDefaults } from "../../src/fleet/spec.ts";
import { aSteadyFleet, door, endFleet, putFleet, until, fleetOf } from "./keeper.ts";
import { at, lookAt, useBrowser, visit } from "./page.ts";

useBrowser();

const FLEETS = Array.from({ length: 10 }, (_, index) => `many-${index}`);
const WORKERS = 12;
/** Its one worker is the model of a hundred. */
const MODEL = "model";

/** A figure for the reader of the test run. */
function figure(text: string): void {
  console.log(`FIGURE ${text}`);
}

beforeAll(async () => {
  const ordered = FLEETS.map((name) => putFleet(name, { target: WORKERS, launchBatch: WORKERS }));
  await Promise.all([...ordered, aSteadyFleet(MODEL, { target: 1 })]);
  await until(
    "ten fleets of twelve",
    async () => {
      const { fleets } = await door<{ fleets: { totals: { live: number } }[] }>("GET", "/api/fleets");
      return fleets.reduce((sum, { totals }) => sum + totals.live, 0) >= FLEETS.length * WORKERS ? fleets : null;
    },
    400_000,
  );
  // From here on they are looked at as often as deployed ones: a hundred logs in three seconds would be timed too.
  for (const name of [...FLEETS, MODEL])
    await door("PATCH", `/api/fleets/${name}`, { cadenceSeconds: cadenceDefaults });
}, 420_000);
afterAll(async () => {
  for (const name of [...FLEETS, MODEL]) await endFleet(name);
});

it("is usable soon: the first page with ten fleets of twelve", async () => {
  const { context } = await lookAt("/");
  const session = await context.storageState();
  await context.close();
  const times: number[] = [];
  let bytes = 0;
  for (let visits = 0; visits < 5; visits++) {
    // Nothing is cached but the session.
    const { page, context: fresh } = await visit("about:blank", { storageState: session });
    await fresh.addInitScript((wanted) => {
      new MutationObserver((_, observer) => {
        if (document.querySelectorAll("[data-testid^=fleet-many-]").length < wanted) return;
        observer.disconnect();
        // The frame after the next one begins when the cards are painted.
        requestAnimationFrame(() =>
          requestAnimationFrame((atMs) => void Object.assign(globalThis, { paintedAtMs: atMs })),
        );
      }).observe(document, { childList: true, subtree: true });
    }, FLEETS.length);
    // The page before has closed, and the fleets have ended what they were at.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await page.goto(at("/"));
    const painted = await page.waitForFunction(() => (globalThis as { paintedAtMs?: number }).paintedAtMs);
    // By the page's own clock, which begins with the navigation: the tool's part is no reader's.
    times.push(Math.round((await painted.jsonValue()) ?? Number.NaN));
    bytes = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .filter(({ name }) => name.endsWith(".js"))
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
    );
    await fresh.close();
  }
  figure(`first page with 10 fleets × 12 workers: ${times.toSorted((a, b) => a - b).join(", ")} ms to all cards`);
  figure(`script of the first page: ${(bytes / 1000).toFixed(1)} kB as sent`);
  expect(bytes).toBeLessThan(400_000);
});

interface Row {
  readonly slot: number;
  readonly instanceId: number;
  readonly batch: number;
  readonly gamesPerSecond: number;
  readonly detail: string;
}

it("draws an update of a hundred workers in those rows alone", async () => {
  const fleet = await fleetOf(MODEL);
  const [model] = fleet.workers;
  const rows = (round: number): Row[] =>
    Array.from({ length: 100 }, (_, slot) => ({
      ...(model as unknown as Row),
      slot,
      instanceId: 50_000 + slot,
      label: `model-worker-vast-${slot}`,
      batch: 100 + round,
      gamesPerSecond: 2 + ((slot + round) % 10) / 10,
      detail: `batch ${100 + round}`,
    }));
  const { page } = await lookAt("/hosts");
  let route: WebSocketRoute | null = null;
  let seq = 0;
  const send = (body: object): void => {
    seq += 1;
    route?.send(JSON.stringify({ seq, at: new Date().toISOString(), ...body }));
  };
  // A hundred boxes of which this test decides when they change: the fleet is a real one, its rows are many times its own.
  await page.routeWebSocket(/\/fleets\/model\/live$/, (socket) => {
    route = socket;
    seq = 0;
    send({ type: "fleet", fleet: { ...fleet, workers: rows(0) } });
  });
  await page.goto(at("/fleets/model"));
  await page.getByTestId("worker-0").waitFor();
  await page.getByText("100 instances").waitFor();
  await page.evaluate(() => {
    const seen = { frames: [] as number[], added: 0 };
    Object.assign(globalThis, { seen });
    new MutationObserver((records) => {
      for (const { addedNodes } of records)
        for (const node of addedNodes) if (node instanceof HTMLElement && node.tagName === "TR") seen.added += 1;
    }).observe(document.body, { childList: true, subtree: true });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.frames.push(duration);
    }).observe({ type: "long-animation-frame", buffered: false });
  });
  const tookMs: number[] = [];
  for (let round = 1; round <= 20; round++) {
    const done = page.evaluate(
      (batch) =>
        new Promise<number>((resolve) => {
          const cell = document.querySelector("[data-testid=worker-0]");
          if (cell === null) return;
          const begun = { atMs: 0 };
          new MutationObserver((_, observer) => {
            if (!(cell.textContent ?? "").includes(String(batch))) return;
            begun.atMs = performance.now();
            observer.disconnect();
            // The next frame is painted with the change in it.
            requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - begun.atMs)));
          }).observe(cell, { childList: true, characterData: true, subtree: true });
        }),
      100 + round,
    );
    send({ type: "changes", fleet: {}, workers: rows(round), gone: [] });
    tookMs.push(await done);
  }
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: { frames: number[]; added: number } }).seen);
  const longest = Math.max(0, ...seen.frames);
  figure(
    `20 updates of 100 workers: ${seen.frames.length} frames over 50 ms (longest ${longest.toFixed(0)} ms), ${tookMs.map((ms) => ms.toFixed(0)).join(" ")} ms from the first row to two frames later`,
  );
  // No row is made anew: each changes in place.
  expect(seen.added).toBe(0);
  expect(await page.getByTestId("worker-0").textContent()).toContain("120");
});

it("draws a window of a thousand workers, and all of them when one scrolls", async () => {
  const fleet = await fleetOf(FLEETS[0] ?? "");
  const [model] = fleet.workers;
  const workers = Array.from({ length: 1000 }, (_, slot) => ({ ...model, slot, instanceId: 60_000 + slot }));
  const { page } = await lookAt("/hosts");
  await page.routeWebSocket(/\/fleets\/many-0\/live$/, (socket) =>
    socket.send(JSON.stringify({ type: "fleet", seq: 1, at: new Date().toISOString(), fleet: { ...fleet, workers } })),
  );
  await page.goto(at("/fleets/many-0"));
  await page.getByText("1,000 instances").waitFor();
  const drawnRows = (): Promise<number> => page.locator("table.workers tbody tr[data-instance]").count();
  expect(await drawnRows()).toBeLessThan(120);
  await page.evaluate(() => {
    const table = document.querySelector("table.workers");
    scrollTo(0, (table?.getBoundingClientRect().bottom ?? 0) + scrollY - innerHeight);
  });
  await page.getByTestId("worker-999").waitFor();
  expect(await drawnRows()).toBeLessThan(120);
});
