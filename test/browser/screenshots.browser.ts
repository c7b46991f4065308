// The pictures of the README and the docs, made anew with `npm run screenshots`.

import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aSteadyFleet, endFleet, fault, fleetOf, putFleet, until } from "./keeper.ts";
import { at, DESKTOP, lookAt, PHONE, useBrowser } from "./page.ts";
import { drawn, pagesOf } from "./pages.ts";

useBrowser();

const FOLDER = "docs/images";
let pages: ReturnType<typeof pagesOf> = [];

describe.skipIf(process.env["SCREENSHOTS"] !== "1")("pictures", () => {
  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    await Promise.all([
      putFleet("zeb-large", { target: 8, preset: "zeb-large", launchBatch: 8 }),
      putFleet("zeb-belief", { target: 3 }),
    ]);
    const { workers } = await aSteadyFleet("zeb", { target: 6, launchBatch: 6, budgetUsdPerDay: 12 });
    // One worker has just failed, so that the pages have something to say.
    await fault("host-crash", { match: { instance: workers[2]?.instanceId ?? 0 }, times: 1 });
    await until("it is seen", async () =>
      (await fleetOf("zeb")).workers.some(({ verdict }) => verdict === "failed") ? true : null,
    );
    pages = pagesOf("zeb", workers[0]?.instanceId ?? 0).filter(({ name }) => name !== "lost");
  }, 400_000);
  afterAll(async () => {
    for (const name of ["zeb", "zeb-large", "zeb-belief"]) await endFleet(name);
  });

  it.each([
    { suffix: "", options: { viewport: DESKTOP, colorScheme: "light" } },
    { suffix: "-dark", options: { viewport: DESKTOP, colorScheme: "dark" } },
    // At the phone's own density the pictures would be four times as large.
    { suffix: "-phone", options: { ...PHONE, deviceScaleFactor: 1, colorScheme: "light" } },
  ] as const)("of every page%s", async ({ suffix, options }) => {
    const { page } = await lookAt("/", options);
    for (const { name, path } of pages) {
      await page.goto(at(path));
      await drawn(page);
      // As it looks when it has been open for a moment.
      await page.waitForFunction(() => document.querySelector("[data-testid=link]")?.textContent === "live");
      const picture = await page.screenshot({ path: `${FOLDER}/${name}${suffix}.png` });
      expect(picture.length).toBeGreaterThan(10_000);
    }
  });
});
