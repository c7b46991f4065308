import { beforeAll, expect, it } from "vitest";
import { aSteadyFleet, door, endFleet, fault, fleetOf, putFleet, until } from "./keeper.ts";
import { at, lookAt, markPage, useBrowser } from "./page.ts";

useBrowser();

/** Those that the tests find at work: they boot side by side. */
beforeAll(async () => {
  await Promise.all([
    aSteadyFleet("healing", { target: 2 }),
    aSteadyFleet("scaling", { target: 4 }),
    aSteadyFleet("ending", { target: 2 }),
  ]);
});

it("shows a fleet ramp, worker by worker, without a reload", async () => {
  // The browser is there before the fleet, so that a slow start of it misses nothing of the ramp.
  const { page } = await lookAt("/hosts");
  await putFleet("ramping", { target: 3 });
  await page.goto(at("/fleets/ramping"));
  const isSamePage = await markPage(page);
  const seen = new Set<string>();
  const state = page.getByTestId("state");
  await until("the page says steady", async () => {
    const text = (await state.textContent()) ?? "";
    seen.add(text.replaceAll(/\d+ of/g, "n of"));
    return /steady|all 3|3 of 3/i.test(text) && (await page.getByTestId("figures").textContent())?.includes("3 / 3")
      ? text
      : null;
  });
  for (const slot of [0, 1, 2]) {
    await page.getByTestId(`worker-${slot}`).getByText("OK", { exact: true }).waitFor();
  }
  expect(seen.size).toBeGreaterThan(1);
  await page.getByTestId("link").first().getByText("live", { exact: true }).waitFor();
  expect(await isSamePage()).toBe(true);
  await endFleet("ramping");
});

it("shows a fleet on the overview that was made while it is open", async () => {
  const { page } = await lookAt("/hosts");
  await page.clock.install();
  await page.goto(at("/"));
  await page.getByTestId("fleet-scaling").waitFor();
  const isSamePage = await markPage(page);
  await putFleet("newcomer", { target: 1 });
  await until("the history knows it", async () => {
    const { fleets } = await door<{ fleets: { fleet: string }[] }>("GET", "/api/series?hours=1");
    return fleets.find(({ fleet }) => fleet === "newcomer") ?? null;
  });
  expect(await page.getByTestId("fleet-newcomer").count()).toBe(0);
  // Nobody tells an open overview of a new fleet: it asks every two minutes, which the page's clock lets pass.
  await page.clock.fastForward(120_000);
  await page.getByTestId("fleet-newcomer").waitFor();
  await page.getByTestId("fleet-newcomer").getByRole("link", { name: "newcomer" }).click();
  await page.getByTestId("worker-0").getByText("OK", { exact: true }).waitFor();
  expect(await isSamePage()).toBe(true);
  await endFleet("newcomer");
});

it("shows a dud replaced: the crash, the reason, the box that comes instead", async () => {
  const fleet = await fleetOf("healing");
  const { page } = await lookAt("/fleets/healing");
  const isSamePage = await markPage(page);
  const victim = fleet.workers.find(({ slot }) => slot === 1)?.instanceId ?? 0;
  const row = page.getByTestId("worker-1");
  await page.locator(`[data-instance="${victim}"]`).waitFor();
  await fault("next-rent-dud", { match: { label: "healing-worker-vast-1" }, times: 1 });
  await fault("host-crash", { match: { instance: victim }, times: 1 });
  await row.getByText("ERR", { exact: true }).waitFor();
  await page.locator(`[data-instance="${victim}"]`).waitFor({ state: "detached" });
  // The dud first, then one that works.
  const dud = await until("another box is in the slot", async () => {
    const id = await row.getAttribute("data-instance", { timeout: 2000 }).catch(() => null);
    return id === null || Number(id) === victim ? null : Number(id);
  });
  await until("the dud is replaced too", async () => {
    const id = await row.getAttribute("data-instance", { timeout: 2000 }).catch(() => null);
    return id === null || Number(id) === dud ? null : id;
  });
  await row.getByText("OK", { exact: true }).waitFor();
  const timeline = page.getByTestId("timeline");
  await timeline
    .getByText(/STRIKE|BLACKLIST/)
    .first()
    .waitFor();
  await timeline
    .getByText(new RegExp(String(victim)))
    .first()
    .waitFor();
  expect(await isSamePage()).toBe(true);
  await endFleet("healing");
});

it("scales from 4 to 6, with the plan on the screen before it is saved", async () => {
  const { page } = await lookAt("/fleets/scaling");
  await page.getByTestId("worker-3").waitFor();
  await page.getByTestId("edit").click();
  const dialog = page.getByTestId("edit-dialog");
  await dialog.getByTestId("target").fill("6");
  const plan = dialog.getByTestId("plan");
  await plan.waitFor();
  expect(await plan.textContent()).toContain("2 rents");
  expect(await dialog.textContent()).toMatch(/target\s*4\s*6/);
  // Looking at it has changed nothing.
  expect((await door<{ spec: { target: number } }>("GET", "/api/fleets/scaling")).spec.target).toBe(4);
  await dialog.getByTestId("save").click();
  await dialog.waitFor({ state: "detached" });
  for (const slot of [4, 5]) await page.getByTestId(`worker-${slot}`).getByText("OK", { exact: true }).waitFor();
  expect((await fleetOf("scaling")).totals.live).toBe(6);
  await endFleet("scaling");
});

it("says what is wrong with a wrong number, and saves nothing", async () => {
  await putFleet("careful", { target: 1 });
  const { page } = await lookAt("/fleets/careful");
  await page.getByTestId("edit").click();
  const dialog = page.getByTestId("edit-dialog");
  for (const wrong of ["-1", "1.5", "many", "5000"]) {
    await dialog.getByTestId("target").fill(wrong);
    await dialog.locator("[aria-invalid=true]").waitFor();
    expect(await dialog.getByTestId("save").isDisabled()).toBe(true);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await endFleet("careful");
});

it("ends a fleet only when its name has been typed", async () => {
  const { page } = await lookAt("/fleets/ending");
  await page.getByTestId("down").click();
  const confirm = page.getByTestId("confirm");
  await confirm.getByText("2 instances").first().waitFor();
  expect(await confirm.getByTestId("confirm-yes").isDisabled()).toBe(true);
  await confirm.getByTestId("confirm-word").fill("endin");
  expect(await confirm.getByTestId("confirm-yes").isDisabled()).toBe(true);
  expect((await fleetOf("ending")).totals.live).toBe(2);
  await confirm.getByTestId("confirm-word").fill("ending");
  await confirm.getByTestId("confirm-yes").click();
  await confirm.waitFor({ state: "detached" });
  await page.getByText("No worker is there").waitFor();
  const fleet = await until("it is down", async () => {
    const now = await fleetOf("ending");
    return now.state === "down" ? now : null;
  });
  expect(fleet.workers).toEqual([]);
});
