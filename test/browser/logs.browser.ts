import { beforeAll, expect, it } from "vitest";
import { aSteadyFleet, door, endFleet, fault, type Fleet, until } from "./keeper.ts";
import { at, lookAt, useBrowser } from "./page.ts";

useBrowser();

let logging: Fleet | null = null;
let hostile: Fleet | null = null;
beforeAll(async () => {
  [logging, hostile] = await Promise.all([
    aSteadyFleet("logging", { target: 1 }),
    aSteadyFleet("hostile", { target: 1 }),
  ]);
});

/** What a host that wants to harm its reader would print. */
const HOSTILE = [
  '<img src=x onerror="globalThis.harm = 1">',
  "<script>globalThis.harm = 2</script>",
  '"><svg onload=globalThis.harm=3>',
  "javascript:globalThis.harm=4",
  "{{constructor.constructor('globalThis.harm=5')()}}",
  "\u202Etxt.exe <b>bold</b> &lt;i&gt; \u0007\u001b[2J\u001b]0;title\u0007",
] as const;

/** Turns the direction of all that stands behind it. */
const TURNING = "\u202E";

it("reads a log, finds a line in it, and follows it", async () => {
  const { page } = await lookAt("/fleets/logging");
  await page.getByRole("link", { name: "Log of worker 0" }).click();
  const log = page.getByTestId("log");
  await log.getByText(/batch/i).first().waitFor();
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Log of logging, worker 0");
  expect(new URL(page.url()).pathname).toBe(`/instances/${logging?.workers[0]?.instanceId}/logs`);

  const newest = async (): Promise<number> => Number((await log.locator(".log-number").last().textContent()) ?? 0);
  const before = await newest();
  await expect.poll(newest, { timeout: 60_000 }).toBeGreaterThan(before);

  await page.getByRole("searchbox", { name: "Search the log" }).fill("batch");
  await page.getByText(/^\d+ of \d+$/).waitFor();
  expect(await log.locator("mark").count()).toBeGreaterThan(0);
  await page.getByRole("searchbox", { name: "Search the log" }).fill("no such word in it");
  await page.getByText("no match").waitFor();
  await endFleet("logging");
});

it("shows hostile lines as text, in the log, in the table and in the timeline", async () => {
  const instance = hostile?.workers[0]?.instanceId ?? 0;
  for (const line of HOSTILE) await fault("worker-error", { match: { instance }, times: 1, value: line });
  const { page } = await lookAt(`/instances/${instance}/logs`);
  const log = page.getByTestId("log");
  for (const line of HOSTILE.slice(0, 5)) await log.getByText(line, { exact: false }).first().waitFor();
  expect(await log.locator("img, script, svg, b, i, a, iframe").count()).toBe(0);
  expect(await log.getByText("<b>bold</b>", { exact: false }).count()).toBe(1);

  // The last words of a worker that dies stand in its row, in the reason and in the events.
  await fault("host-crash", { match: { instance }, times: 1, value: `RuntimeError: ${TURNING}${HOSTILE[0]}` });
  await page.goto(at("/fleets/hostile"));
  await page.getByTestId("timeline").getByText(`�${HOSTILE[0]}`, { exact: false }).first().waitFor();
  expect(await page.locator("body").textContent()).not.toContain(TURNING);
  await until("the history knows its end", async () => {
    const { instances } = await door<{ instances: unknown[] }>("GET", "/api/instances?fleet=hostile&ended=true");
    return instances[0] ?? null;
  });
  await page.goto(at("/history"));
  await page.getByTestId("ended").getByText(`�${HOSTILE[0]}`, { exact: false }).first().waitFor();
  expect(await page.locator("body").textContent()).not.toContain(TURNING);
  expect(await page.evaluate(() => (globalThis as { harm?: number }).harm ?? null)).toBeNull();
  await endFleet("hostile");
});
