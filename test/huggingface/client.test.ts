import { describe, expect, it } from "vitest";
import commits from "../fixtures/huggingface/commits.json" with { type: "json" };
import state from "../fixtures/huggingface/state.json" with { type: "json" };
import tree from "../fixtures/huggingface/tree.json" with { type: "json" };
import whoami from "../fixtures/huggingface/whoami-fine-grained.json" with { type: "json" };
import { createHubClient, hubHosts } from "../../src/huggingface/client.ts";
import { createOutbound } from "../../src/outbound.ts";
import { fakeServer, json, streamed, text, type Answer, type Call } from "../vast/fake-server.ts";

const HUB = "https://huggingface.co";
const TOKEN = "hub-token-of-the-tests-0123456789";
const REPO = "jasonyandell/zeb-42";
const EXAMPLES = "jasonyandell/zeb-42-examples";

function aHub(answers: ((call: Call, index: number) => Answer) | readonly Answer[], token: string | null = TOKEN) {
  const server = fakeServer(answers);
  const outbound = createOutbound({ fetch: server.fetch, allowedHosts: hubHosts(HUB) });
  return { calls: server.calls, hub: createHubClient({ outbound, baseUrl: HUB, token }) };
}

const denied = (status: number, code?: string): Response =>
  text("", status, code === undefined ? {} : { "X-Error-Code": code });
const moved = (location: string, status = 302): Response => text("", status, { Location: location });

describe("whether weights are there", () => {
  it("is asked by HEAD for the file of the weights name, with the token", async () => {
    const { hub, calls } = aHub(() => text(""));
    await hub.weightsPresent(REPO, "large");
    await hub.weightsPresent(REPO, "model");
    expect(calls.map((call) => `${call.method} ${call.url.href}`)).toEqual([
      `HEAD ${HUB}/${REPO}/resolve/main/large.pt`,
      `HEAD ${HUB}/${REPO}/resolve/main/model.pt`,
    ]);
    expect(calls[0]?.headers.get("Authorization")).toBe(`Bearer ${TOKEN}`);
  });

  it.each([
    ["present", "200", () => text("")],
    ["present", "302 to the storage", () => moved("https://cas-bridge.xethub.hf.co/x?X-Amz-Signature=1")],
    ["present", "307 to a storage outside the list", () => moved("https://storage.example.com/x", 307)],
    ["missing", "404 EntryNotFound", () => denied(404, "EntryNotFound")],
    ["missing", "404 RevisionNotFound", () => denied(404, "RevisionNotFound")],
    ["no-credentials", "401", () => denied(401)],
    ["no-credentials", "403", () => denied(403)],
    ["no-credentials", "401 RepoNotFound", () => denied(401, "RepoNotFound")],
    ["no-credentials", "404 RepoNotFound", () => denied(404, "RepoNotFound")],
    ["no-credentials", "403 GatedRepo", () => denied(403, "GatedRepo")],
    ["unknown", "404 of a proxy", () => denied(404)],
    ["unknown", "429", () => denied(429)],
    ["unknown", "502", () => denied(502)],
    ["unknown", "503", () => denied(503)],
    ["unknown", "400", () => denied(400)],
    ["unknown", "network error", () => Promise.reject(new TypeError("x"))],
    ["unknown", "a redirect to nowhere", () => text("", 302)],
  ])("is %s with %s", async (presence, _name, answer) => {
    const { hub } = aHub(answer);
    expect(await hub.weightsPresent(REPO, "large")).toBe(presence);
  });

  it("follows a redirect within the Hub with the token: a renamed repo proves nothing yet", async () => {
    const { hub, calls } = aHub([moved("/new-owner/zeb-42/resolve/main/large.pt", 307), denied(404, "EntryNotFound")]);
    expect(await hub.weightsPresent(REPO, "large")).toBe("missing");
    expect(calls[1]?.url.href).toBe(`${HUB}/new-owner/zeb-42/resolve/main/large.pt`);
    expect(calls[1]?.headers.get("Authorization")).toBe(`Bearer ${TOKEN}`);
  });

  it("never calls the storage to know it, and is unknown where the Hub redirects in a circle", async () => {
    const storage = aHub([moved("https://cas-bridge.xethub.hf.co/x")]);
    await storage.hub.weightsPresent(REPO, "large");
    expect(storage.calls).toHaveLength(1);
    const circle = aHub((call) => moved(call.url.href));
    expect(await circle.hub.weightsPresent(REPO, "large")).toBe("unknown");
    expect(circle.calls.length).toBeLessThan(10);
  });

  it("can be known of a public repo without a token", async () => {
    const { hub, calls } = aHub([text("")], null);
    expect(await hub.weightsPresent(REPO, "large")).toBe("present");
    expect(calls[0]?.headers.has("Authorization")).toBe(false);
  });
});

describe("the learner's state", () => {
  it("is its step, its games, its run, and the date of the commit that says so", async () => {
    const { hub, calls } = aHub([json(state), json(commits)]);
    expect(await hub.learnerState(REPO, "large")).toEqual({
      ok: true,
      value: { step: 152, totalGames: 63488, wandbRunId: "abc123", pushedAtMs: Date.parse("2026-11-23T17:58:00Z") },
    });
    expect(calls.map((call) => call.url.href)).toEqual([
      `${HUB}/${REPO}/resolve/main/large-state.json`,
      `${HUB}/api/models/${REPO}/commits/main`,
    ]);
  });

  it("of the name model is in training_state.json", async () => {
    const { hub, calls } = aHub([json({ step: 1, total_games: 2 }), json([])]);
    expect(await hub.learnerState(REPO, "model")).toEqual({
      ok: true,
      value: { step: 1, totalGames: 2, wandbRunId: null, pushedAtMs: null },
    });
    expect(calls[0]?.url.pathname).toBe(`/${REPO}/resolve/main/training_state.json`);
  });

  it("is told without a date where the commits cannot be read, or none is its own", async () => {
    const failing = aHub([json(state), text("", 502)]);
    expect(await failing.hub.learnerState(REPO, "large")).toMatchObject({
      ok: true,
      value: { step: 152, pushedAtMs: null },
    });
    const older = aHub([json(state), json(commits.slice(1))]);
    expect(await older.hub.learnerState(REPO, "large")).toMatchObject({ ok: true, value: { pushedAtMs: null } });
  });

  it("is read through the Hub's own cache with the token, and from a storage without it", async () => {
    const { hub, calls } = aHub([
      moved(`/api/resolve-cache/models/${REPO}/c3/large-state.json`, 307),
      moved("https://cas-bridge.xethub.hf.co/state"),
      json(state),
      json(commits),
    ]);
    expect(await hub.learnerState(REPO, "large")).toMatchObject({ ok: true, value: { step: 152 } });
    expect(calls.map((call) => [call.url.host, call.headers.has("Authorization")])).toEqual([
      ["huggingface.co", true],
      ["huggingface.co", true],
      ["cas-bridge.xethub.hf.co", false],
      ["huggingface.co", true],
    ]);
  });

  it("is not read from a host outside the Hub's", async () => {
    const { hub, calls } = aHub([moved("https://example.com/state"), json(state)]);
    expect(await hub.learnerState(REPO, "large")).toMatchObject({ ok: false, error: { kind: "refused", status: 0 } });
    expect(calls).toHaveLength(1);
  });

  it.each([
    ["not there", () => denied(404, "EntryNotFound"), "entry-missing"],
    ["closed", () => denied(401), "no-credentials"],
    ["garbage", () => text("<html>"), "unreadable"],
    ["without a step", () => json({ total_games: 5 }), "unreadable"],
    ["cut off", () => streamed(['{"step":1'], "cut"), "lost"],
    ["behind a broken Hub", () => denied(504), "lost"],
  ])("is a failure where it is %s", async (_name, answer, kind) => {
    const { hub } = aHub(answer);
    expect(await hub.learnerState(REPO, "large")).toMatchObject({ ok: false, error: { kind } });
  });
});

describe("the examples", () => {
  it("are told by worker with the newest time in their names, newest first", async () => {
    const { hub, calls } = aHub([json(tree)]);
    expect(await hub.examples(EXAMPLES, "large")).toEqual({
      ok: true,
      value: {
        files: 3,
        newestAtMs: 1_795_457_100_000,
        workers: [
          {
            workerId: "zeb-large-worker-vast-0",
            newestAtMs: 1_795_457_100_000,
            oldestAtMs: 1_795_456_800_000,
            files: 2,
          },
          {
            workerId: "zeb-large-worker-vast-1",
            newestAtMs: 1_795_457_000_000,
            oldestAtMs: 1_795_457_000_000,
            files: 1,
          },
        ],
      },
    });
    expect(calls[0]?.url.href).toBe(`${HUB}/api/models/${EXAMPLES}/tree/main/large`);
  });

  it("of the name model are the files at the root, not those of folders", async () => {
    const entries = [
      { type: "file", path: "worker-vast-0_1795456800_0a1b2c3d.pt" },
      { type: "file", path: "large/worker-vast-1_1795456800_0a1b2c3d.pt" },
      { type: "directory", path: "large" },
    ];
    const { hub, calls } = aHub([json(entries)]);
    expect(await hub.examples(EXAMPLES, "model")).toMatchObject({
      ok: true,
      value: { files: 1, workers: [{ workerId: "worker-vast-0" }] },
    });
    expect(calls[0]?.url.pathname).toBe(`/api/models/${EXAMPLES}/tree/main`);
  });

  it("are read page by page as the Link header says", async () => {
    const next = `${HUB}/api/models/${EXAMPLES}/tree/main/large?cursor=abc`;
    const { hub, calls } = aHub([json(tree, 200, { Link: `<${next}>; rel="next"` }), json(tree)]);
    expect(await hub.examples(EXAMPLES, "large")).toMatchObject({ ok: true, value: { files: 6 } });
    expect(calls[1]?.url.href).toBe(next);
  });

  it("are not read on at another host, wherever the Link header points", async () => {
    const { hub, calls } = aHub([json(tree, 200, { Link: '<https://cdn.hf.co/next>; rel="next"' })]);
    await hub.examples(EXAMPLES, "large");
    expect(calls).toHaveLength(1);
  });

  it("are none where the folder is not there yet", async () => {
    const { hub } = aHub([denied(404, "EntryNotFound")]);
    expect(await hub.examples(EXAMPLES, "new-name")).toEqual({
      ok: true,
      value: { files: 0, newestAtMs: null, workers: [] },
    });
  });

  it.each([
    [
      "a later page is lost",
      (index: number) => (index === 0 ? json(tree, 200, { Link: `<${HUB}/next>; rel="next"` }) : denied(502)),
      "lost",
    ],
    ["the repo is closed", () => denied(401, "RepoNotFound"), "no-credentials"],
    ["the answer is no list", () => json({}), "unreadable"],
    ["a proxy says 404", () => text("<html>", 404), "unreadable"],
  ] as const)("are a failure, not none, where %s", async (_name, answer, kind) => {
    const { hub } = aHub((_, index) => answer(index));
    expect(await hub.examples(EXAMPLES, "large")).toMatchObject({ ok: false, error: { kind } });
  });
});

describe("the commits", () => {
  it("are the newest page, with times", async () => {
    const { hub } = aHub([json(commits)]);
    const answer = await hub.commits(REPO);
    expect(answer).toMatchObject({
      ok: true,
      value: [{ title: "step 152, 63488 games" }, {}, { atMs: Date.parse("2026-11-23T16:00:00Z") }],
    });
  });

  it("since a moment are read until an older one is seen", async () => {
    const next = `${HUB}/api/models/${REPO}/commits/main?p=1`;
    const pages = [
      json(commits.slice(0, 2), 200, { Link: `<${next}>; rel="next"` }),
      json(commits.slice(2), 200, { Link: `<${next}2>; rel="next"` }),
    ];
    const { hub, calls } = aHub(pages);
    const answer = await hub.commits(REPO, Date.parse("2026-11-23T17:00:00Z"));
    expect(answer.ok && answer.value.map((commit) => commit.id)).toEqual(["c3", "c2"]);
    expect(calls).toHaveLength(2);
  });

  it("leave out one whose date cannot be read", async () => {
    const { hub } = aHub([json([{ id: "x", title: "t", date: "yesterday" }, ...commits])]);
    expect(await hub.commits(REPO)).toMatchObject({ ok: true, value: { length: 3 } });
  });
});

describe("the token", () => {
  const writes = async (body: object) => {
    const { hub } = aHub([json(body)]);
    const answer = await hub.whoami([EXAMPLES, REPO, "acme/own"]);
    return answer.ok ? answer.value.writes.map((one) => one.canWrite) : answer.error;
  };
  const withToken = (accessToken: object, rest: object = {}) => ({ name: "acme", ...rest, auth: { accessToken } });

  it("is whose it is, without the address or the plan of that person", async () => {
    const { hub, calls } = aHub([json(whoami)]);
    expect(await hub.whoami([EXAMPLES])).toEqual({
      ok: true,
      value: { user: "acme", writes: [{ repo: EXAMPLES, canWrite: true }] },
    });
    expect(calls[0]?.url.href).toBe(`${HUB}/api/whoami-v2`);
  });

  it("with fine-grained scopes writes where they say so", async () => {
    expect(await writes(whoami)).toEqual([true, false, false]);
    const owner = { entity: { type: "user", name: "jasonyandell" }, permissions: ["repo.write"] };
    expect(await writes(withToken({ role: "fineGrained", fineGrained: { scoped: [owner] } }))).toEqual([
      true,
      true,
      false,
    ]);
    expect(await writes(withToken({ role: "fineGrained", fineGrained: { global: ["repo.write"] } }))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("for reading writes nowhere; for writing it reaches as far as its user", async () => {
    expect(await writes(withToken({ role: "read" }))).toEqual([false, false, false]);
    expect(await writes(withToken({ role: "write" }))).toEqual([false, false, true]);
    const member = { orgs: [{ name: "jasonyandell", roleInOrg: "write" }] };
    expect(await writes(withToken({ role: "write" }, member))).toEqual([true, true, true]);
    const reader = { orgs: [{ name: "jasonyandell", roleInOrg: "read" }] };
    expect(await writes(withToken({ role: "write" }, reader))).toEqual([false, false, true]);
    const unsaid = { orgs: [{ name: "jasonyandell" }] };
    expect(await writes(withToken({ role: "write" }, unsaid))).toEqual([null, null, true]);
  });

  it("does not tell where the answer leaves its scopes out", async () => {
    expect(await writes({ name: "acme" })).toEqual([null, null, null]);
    expect(await writes(withToken({ role: "fineGrained" }))).toEqual([null, null, null]);
    expect(await writes(withToken({ role: "something-new" }))).toEqual([null, null, null]);
  });

  it("is not valid at 401, unknown at 502, and not asked about where there is none", async () => {
    expect(await aHub([json({ error: "Invalid username or password." }, 401)]).hub.whoami()).toMatchObject({
      ok: false,
      error: { kind: "no-credentials", status: 401, message: "Invalid username or password." },
    });
    expect(await aHub([denied(502)]).hub.whoami()).toMatchObject({ ok: false, error: { kind: "lost" } });
    const none = aHub([json(whoami)], null);
    expect(await none.hub.whoami()).toEqual({ ok: false, error: { kind: "no-token" } });
    expect(none.calls).toHaveLength(0);
  });

  it("shows in no answer, whatever the Hub echoes", async () => {
    const echo = () => json({ error: `${TOKEN} is not allowed` }, 400);
    const { hub } = aHub(echo);
    const answers = [
      await hub.whoami(),
      await hub.commits(REPO),
      await hub.examples(EXAMPLES, "large"),
      await hub.learnerState(REPO, "large"),
    ];
    expect(JSON.stringify(answers)).not.toContain(TOKEN);
  });
});

describe("the Hub's rate limit", () => {
  it.each([
    [{ "Retry-After": "30" }, 30],
    [{ RateLimit: '"api";r=0;t=55' }, 55],
    [{}, null],
  ])("says when to come back with %j", async (headers, retryAfterSeconds) => {
    const { hub } = aHub([text("Too Many Requests", 429, headers)]);
    expect(await hub.commits(REPO)).toMatchObject({ ok: false, error: { kind: "rate-limited", retryAfterSeconds } });
  });
});
