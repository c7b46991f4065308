import { exports } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { must } from "../support/builders.ts";
import { askForCheck, putFleet } from "../support/doors.ts";
import { askForPage, openPage, pageOf } from "../support/live-page.ts";
import { beginWorld, HOUR, moveTo } from "../support/world.ts";

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

describe("with a browser's session", () => {
  const cookieOf = async (): Promise<string> => {
    const answer = await exports.default.fetch(
      new Request("http://keeper/api/session", {
        method: "POST",
        headers: { "Content-Type": "application/json", Origin: "http://keeper" },
        body: JSON.stringify({ token: "viewer-token-for-tests" }),
      }),
    );
    return String(answer.headers.get("Set-Cookie")).split(";")[0] ?? "";
  };

  it("opens for a page of this address, and for no other, and not for one that says no address", async () => {
    await beginWorld();
    await putFleet("zeb");
    const Cookie = await cookieOf();
    const ask = (headers: Record<string, string>) => askForPage("zeb", { Authorization: "", Cookie, ...headers });
    expect((await ask({ Origin: "http://keeper" })).status).toBe(101);
    expect(await codeOf(await ask({ Origin: "http://evil.example" }))).toBe("403 foreign-origin");
    expect(await codeOf(await ask({}))).toBe("403 foreign-origin");
  });

  it("ends with the session", async () => {
    await beginWorld();
    await putFleet("zeb");
    const answer = await askForPage("zeb", { Authorization: "", Cookie: await cookieOf(), Origin: "http://keeper" });
    const page = pageOf(must(answer.webSocket, "a socket"));
    page.socket.accept();
    await page.received(1);
    await moveTo(Date.now() + 400 * 24 * HOUR);
    await askForCheck("zeb");
    await vi.waitFor(() => expect(page.closed).toEqual([{ code: 4401, reason: "the session is over" }]));
  });
});
