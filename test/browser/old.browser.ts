// What is on the screen and no longer so: a door that fails, an instance that has gone.

import { afterAll, beforeAll, expect, it } from "vitest";
import { aSteadyFleet, door, endFleet, fleetOf, until } from "./keeper.ts";
import { breakable } from "./line.ts";
import { at, lookAt, useBrowser } from "./page.ts";

useBrowser();

beforeAll(() => aSteadyFleet("outdated", { target: 2 }));
afterAll(() => endFleet("outdated"));

/** The keeper's own words for a door that cannot answer. */
const REFUSED = {
  status: 503,
  contentType: "application/problem+json",
  body: JSON.stringify({ code: "history-unreachable", title: "The history does not answer", detail: "D1 is silent" }),
};

it("says of what could not be read again why, and from when it is, until it has been", async () => {
  const { page } = await lookAt("/market");
  const taken = page.getByRole("region", { name: "May be taken" });
  await taken.locator("tbody tr").first().waitFor();
  await page.route("**/api/offers*", (route) => route.fulfill(REFUSED));
  await page.getByRole("button", { name: "Look again" }).click();
  const note = page.locator("main").getByTestId("answer-note");
  await note.getByText("The history does not answer").waitFor();
  expect(await note.textContent()).toContain("What you see is as of");
  const time = note.locator("time");
  const readAt = await time.getAttribute("datetime");
  await taken.locator("tbody tr").first().waitFor();
  // A second failure makes it no younger.
  await note.getByRole("button", { name: "Try again" }).click();
  await note.getByRole("button", { name: "Try again" }).and(page.locator("[aria-busy=false]")).waitFor();
  expect(await time.getAttribute("datetime")).toBe(readAt);
  await page.unroute("**/api/offers*");
  await note.getByRole("button", { name: "Try again" }).click();
  await note.waitFor({ state: "detached" });
});

it("says why there is no curve instead of waiting for ever, and of the account's figures that they were not read", async () => {
  const { page } = await lookAt("/hosts");
  await page.route(/\/api\/(fleets\/outdated\/series|series|cost)(\?|$)/, (route) => route.fulfill(REFUSED));
  await page.goto(at("/fleets/outdated"));
  const chart = page.getByRole("region", { name: /^games\/s/ });
  await chart.getByText("The history does not answer").waitFor();
  expect(await chart.locator(".skeleton").count()).toBe(0);
  const strip = page.getByTestId("account-strip");
  await strip.getByText("account", { exact: true }).waitFor();
  expect(await strip.locator(".skeleton-word").count()).toBe(0);
  await page.goto(at("/"));
  await page.getByText("The small curves are not there", { exact: false }).waitFor();
});

/** Another instance works in the slot. */
async function replaced(slot: number, instanceId: number): Promise<number> {
  await door("DELETE", `/api/instances/${instanceId}`);
  return until("another instance is in the slot", async () => {
    const worker = (await fleetOf("outdated")).workers.find((one) => one.slot === slot);
    return worker === undefined || worker.instanceId === instanceId ? null : worker.instanceId;
  });
}

async function instanceIn(slot: number): Promise<number> {
  const found = await until("there is an instance", async () => {
    const worker = (await fleetOf("outdated")).workers.find((one) => one.slot === slot);
    return worker ?? null;
  });
  return found.instanceId;
}

it("marks the sheet of an instance that has gone, offers nothing to do with it, and tells what happened to it", async () => {
  const instanceId = await instanceIn(0);
  const { page } = await lookAt("/fleets/outdated");
  const asks: string[] = [];
  page.on("request", (request) => void asks.push(request.url()));
  await page.locator(`[data-instance="${instanceId}"]`).getByRole("button", { name: "Worker 0: details" }).click();
  const sheet = page.getByTestId("worker-dialog");
  await sheet.getByRole("button", { name: "Replace" }).waitFor();
  await sheet.locator(".timeline li").first().waitFor();
  const events = asks.map((url) => new URL(url)).filter(({ pathname }) => pathname === "/api/events");
  expect(events.map(({ searchParams }) => searchParams.get("instance"))).toContain(String(instanceId));
  await sheet.getByRole("button", { name: "Replace" }).click();
  await page.getByTestId("confirm").getByTestId("confirm-yes").waitFor();
  const next = await replaced(0, instanceId);
  // The question that is open says it too.
  await page.getByTestId("confirm").getByText(`Instance ${instanceId} is gone`, { exact: false }).waitFor();
  expect(await page.getByTestId("confirm").getByTestId("confirm-yes").count()).toBe(0);
  await page.getByTestId("confirm").getByText("Close", { exact: true }).click();
  await sheet.getByTestId("worker-gone").getByText(`Instance ${instanceId} is gone`, { exact: false }).waitFor();
  for (const name of ["Replace", "Block machine", "Copy SSH"])
    expect(await sheet.getByRole("button", { name }).count()).toBe(0);
  await page.locator(`[data-instance="${next}"]`).waitFor();
});

it("replaces the instance that was shown, and never the one that has come in its place", async () => {
  const instanceId = await instanceIn(1);
  const { page } = await lookAt("/hosts");
  const sockets = await breakable(page, "outdated");
  await page.goto(at("/fleets/outdated"));
  const row = page.locator(`[data-instance="${instanceId}"]`);
  await row.waitFor();
  // From here on the page hears nothing: it shows an instance that has been replaced.
  sockets.breakAll();
  await page.route(/\/api\/fleets$/, (route) => route.abort());
  const next = await replaced(1, instanceId);
  await row.getByRole("button", { name: "Replace worker 1" }).click();
  await page.getByTestId("confirm-yes").click();
  await page
    .getByText(/The instance has ended|No such instance/)
    .first()
    .waitFor();
  const fleet = await door<{ orders: unknown[]; workers: { slot: number; instanceId: number }[] }>(
    "GET",
    "/api/fleets/outdated",
  );
  expect(fleet.orders).toEqual([]);
  expect(fleet.workers.find(({ slot }) => slot === 1)?.instanceId).toBe(next);
});
