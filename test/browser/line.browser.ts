// The line between a page and the keeper: one that is refused, one that broke without a word, one that is cut.

import { afterAll, beforeAll, expect, it } from "vitest";
import { aSteadyFleet, endFleet, putFleet } from "./keeper.ts";
import { breakable } from "./line.ts";
import { at, lookAt, markPage, useBrowser } from "./page.ts";

useBrowser();

beforeAll(() => aSteadyFleet("interrupted", { target: 1 }));
afterAll(() => endFleet("interrupted"));

const MINUTE_MS = 60_000;

it("takes no open socket for a live one: a ping without an answer has it opened again", async () => {
  const { page } = await lookAt("/hosts");
  await page.clock.install();
  const sockets = await breakable(page, "interrupted");
  const open = new Set<unknown>();
  page.on("request", (request) => void open.add(request));
  page.on("requestfinished", (request) => void open.delete(request));
  page.on("requestfailed", (request) => void open.delete(request));
  await page.goto(at("/fleets/interrupted"));
  const link = page.getByTestId("link").first();
  await link.getByText("live", { exact: true }).waitFor();
  // It also pings whenever it has heard of the fleets: on a busy machine that may be late, and the clock must not be set
  // forward between a ping and its answer.
  const allAnswered = async (): Promise<void> => {
    let before = "";
    const isSettled = (): boolean => {
      const now = `${sockets.pings()} ${open.size}`;
      const isSame = now === before;
      before = now;
      return isSame && open.size === 0 && sockets.unanswered() === 0;
    };
    await expect.poll(isSettled, { timeout: 60_000, interval: 1000 }).toBe(true);
    // The answer is on its way into the page: what is asked of the page after it comes after it.
    await page.evaluate(() => document.readyState);
  };
  await allAnswered();
  // A ping that is answered changes nothing.
  const [before, opened] = [sockets.pings(), sockets.opened()];
  await page.clock.fastForward(MINUTE_MS);
  await expect.poll(() => sockets.pings(), { timeout: 60_000 }).toBeGreaterThan(before);
  await allAnswered();
  await page.clock.fastForward(MINUTE_MS / 4);
  await link.getByText("live", { exact: true }).waitFor();
  expect(sockets.opened()).toBe(opened);
  sockets.breakAll();
  // To the next ping, past the wait for its answer, and to the next try.
  await page.clock.fastForward(MINUTE_MS);
  await page.clock.fastForward(MINUTE_MS / 4);
  await page.clock.fastForward(MINUTE_MS / 4);
  await expect.poll(() => sockets.opened(), { timeout: 30_000 }).toBe(opened + 1);
  await link.getByText("live", { exact: true }).waitFor();
});

it("is silent, not live, when the fleets cannot be read, though its sockets are open", async () => {
  const { page } = await lookAt("/fleets/interrupted");
  const link = page.getByTestId("link").first();
  await link.getByText("live", { exact: true }).waitFor();
  await page.route(/\/api\/fleets$/, (route) => route.abort());
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.getByTestId("silence").getByText("The keeper does not answer").waitFor();
  expect(await link.textContent()).toContain("no answer");
  await page.unroute(/\/api\/fleets$/);
  await link.getByText("live", { exact: true }).waitFor();
  await page.getByTestId("silence").waitFor({ state: "detached" });
});

it("goes on by asking where sockets do not get through", async () => {
  const { page } = await lookAt("/hosts");
  await page.routeWebSocket(/\/live$/, (socket) => socket.close({ code: 1011, reason: "a proxy in the way" }));
  await putFleet("polled", { target: 1 });
  await page.goto(at("/fleets/polled"));
  await page.getByTestId("worker-0").getByText("OK", { exact: true }).waitFor();
  await expect
    .poll(() => page.getByTestId("link").first().textContent(), { timeout: 30_000 })
    .toContain("asking every");
  await endFleet("polled");
});

it("says that what it shows is old while the keeper is silent, and is live again by itself", async () => {
  const { page } = await lookAt("/hosts");
  const line = { isCut: false };
  const cuts: (() => Promise<void>)[] = [];
  await page.routeWebSocket(/\/live$/, (socket) => {
    if (line.isCut) return void socket.close({ code: 1011 });
    socket.connectToServer();
    cuts.push(() => socket.close({ code: 1011 }));
  });
  await page.route("**/api/**", (route) => (line.isCut ? route.abort() : route.fallback()));
  await page.goto(at("/fleets/interrupted"));
  const link = page.getByTestId("link").first();
  await link.getByText("live", { exact: true }).waitFor();
  const isSamePage = await markPage(page);
  line.isCut = true;
  await Promise.all(cuts.map((cut) => cut()));
  const silence = page.getByTestId("silence");
  await silence.getByText("The keeper does not answer").waitFor();
  expect(await silence.locator("time").getAttribute("title")).toMatch(/\d{4}-\d\d-\d\dT/);
  // What was known stays in sight.
  await page.getByTestId("worker-0").waitFor();
  line.isCut = false;
  await link.getByText("live", { exact: true }).waitFor();
  await silence.waitFor({ state: "detached" });
  expect(await isSamePage()).toBe(true);
});
