import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ADMIN, aFleet, aWorld, type World } from "./fakes.ts";

const TEAM = "https://my-team.cloudflareaccess.com";
const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const NOW = Date.parse("2026-11-24T08:00:00Z");
const HOUR_MS = 3_600_000;

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let ours: Pair;
let next: Pair;
let theirs: Pair;
/** What the team's address answers, and how often it was asked. */
let published: Record<string, Pair> | Error | string;
let asked: string[];

beforeAll(async () => {
  const pair = () => generateKeyPair("RS256", { extractable: true });
  [ours, next, theirs] = await Promise.all([pair(), pair(), pair()]);
});

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  published = { k1: ours };
  asked = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    asked.push(new Request(input).url);
    if (published instanceof Error) throw published;
    if (typeof published === "string") return new Response(published);
    const pairs = Object.entries(published);
    const keys = await Promise.all(
      pairs.map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid, use: "sig" })),
    );
    return Response.json({ keys });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function aTeamWorld(): World {
  const world = aWorld(aFleet("zeb"));
  world.env = {
    ...world.env,
    ACCESS_TEAM_DOMAIN: "my-team.cloudflareaccess.com",
    ACCESS_AUD: AUD,
    ACCESS_ADMINS: "ann@example.com",
    ACCESS_VIEWERS: "@example.com",
  };
  return world;
}

interface Wish {
  readonly email?: string;
  readonly aud?: string;
  readonly iss?: string;
  readonly expiresInMs?: number;
  readonly pair?: Pair;
  readonly kid?: string;
}

async function aToken({
  email = "ann@example.com",
  aud = AUD,
  iss = TEAM,
  expiresInMs = HOUR_MS,
  pair = ours,
  kid = "k1",
}: Wish = {}) {
  return new SignJWT({ email })
    .setProtectedHeader({ alg: "RS256", kid })
    .setAudience([aud])
    .setIssuer(iss)
    .setIssuedAt(Date.now() / 1000)
    .setExpirationTime((Date.now() + expiresInMs) / 1000)
    .sign(pair.privateKey);
}

function as(world: World, token: string, path = "/api/session", more: Parameters<World["ask"]>[1] = {}) {
  return world.ask(path, { ...more, token: null, headers: { "Cf-Access-Jwt-Assertion": token, ...more.headers } });
}

describe("a person whom Cloudflare Access vouches for", () => {
  it("has the role of the lists and goes by the address, until the token ends", async () => {
    const world = aTeamWorld();
    const ann = await as(world, await aToken());
    expect(await ann.json()).toEqual({
      role: "admin",
      name: "ann@example.com",
      via: "access",
      expiresAt: new Date(NOW + HOUR_MS).toISOString(),
    });
    const bob = await as(world, await aToken({ email: "Bob@Example.com" }));
    expect(await bob.json()).toMatchObject({ role: "viewer", name: "bob@example.com" });
    expect(asked).toEqual([`${TEAM}/cdn-cgi/access/certs`]);
  });

  it("writes from this deployment's own pages only, under the address", async () => {
    const world = aTeamWorld();
    const token = await aToken();
    const pause = async (headers: Record<string, string>) =>
      (await as(world, token, "/api/fleets/zeb/pause", { method: "POST", headers })).status;
    expect([await pause({}), await pause({ Origin: "https://evil.test" })]).toEqual([403, 403]);
    expect(await pause({ Origin: "http://localhost" })).toBe(200);
    expect(world.calls.at(-1)?.args).toEqual([{ name: "ann@example.com" }]);
  });

  it("is refused with 403 where no list has the address", async () => {
    const answer = await as(aTeamWorld(), await aToken({ email: "eve@evil.test" }));
    expect(answer.status).toBe(403);
    expect(JSON.stringify(await answer.json())).not.toContain("example.com");
  });

  it("gets in where no token is set at all", async () => {
    const world = aTeamWorld();
    world.env = { ...world.env, ADMIN_TOKEN: "", VIEWER_TOKEN: "" };
    expect((await as(world, await aToken(), "/api/status")).status).toBe(200);
    expect((await world.ask("/api/status", { token: null })).status).toBe(401);
  });
});

describe("a token of Access that does not hold is refused with 401", () => {
  const wishes: readonly (readonly [string, () => Wish])[] = [
    ["for another application", () => ({ aud: "another" })],
    ["of another team", () => ({ iss: "https://their-team.cloudflareaccess.com" })],
    ["that has expired", () => ({ expiresInMs: -31_000 })],
    ["of a key that the team does not have", () => ({ pair: theirs, kid: "k9" })],
    ["signed by another under the team's key id", () => ({ pair: theirs })],
    ["that names nobody", () => ({ email: "" })],
  ];
  it.each(wishes)("%s", async (_what, wish) => {
    const answer = await as(aTeamWorld(), await aToken(wish()));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: "unauthorized" });
  });

  it("without a signature", async () => {
    const unsigned = new UnsecuredJWT({ email: "ann@example.com" })
      .setAudience(AUD)
      .setIssuer(TEAM)
      .setIssuedAt()
      .setExpirationTime("1h")
      .encode();
    expect((await as(aTeamWorld(), unsigned)).status).toBe(401);
  });

  it("signed by the team's own key in another way than Access signs", async () => {
    const otherwise = await new SignJWT({ email: "ann@example.com" })
      .setProtectedHeader({ alg: "PS256", kid: "k1" })
      .setAudience(AUD)
      .setIssuer(TEAM)
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(await importJWK(await exportJWK(ours.privateKey), "PS256"));
    expect((await as(aTeamWorld(), otherwise)).status).toBe(401);
  });

  it("signed with the team's public key as if it were a shared secret", async () => {
    const { n = "" } = await exportJWK(ours.publicKey);
    const confused = await new SignJWT({ email: "ann@example.com" })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .setAudience(AUD)
      .setIssuer(TEAM)
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(n));
    expect((await as(aTeamWorld(), confused)).status).toBe(401);
  });

  it.each(["", "a.b.c", "…", "x".repeat(5000)])("that is none: %j", async (token) => {
    expect((await as(aTeamWorld(), encodeURIComponent(token))).status).toBe(401);
  });

  it("where Access is not configured, whatever it says", async () => {
    expect((await as(aWorld(), await aToken())).status).toBe(401);
    expect(asked).toEqual([]);
  });
});

describe("the team's keys", () => {
  it("are asked for once an hour", async () => {
    const world = aTeamWorld();
    await as(world, await aToken());
    vi.setSystemTime(NOW + HOUR_MS - 1);
    await as(world, await aToken());
    expect(asked).toHaveLength(1);
    vi.setSystemTime(NOW + HOUR_MS);
    await as(world, await aToken());
    expect(asked).toHaveLength(2);
  });

  it("are asked for again for a new key, and at most once a minute for made-up ones", async () => {
    const world = aTeamWorld();
    await as(world, await aToken());
    published = { k1: ours, k2: next };
    const rotated = await aToken({ pair: next, kid: "k2" });
    expect((await as(world, rotated)).status).toBe(401);
    vi.setSystemTime(NOW + 60_000);
    expect((await as(world, rotated)).status).toBe(200);
    for (const kid of ["k3", "k4", "k5"]) await as(world, await aToken({ pair: theirs, kid }));
    expect(asked).toHaveLength(2);
  });

  it.each([
    ["no answer", new Error("connection refused")],
    ["nonsense", "<html>"],
    ["no keys", '{"keys":[]}'],
  ])(
    "that cannot be read (%s) lock nobody out who has a token or a session, and the rest hear why",
    async (_what, answer) => {
      published = answer;
      const world = aTeamWorld();
      const refused = await as(world, await aToken());
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({ code: "access-unreachable" });
      const headers = { "Cf-Access-Jwt-Assertion": await aToken() };
      expect((await world.ask("/api/status", { token: ADMIN, headers })).status).toBe(200);
      const login = await world.ask("/api/session", { method: "POST", token: null, body: { token: ADMIN }, headers });
      const Cookie = (login.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "";
      expect((await world.ask("/api/status", { token: null, headers: { ...headers, Cookie } })).status).toBe(200);
    },
  );

  it("stand for a day while they cannot be read anew", async () => {
    const world = aTeamWorld();
    await as(world, await aToken());
    published = new Error("connection refused");
    vi.setSystemTime(NOW + 24 * HOUR_MS - 1);
    expect((await as(world, await aToken())).status).toBe(200);
    vi.setSystemTime(NOW + 24 * HOUR_MS);
    expect((await as(world, await aToken())).status).toBe(503);
  });
});
