import { describe, expect, it } from "vitest";
import { readAccess, roleOfEmail } from "../src/access.ts";

const GIVEN = {
  team: "my-team.cloudflareaccess.com",
  audience: "aud1, aud2",
  admins: "Ann@Example.com",
  viewers: "@example.com",
};

function read(changes: Partial<Record<keyof typeof GIVEN, string | null>> = {}) {
  const problems: string[] = [];
  return { terms: readAccess({ ...GIVEN, ...changes }, problems), problems };
}

describe("Cloudflare Access", () => {
  it("is off, and nothing odd, while none of its variables is set", () => {
    expect(read({ team: null, audience: null, admins: null, viewers: null })).toEqual({ terms: null, problems: [] });
  });

  it.each(["my-team.cloudflareaccess.com", "https://my-team.cloudflareaccess.com/"])("takes the team as %s", (team) => {
    expect(read({ team })).toEqual({
      terms: {
        teamUrl: "https://my-team.cloudflareaccess.com",
        audiences: ["aud1", "aud2"],
        emails: { admin: ["ann@example.com"], viewer: ["@example.com"] },
      },
      problems: [],
    });
  });

  it.each([
    [{ team: null }, "ACCESS_TEAM_DOMAIN"],
    [{ team: "my-team" }, "ACCESS_TEAM_DOMAIN"],
    [{ team: "http://my-team.cloudflareaccess.com" }, "ACCESS_TEAM_DOMAIN"],
    [{ team: "https://my-team.cloudflareaccess.com/path" }, "ACCESS_TEAM_DOMAIN"],
    [{ audience: null }, "ACCESS_AUD"],
    [{ admins: null, viewers: null }, "ACCESS_ADMINS"],
    [{ admins: "everybody" }, "ACCESS_ADMINS"],
    [{ viewers: "*" }, "ACCESS_VIEWERS"],
    [{ viewers: "@com" }, "ACCESS_VIEWERS"],
  ])("lets nobody in and says so where it is said in part: %j", (changes, variable) => {
    const { terms, problems } = read(changes);
    expect(terms).toBeNull();
    expect(problems).toEqual([expect.stringContaining(variable)]);
  });

  it("gives a person the most that the lists say, whatever the case, and a stranger nothing", () => {
    const { terms } = read();
    const roles = [
      "ann@example.com",
      "ANN@example.com",
      "bob@example.com",
      "ann@example.com.evil.test",
      "x@sub.example.com",
    ];
    expect(roles.map((email) => terms && roleOfEmail(email, terms))).toEqual(["admin", "admin", "viewer", null, null]);
  });
});
