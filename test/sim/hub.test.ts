import { describe, expect, it } from "vitest";
import { aMarket, HOUR, listOf, MINUTE, objectOf } from "./a-market.ts";

const TOKEN = { Authorization: "Bearer hf_test" };
const REPO = "jasonyandell/zeb-42";
const EXAMPLES = "jasonyandell/zeb-42-examples";

describe("the Hub", () => {
  it("knows who any hf_ token is, with its fine-grained scopes, and refuses the rest", async () => {
    const test = aMarket();
    const known = await test.call("GET", "/api/whoami-v2", undefined, TOKEN);
    expect(known.status).toBe(200);
    expect(known.json).toMatchObject({ type: "user", auth: { accessToken: { role: "fineGrained" } } });
    expect(known.text).toContain('"repo.write"');
    expect((await test.call("GET", "/api/whoami-v2", undefined, {})).status).toBe(401);
    expect((await test.call("GET", "/api/whoami-v2", undefined, { Authorization: "Bearer nope" })).status).toBe(401);
    expect(
      (await test.call("GET", "/api/whoami-v2", undefined, { Authorization: "Bearer hf_read1" })).text,
    ).not.toContain("repo.write");
  });

  it("resolves large files by a redirect with size and hash, small ones at once", async () => {
    const test = aMarket();
    const weights = await test.call("HEAD", `/${REPO}/resolve/main/large.pt`, undefined, {});
    expect(weights.status).toBe(302);
    expect(weights.headers.get("X-Linked-Size")).toBe("13271040");
    expect(weights.headers.get("X-Linked-Etag")).toMatch(/^"[0-9a-f]{64}"$/);
    expect(weights.headers.get("X-Repo-Commit")).toMatch(/^[0-9a-f]{40}$/);
    expect(
      (await test.call("GET", new URL(weights.headers.get("Location") ?? "").pathname, undefined, {})).status,
    ).toBe(200);
    const state = await test.call("GET", `/${REPO}/resolve/main/large-state.json`, undefined, {});
    expect(state.json).toEqual({ step: 142, total_games: 61_440, wandb_run_id: "abc123" });
  });

  it("tells a missing entry from a missing repo by X-Error-Code", async () => {
    const test = aMarket();
    const entry = await test.call("HEAD", `/${REPO}/resolve/main/nobody.pt`, undefined, TOKEN);
    expect([entry.status, entry.headers.get("X-Error-Code")]).toEqual([404, "EntryNotFound"]);
    const anonymous = await test.call("GET", "/api/models/no/body", undefined, {});
    expect([anonymous.status, anonymous.headers.get("X-Error-Code")]).toEqual([401, "RepoNotFound"]);
    const signedIn = await test.call("GET", "/api/models/no/body", undefined, TOKEN);
    expect([signedIn.status, signedIn.headers.get("X-Error-Code")]).toEqual([404, "RepoNotFound"]);
  });

  it("receives the workers' batches, named by worker and time, in the namespace's folder", async () => {
    const test = aMarket();
    await test.rent("zeb-worker-vast-0");
    await test.pass(30 * MINUTE);
    const tree = await test.call("GET", `/api/models/${EXAMPLES}/tree/main/large`, undefined, {});
    const files = listOf(JSON.parse(tree.text));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(file["path"]).toMatch(/^large\/zeb-worker-vast-0_\d{10}_[0-9a-f]{8}\.pt$/);
    const top = listOf(JSON.parse((await test.call("GET", `/api/models/${EXAMPLES}/tree/main`, undefined, {})).text));
    expect(top.map((one) => one["type"])).toEqual(["directory", "file"]);
    const commits = listOf(
      JSON.parse((await test.call("GET", `/api/models/${EXAMPLES}/commits/main`, undefined, {})).text),
    );
    expect(commits[0]?.["title"]).toMatch(/^examples: large\/\d batches$/);
  });

  it("has a learner that pushes weights and state together while examples come, and pauses without", async () => {
    const test = aMarket();
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(2 * HOUR);
    const titles = async (): Promise<unknown[]> =>
      listOf(JSON.parse((await test.call("GET", `/api/models/${REPO}/commits/main`, undefined, {})).text)).map(
        (one) => one["title"],
      );
    expect((await titles())[0]).toMatch(/^step \d+, \d+ games$/);
    await test.call("DELETE", `/api/v0/instances/${id}/`, {});
    await test.pass(HOUR);
    const before = await titles();
    await test.pass(3 * HOUR);
    expect(await titles()).toEqual(before);
  });

  it("prunes examples to the newest files", async () => {
    const test = aMarket({ keepExampleFiles: 15 });
    await test.rent("zeb-worker-vast-0");
    await test.pass(4 * HOUR);
    const files = JSON.parse(
      (await test.call("GET", `/api/models/${EXAMPLES}/tree/main/large`, undefined, {})).text,
    ) as unknown[];
    expect(files.length).toBeLessThan(25);
  });

  it("refuses commits beyond the hourly quota of the repo, to workers too", async () => {
    const test = aMarket({ commitsPerHour: 5 });
    await test.rent("zeb-worker-vast-0", { onstart: "run --weights-name large --upload-interval 60" });
    await test.pass(HOUR);
    expect(objectOf((await test.truth())["hub"])["commitsRefused"]).toBeGreaterThan(0);
    const line = JSON.stringify({ key: "file", value: { path: "a.txt", content: "aGk=", encoding: "base64" } });
    const refused = await test.call(
      "POST",
      `/api/models/${EXAMPLES}/commit/main`,
      `{"key":"header","value":{"summary":"x"}}\n${line}`,
      TOKEN,
    );
    expect(refused.status).toBe(429);
    expect(refused.text).toContain(
      "You have exceeded our hourly quotas for action: commit. We invite you to retry later.",
    );
    await test.pass(HOUR);
  });

  it("takes a commit from a token that may write", async () => {
    const test = aMarket();
    const body = `{"key":"header","value":{"summary":"x"}}\n{"key":"file","value":{"path":"a.txt","content":"aGk=","encoding":"base64"}}`;
    expect(
      (await test.call("POST", `/api/models/${REPO}/commit/main`, body, { Authorization: "Bearer hf_read1" })).status,
    ).toBe(403);
    expect((await test.call("POST", `/api/models/${REPO}/commit/main`, body, TOKEN)).json).toMatchObject({
      success: true,
    });
    expect((await test.call("GET", `/${REPO}/resolve/main/a.txt`, undefined, {})).text).toBe("hi");
  });

  it("has a hundred and twenty-eight commits an hour by default, times the speed", async () => {
    expect(aMarket().market.state.settings.commitsPerHour).toBe(128);
    expect(aMarket({ speed: 20 }).market.state.settings.commitsPerHour).toBe(2560);
  });
});
