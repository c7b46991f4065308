import { describe, expect, it } from "vitest";
import { aMarket, goodHosts, MINUTE, START_SCRIPT } from "./a-market.ts";

const BODY = {
  client_id: "me",
  image: "pytorch/pytorch:2.6.0",
  disk: 15,
  label: "x",
  env: {},
  onstart: null,
  price: null,
  runtype: "ssh",
};

describe("renting", () => {
  it("answers with the instance's id and its key, nulls in the body being fine", async () => {
    const test = aMarket();
    const [offer] = await test.offers();
    const body = {
      ...BODY,
      extra: null,
      image_login: null,
      template_hash_id: null,
      user: null,
      jupyter_dir: null,
      cancel_unavail: false,
      force: false,
    };
    const answer = await test.call("PUT", `/api/v0/asks/${String(offer?.["id"])}/`, body);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      success: true,
      new_contract: expect.any(Number),
      instance_api_key: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("rents an offer once; afterwards it is gone, in one of the three ways that were seen", async () => {
    const test = aMarket({ hosts: goodHosts(12) });
    const ways = new Set<string>();
    for (const offer of await test.offers()) {
      await test.rent("x", {}, Number(offer["id"]));
      const again = await test.call("PUT", `/api/v0/asks/${String(offer["id"])}/`, BODY);
      ways.add(`${again.status} ${String(again.json["error"])}`);
      expect(again.text).toMatch(/no_such_ask|no longer available|is not available/);
      expect(again.json["ask_id"]).toBe(offer["id"]);
    }
    expect([...ways].sort()).toEqual(["400 no_such_ask", "404 invalid_args", "410 no_such_ask"]);
    expect((await test.truth())["now"]).toMatchObject({ billed: 12 });
  });

  it("answers 404 code 3603 for an id that was never offered", async () => {
    const answer = await aMarket().call("PUT", "/api/v0/asks/99999999/", BODY);
    expect(answer.status).toBe(404);
    expect(answer.json).toMatchObject({
      error: "invalid_args",
      msg: "error 404/3603: no_such_ask Instance type by id 99999999 is not available.",
    });
  });

  it.each([
    ["a label over 256 characters", { label: "x".repeat(257) }],
    ["a start script and args over 4096 characters together", { onstart: "x".repeat(4000), args: ["y".repeat(97)] }],
    ["a disk under 8 GB", { disk: 7 }],
    ["no image", { image: null }],
    ["a bid of nothing", { price: 0.0001 }],
    ["an environment value over 256 characters", { env: { A: "x".repeat(257) } }],
  ])("refuses %s with 400", async (_what, wrong) => {
    const test = aMarket();
    const [offer] = await test.offers();
    const answer = await test.call("PUT", `/api/v0/asks/${String(offer?.["id"])}/`, { ...BODY, ...wrong });
    expect(answer.status).toBe(400);
    expect((await test.truth())["now"]).toMatchObject({ billed: 0 });
  });

  it("takes a label of 256 and a script of 4096 characters", async () => {
    const test = aMarket();
    const id = await test.rent("x".repeat(256), { onstart: START_SCRIPT.padEnd(4096, " ") });
    expect((await test.row(id))["label"]).toHaveLength(256);
  });

  it("does not apply an environment given as a string", async () => {
    const test = aMarket();
    const id = await test.rent("x", { env: "-e A=1" });
    expect((await test.row(id))["extra_env"]).toEqual([]);
  });

  it("refuses everything without credit", async () => {
    const test = aMarket({ credit: 0 });
    const [offer] = await test.offers();
    const answer = await test.call("PUT", `/api/v0/asks/${String(offer?.["id"])}/`, BODY);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({
      error: "insufficient_credit",
      msg: "Your account lacks credit; see the billing page.",
    });
  });

  it("makes a bid interruptible and an absent price on demand", async () => {
    const test = aMarket();
    const bid = await test.rent("a", { price: 0.05 });
    const full = await test.rent("b");
    expect((await test.row(bid))["is_bid"]).toBe(true);
    expect((await test.row(full))["is_bid"]).toBe(false);
  });

  it("rents many and starts by query", async () => {
    const test = aMarket();
    const ids = (await test.offers()).slice(0, 3).map((offer) => offer["id"]);
    const bulk = await test.call("POST", "/api/v0/asks/bulk/", { ...BODY, ids });
    expect(bulk.json["new_contracts"]).toHaveLength(3);
    const launched = await test.call("PUT", "/api/v0/launch_instance/", {
      ...BODY,
      q: { gpu_name: { eq: "RTX 3070" } },
    });
    expect(launched.json["success"]).toBe(true);
    expect((await test.truth())["now"]).toMatchObject({ billed: 4 });
  });

  it("notes the most boxes ever paid at once, in all and by fleet", async () => {
    const test = aMarket();
    const first = await test.rent("zeb-worker-vast-0");
    await test.rent("zeb-large-worker-vast-0");
    await test.call("DELETE", `/api/v0/instances/${first}/`, {});
    await test.pass(MINUTE);
    await test.rent("zeb-worker-vast-0");
    const truth = await test.truth();
    expect(truth["mostPaidAtOnce"]).toBe(2);
    expect(truth["mostPaidAtOnceByFleet"]).toEqual({ zeb: 1, "zeb-large": 1 });
  });
});

describe("keys", () => {
  it("answers 403 without a key and 404 auth_error for one that matches no user", async () => {
    const test = aMarket({ validKeys: ["good"] });
    const none = await test.call("GET", "/api/v1/instances/", undefined, {});
    expect([none.status, none.json["error"], none.json["msg"]]).toEqual([
      403,
      "auth_error",
      "This action requires login.",
    ]);
    const bad = await test.call("GET", "/api/v1/instances/", undefined, { Authorization: "Bearer bad" });
    expect([bad.status, bad.json["error"], bad.json["msg"]]).toEqual([404, "auth_error", "Invalid user key"]);
    const good = await test.call("GET", "/api/v1/instances/", undefined, { Authorization: "Bearer good" });
    expect(good.status).toBe(200);
  });

  it("lets a read-only key list and search, and fails it at the rent", async () => {
    const test = aMarket();
    const key = { Authorization: "Bearer read-only-1" };
    const [offer] = await test.offers();
    expect((await test.call("GET", "/api/v1/instances/", undefined, key)).status).toBe(200);
    expect((await test.call("POST", "/api/v0/bundles/", {}, key)).status).toBe(200);
    expect((await test.call("PUT", "/api/v0/asks/" + String(offer?.["id"]), BODY, key)).status).toBe(403);
  });

  it("keeps accounts apart", async () => {
    const test = aMarket({ accountsByKey: { theirs: 42 } });
    const id = await test.rent("x");
    const theirs = { Authorization: "Bearer theirs" };
    expect((await test.call("GET", "/api/v1/instances/", undefined, theirs)).json["total_instances"]).toBe(0);
    expect((await test.call("GET", "/api/v0/users/current/", undefined, theirs)).json["id"]).toBe(42);
    expect((await test.call("PUT", `/api/v0/instances/request_logs/${id}/`, {}, theirs)).status).toBe(403);
  });
});
