import { expect, it } from "vitest";
import { putFleet } from "../support/doors.ts";
import { askForPage, openPage } from "../support/live-page.ts";
import { beginWorld } from "../support/world.ts";

async function codeOf(answer: Response): Promise<string> {
  const { code } = await answer.json<{ code: string }>();
  return `${answer.status} ${code}`;
}

it("opens for a program with a token, and for a page of this address", async () => {
  await beginWorld();
  await putFleet("zeb");
  expect((await askForPage("zeb")).status).toBe(101);
  expect((await askForPage("zeb", { Origin: "http://keeper" })).status).toBe(101);
});

it.each(["http://evil.example", "https://keeper", "http://keeper:8080", "http://keeper.evil.example", "null"])(
  "does not open for a page of %o",
  async (Origin) => {
    await beginWorld();
    await putFleet("zeb");
    expect(await codeOf(await askForPage("zeb", { Origin }))).toBe("403 foreign-origin");
  },
);

it("needs a token, a fleet that is there, a name that can be one, and an upgrade", async () => {
  await beginWorld();
  await putFleet("zeb");
  expect(await codeOf(await askForPage("zeb", { Authorization: "" }))).toBe("401 unauthorized");
  expect(await codeOf(await askForPage("nobody"))).toBe("404 fleet-not-found");
  expect(await codeOf(await askForPage("Not_A_Name"))).toBe("422 invalid-request");
  expect(await codeOf(await askForPage("zeb", { Upgrade: "" }))).toBe("426 upgrade-required");
});

it("says so where too many pages are open", async () => {
  await beginWorld();
  await putFleet("zeb");
  for (let page = 0; page < 50; page++) await openPage("zeb");
  const answer = await askForPage("zeb");
  expect(answer.headers.get("Retry-After")).toBe("30");
  expect(await codeOf(answer)).toBe("503 too-many-viewers");
});
