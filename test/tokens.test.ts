import { describe, expect, it } from "vitest";
import { readTokens } from "../src/tokens.ts";

const OLD = "0123456789abcdef-old";
const NEW = "0123456789abcdef-new";

function read(admin: string | null, viewer: string | null = null) {
  const problems: string[] = [];
  return { tokens: readTokens({ admin, viewer }, problems), problems };
}

describe("a role's tokens", () => {
  it("may be several, with names or without", () => {
    expect(read(`alice:${OLD}, ${NEW}`, `grafana:viewer-${OLD},`)).toEqual({
      tokens: [
        { role: "admin", name: "alice", token: OLD },
        { role: "admin", name: "admin-2", token: NEW },
        { role: "viewer", name: "grafana", token: `viewer-${OLD}` },
      ],
      problems: [],
    });
  });

  it("count from 16 characters on, the name not counted", () => {
    expect(read("alice:0123456789abcdef").tokens).toHaveLength(1);
    const short = read(`alice:0123456789abcde,bob:${NEW}`);
    expect(short.tokens.map(({ name }) => name)).toEqual(["bob"]);
    expect(short.problems).toEqual(["ADMIN_TOKEN (alice) is shorter than 16 characters and counts as unset"]);
  });

  it("count once: neither a token nor a name may stand twice", () => {
    expect(read(`alice:${OLD},bob:${OLD}`)).toEqual({
      tokens: [{ role: "admin", name: "alice", token: OLD }],
      problems: ["ADMIN_TOKEN (bob) is the same token as alice's and counts as unset"],
    });
    const namesakes = read(`alice:${OLD}`, `alice:${NEW}`);
    expect(namesakes.tokens).toEqual([{ role: "admin", name: "alice", token: OLD }]);
    expect(namesakes.problems).toEqual([expect.stringContaining("VIEWER_TOKEN (alice) has the name of another token")]);
  });

  it("do not make a reader an administrator, under whatever name", () => {
    const { tokens, problems } = read(`alice:${OLD}`, `bob:${OLD}`);
    expect(tokens).toEqual([{ role: "admin", name: "alice", token: OLD }]);
    expect(problems).toEqual([expect.stringContaining("a reader could change things")]);
  });

  it("never show in a problem", () => {
    const { problems } = read("short-one,alice:bad token with spaces,x:short-two", "y:short-three");
    expect(problems).toHaveLength(4);
    expect(problems.join()).not.toMatch(/short-|bad token/);
  });
});
