import { expect, it } from "vitest";
import { endFleet, putFleet } from "./keeper.ts";
import { at, logIn, lookAt, markPage, useBrowser, visit } from "./page.ts";
import { ADMIN, VIEWER } from "./system.ts";

useBrowser();

it("lets in with a token, and says so when it is a wrong one", async () => {
  const { page } = await visit("/");
  await page.getByTestId("token").fill("this-is-not-a-token-at-all");
  await page.getByTestId("log-in").click();
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("alert").textContent()).toContain("not a token of this keeper");
  expect(await page.getByTestId("token").inputValue()).toBe("");
  await logIn(page);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Fleets");
});

it("keeps the session in a cookie that no script can read, and the token nowhere", async () => {
  const { page, context } = await lookAt("/");
  const [cookie, ...others] = await context.cookies();
  expect(others).toEqual([]);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
  expect(cookie?.value).not.toContain(ADMIN);
  const kept = await page.evaluate(() =>
    JSON.stringify([document.cookie, Object.entries(localStorage), Object.entries(sessionStorage)]),
  );
  expect(kept).not.toContain(cookie?.name);
  expect(kept).not.toContain(ADMIN);
});

it("says so where the browser does not keep the session's cookie", async () => {
  const { page, context } = await visit("/");
  await page.getByTestId("token").fill(ADMIN);
  // A browser that takes no such cookie without HTTPS sends none with the next request.
  await page.route(/\/api\/session$/, async (route) => {
    if (route.request().method() === "GET") await context.clearCookies();
    await route.fallback();
  });
  await page.getByTestId("log-in").click();
  await page.getByText("did not keep the session's cookie").waitFor();
  expect(await page.getByTestId("token").count()).toBe(1);
});

it("comes back to the page that was asked for, with its session, after a reload", async () => {
  const { page } = await lookAt("/hosts");
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Hosts" }).waitFor();
  expect(await page.getByTestId("token").count()).toBe(0);
});

it("shows the login when the session has ended, says why, and goes on where it was", async () => {
  await putFleet("expiring", { target: 1 });
  const { page, context } = await lookAt("/fleets/expiring");
  await page.getByTestId("state").waitFor();
  const isSamePage = await markPage(page);
  // What the end of a session's time does: the browser sends it no more.
  await context.clearCookies();
  const login = page.getByTestId("token");
  // A reading of the page's own may find it before the click does: then the button has gone.
  await Promise.allSettled([page.getByTestId("check").click({ timeout: 5_000 }), login.waitFor()]);
  await login.waitFor();
  expect(await page.locator("main").textContent()).toContain("Your session has ended");
  await logIn(page);
  await page.getByRole("heading", { level: 1, name: "expiring" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/fleets/expiring");
  expect(await isSamePage()).toBe(true);
  await endFleet("expiring");
});

it("logs out for good: the cookie opens nothing any more in this browser", async () => {
  const { page, context } = await lookAt("/");
  await page.getByTestId("log-out").first().click();
  await page.getByTestId("token").waitFor();
  expect(await context.cookies()).toEqual([]);
  await page.goto(at("/cost"));
  await page.getByTestId("token").waitFor();
});

it("offers a viewer what a viewer may do, and nothing else", async () => {
  await putFleet("viewed", { target: 1 });
  const { page } = await lookAt("/fleets/viewed", {}, VIEWER);
  await page.getByTestId("check").waitFor();
  for (const button of ["edit", "down", "pause"]) expect(await page.getByTestId(button).count()).toBe(0);
  await page.getByTestId("check").click();
  await page.getByTestId("plan").waitFor();
  expect(await page.getByTestId("check-now").count()).toBe(0);
  await endFleet("viewed");
});
