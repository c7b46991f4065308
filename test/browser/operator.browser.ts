// What a person does beside one fleet: makes another, judges a host, looks at the market and at strays.

import { expect, inject, it } from "vitest";
import { door, endFleet, fleetOf, putFleet, quicken, until } from "./keeper.ts";
import { at, lookAt, useBrowser } from "./page.ts";

useBrowser();

it("makes a fleet: looks at what would be rented first, and then it is there, alive", async () => {
  const { page } = await lookAt("/");
  await page.getByTestId("new-fleet").click();
  const dialog = page.getByTestId("new-fleet-dialog");
  await dialog.getByLabel("Name").fill("by-hand");
  await dialog.getByRole("textbox", { name: "Target" }).fill("1");
  await dialog.getByRole("button", { name: "Look first" }).click();
  await dialog.getByTestId("plan").getByText("1 rent", { exact: false }).waitFor();
  // A look makes nothing.
  const names = async (): Promise<string[]> =>
    (await door<{ fleets: { name: string }[] }>("GET", "/api/fleets")).fleets.map(({ name }) => name);
  expect(await names()).not.toContain("by-hand");
  await dialog.getByRole("button", { name: "Rent 1 worker" }).click();
  await page.getByRole("heading", { level: 1, name: "by-hand" }).waitFor();
  // The form asks for no cadence. The keeper's own reads a log every 45 s and makes a CHECK every minute.
  await quicken("by-hand");
  await page.getByTestId("worker-0").getByText("OK", { exact: true }).waitFor();
  await until("by-hand counts its worker", async () => {
    const { producing } = (await fleetOf("by-hand")).totals;
    return producing === 1 ? true : null;
  });
  await endFleet("by-hand");
});

it("shows no plan beside fields that it was not made of: an older answer that comes late is not shown", async () => {
  const { page } = await lookAt("/");
  let isLate = true;
  const held: (() => void)[] = [];
  await page.route("**/api/fleets/late-plan?dryRun=true", async (route) => {
    if (isLate) await new Promise<void>((go) => held.push(go));
    isLate = false;
    await route.continue().catch(() => undefined);
  });
  await page.getByTestId("new-fleet").click();
  const dialog = page.getByTestId("new-fleet-dialog");
  const target = dialog.getByRole("textbox", { name: "Target" });
  await dialog.getByLabel("Name").fill("late-plan");
  await target.fill("1");
  await dialog.getByRole("button", { name: "Look first" }).click();
  await expect.poll(() => held.length).toBe(1);
  await target.fill("3");
  for (const go of held) go();
  // As long as the answer about one worker would take, it is not shown beside three.
  await page.waitForTimeout(3000);
  expect(await dialog.getByTestId("plan").count()).toBe(0);
  await dialog.getByRole("button", { name: "Look first" }).click();
  await dialog.getByTestId("plan").getByText("3 rents", { exact: false }).waitFor();
  await dialog.getByRole("button", { name: "Rent 3 workers" }).waitFor();
  await target.fill("4");
  await dialog.getByRole("button", { name: "Look first" }).waitFor();
  expect(await dialog.getByTestId("plan").count()).toBe(0);
});

it("says that a fleet must be made first where a stray has none to go to", async () => {
  const { page } = await lookAt("/hosts");
  const stray = {
    instanceId: 4711,
    label: "somebody-elses",
    gpu: "RTX 3070",
    status: "running",
    usdPerHour: 0.07,
    ageSeconds: 600,
    why: "its label names no fleet",
    ignored: false,
    destroying: null,
  };
  const strays = { strays: [stray], total: { strays: 1, usdPerHour: 0.07 }, notes: [] };
  await page.route("**/api/fleets", (route) => route.fulfill({ json: { fleets: [], notes: [] } }));
  await page.route("**/api/strays", (route) => route.fulfill({ json: strays }));
  await page.goto(at("/strays"));
  await page.getByTestId("link").first().getByText("live", { exact: true }).waitFor();
  await page.getByRole("listitem").filter({ hasText: "4711" }).getByRole("button", { name: "Adopt" }).click();
  const confirm = page.getByTestId("confirm");
  await confirm.getByText("There is no fleet that could adopt it", { exact: false }).waitFor();
  expect(await confirm.getByRole("button", { name: "Adopt it" }).count()).toBe(0);
});

it("blocks a machine with a note, shows why, and pardons it", async () => {
  const { page } = await lookAt("/hosts");
  await page.getByRole("textbox", { name: "Number of a machine" }).fill("777001");
  await page.getByRole("button", { name: "Block", exact: true }).first().click();
  const confirm = page.getByTestId("confirm");
  await confirm.getByRole("textbox").fill("loud neighbour <b>here</b>");
  await confirm.getByTestId("confirm-yes").click();
  const card = page.getByTestId("host-777001");
  await card.getByText("loud neighbour <b>here</b>").waitFor();
  expect((await door<{ blocked: boolean }>("GET", "/api/hosts/777001")).blocked).toBe(true);
  await card.getByRole("button", { name: "Pardon" }).click();
  await confirm.getByTestId("confirm-yes").click();
  await card.waitFor({ state: "detached" });
  expect((await door<{ blocked: boolean }>("GET", "/api/hosts/777001")).blocked).toBe(false);
});

it("ranks the market, and says of each offer why it is refused", async () => {
  const { page } = await lookAt("/market");
  const taken = page.getByRole("region", { name: "May be taken" });
  const refused = page.getByRole("region", { name: "Refused" });
  await taken.locator("tbody tr").first().waitFor();
  const values = await taken.locator("tbody tr td[data-label='$ per game/s']").allTextContents();
  const numbers = values.map((text) => Number(/[\d.]+/.exec(text)?.[0]));
  expect(numbers.length).toBeGreaterThan(3);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  const reasons = await refused.locator("tbody tr th").allTextContents();
  expect(reasons.length).toBeGreaterThan(0);
  expect(reasons.every((reason) => reason.trim().length > 3)).toBe(true);
});

it("ignores a stray and counts it again, says what a full fleet would do with it, and destroys it only by its number", async () => {
  const offers = await market<{ offers: { id: number }[] }>("POST", "/api/v0/bundles/", {
    rentable: { eq: true },
    limit: 20,
  });
  const rented = await market<{ new_contract: number }>("PUT", `/api/v0/asks/${offers.offers.at(-1)?.id ?? 0}/`, {
    client_id: "me",
    image: "pytorch/pytorch",
    disk: 10,
    label: "somebody-elses",
  });
  const id = rented.new_contract;
  // The account is looked over once a minute, and at once after a rent of the keeper's own.
  await putFleet("beside-strays", { target: 1 });
  await expect
    .poll(async () => JSON.stringify(await door("GET", "/api/strays")), { timeout: 150_000, interval: 2000 })
    .toContain(String(id));
  const { page } = await lookAt("/strays");
  const card = page.getByRole("listitem").filter({ hasText: String(id) });
  await card.getByRole("button", { name: "Ignore" }).click();
  await card.getByRole("button", { name: "Count it again" }).click();
  await card.getByRole("button", { name: "Ignore" }).waitFor();
  await card.getByRole("button", { name: "Adopt" }).click();
  await page.getByTestId("confirm").getByLabel("Fleet").selectOption("beside-strays");
  await page.getByTestId("confirm").getByText("beside-strays is full, 1 of 1", { exact: false }).waitFor();
  await page.getByTestId("confirm").getByRole("button", { name: "Cancel" }).click();
  await card.getByRole("button", { name: "Destroy" }).click();
  const confirm = page.getByTestId("confirm");
  await confirm.getByTestId("confirm-word").fill("1");
  expect(await confirm.getByTestId("confirm-yes").isDisabled()).toBe(true);
  await confirm.getByTestId("confirm-word").fill(String(id));
  await confirm.getByTestId("confirm-yes").click();
  await confirm.waitFor({ state: "detached" });
  const isBilled = async (): Promise<boolean> => {
    const { boxes } = await market<{ boxes: { id: number; endedAtMs: number | null }[] }>("GET", "/sim/state");
    return boxes.some((box) => box.id === id && box.endedAtMs === null);
  };
  await expect.poll(isBilled, { timeout: 60_000 }).toBe(false);
  await endFleet("beside-strays");
});

/** The market as another tool of the same account would use it. */
async function market<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${inject("marketUrl")}${path}`, {
    method,
    headers: { Authorization: "Bearer simulated-market-key-0123456789abcdef", "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
