import { describe, expect, it } from "vitest";
import { FAULTS, type FaultName } from "../../sim/faults.ts";
import {
  aMarket,
  goodHosts,
  HOUR,
  listOf,
  MINUTE,
  objectOf,
  SECOND,
  type Answer,
  type TestMarket,
} from "./a-market.ts";

const LIST = "/api/v1/instances/";
const BODY = { image: "pytorch/pytorch:2.6.0", disk: 15, label: "zeb-worker-vast-0", env: {}, runtype: "ssh" };
/** Real milliseconds that a "never answering" call is kept open here. */
const SOON = 5;

async function create(test: TestMarket): Promise<Answer> {
  const [offer] = await test.offers();
  return test.call("PUT", `/api/v0/asks/${String(offer?.["id"])}/`, BODY);
}

async function billed(test: TestMarket): Promise<unknown> {
  return objectOf((await test.truth())["now"])["billed"];
}

async function destroy(test: TestMarket, id: number): Promise<Answer> {
  return test.call("DELETE", `/api/v0/instances/${id}/`, {});
}

async function logFile(test: TestMarket, id: number): Promise<Answer> {
  const asked = await test.call("PUT", `/api/v0/instances/request_logs/${id}/`, {});
  return test.call("GET", new URL(String(asked.json["result_url"])).pathname, undefined, {});
}

async function producing(test: TestMarket): Promise<number> {
  const id = await test.rent("zeb-worker-vast-0");
  await test.pass(12 * MINUTE);
  expect((await test.boxTruth(id))["producing"]).toBe(true);
  return id;
}

/** What each fault does; the type asks for every name of the catalogue. */
const proofs: Record<FaultName, (test: TestMarket) => Promise<void>> = {
  "list-fails": async (test) => {
    await test.fault("list-fails", { times: 2 });
    const first = await test.call("GET", LIST);
    const second = await test.call("GET", LIST);
    expect([first.status, first.type, second.status, second.type]).toEqual([500, "application/json", 502, "text/html"]);
    expect((await test.call("GET", LIST)).status).toBe(200);
  },
  "list-empty": async (test) => {
    await test.rent("x");
    await test.fault("list-empty");
    expect((await test.call("GET", LIST)).json).toMatchObject({
      success: true,
      total_instances: 0,
      instances: [],
      next_token: null,
    });
  },
  "list-partial": async (test) => {
    await test.rent("x");
    await test.rent("y");
    await test.fault("list-partial", { value: 1 });
    const answer = await test.call("GET", LIST);
    expect([answer.json["total_instances"], listOf(answer.json["instances"]).length]).toEqual([2, 1]);
  },
  "list-hangs": async (test) => {
    await test.fault("list-hangs", { value: SOON });
    expect((await test.call("GET", LIST)).status).toBe(504);
  },
  "list-410": async (test) => {
    await test.fault("list-410");
    expect((await test.call("GET", LIST)).json["error"]).toBe("deprecated_endpoint");
  },
  "list-other-account": async (test) => {
    await test.rent("x");
    await test.fault("list-other-account", { value: 9 });
    expect((await test.call("GET", LIST)).json["total_instances"]).toBe(0);
    expect((await test.call("GET", "/api/v0/users/current")).json["id"]).toBe(9);
  },
  "list-page-fails": async (test) => {
    for (let slot = 0; slot < 30; slot += 1) await test.rent(`zeb-worker-vast-${slot}`);
    await test.fault("list-page-fails", { value: 2 });
    const first = await test.call("GET", LIST);
    expect(first.status).toBe(200);
    expect((await test.call("GET", `${LIST}?after_token=${String(first.json["next_token"])}`)).status).toBe(502);
  },
  "list-garbage": async (test) => {
    await test.fault("list-garbage");
    const answer = await test.call("GET", LIST);
    expect([answer.status, answer.json]).toEqual([200, {}]);
  },
  "list-moves": async (test) => {
    for (let slot = 0; slot < 30; slot += 1) await test.rent(`other-${slot}`);
    await test.fault("list-moves", { value: "other-29", times: 1 });
    const first = await test.call("GET", LIST);
    const second = await test.call("GET", `${LIST}?after_token=${String(first.json["next_token"])}`);
    expect([first.json["total_instances"], second.json["total_instances"]]).toEqual([30, 29]);
    expect(await billed(test)).toBe(29);
    expect((await test.call("GET", LIST)).json["total_instances"]).toBe(29);
  },
  "list-late": async (test) => {
    await test.fault("list-late", { value: 1000 });
    await test.rent("x");
    expect(await test.rows()).toEqual([]);
  },
  "create-taken": async (test) => {
    await test.fault("create-taken", { times: 3 });
    const ways = [(await create(test)).status, (await create(test)).status, (await create(test)).status];
    expect(new Set(ways)).toEqual(new Set([400, 404, 410]));
    expect((await create(test)).status).toBe(200);
  },
  "create-timeout-but-rented": async (test) => {
    await test.fault("create-timeout-but-rented", { times: 1, value: SOON });
    expect((await create(test)).status).toBe(504);
    expect(await billed(test)).toBe(1);
  },
  "create-error-but-rented": async (test) => {
    await test.fault("create-error-but-rented", { times: 1 });
    expect((await create(test)).status).toBe(502);
    expect(await billed(test)).toBe(1);
  },
  "create-error-with-contract": async (test) => {
    await test.fault("create-error-with-contract", { times: 1 });
    const answer = await create(test);
    expect([answer.status, answer.json["success"]]).toEqual([400, false]);
    expect((await test.boxTruth(Number(answer.json["new_contract"])))["endedAtMs"]).toBeNull();
  },
  "offer-sold-twice": async (test) => {
    await test.fault("offer-sold-twice", { times: 1 });
    const [offer] = await test.offers();
    const path = `/api/v0/asks/${String(offer?.["id"])}/`;
    const first = Number((await test.call("PUT", path, BODY)).json["new_contract"]);
    const second = Number((await test.call("PUT", path, BODY)).json["new_contract"]);
    expect(await test.boxTruth(first)).toMatchObject({ endedBy: "vanish", machineId: offer?.["machine_id"] });
    expect(await test.boxTruth(second)).toMatchObject({ endedAtMs: null, machineId: offer?.["machine_id"] });
    expect((await test.call("PUT", path, BODY)).status).not.toBe(200);
  },
  "create-error": async (test) => {
    await test.fault("create-error", { times: 1 });
    expect((await create(test)).status).toBe(500);
    expect(await billed(test)).toBe(0);
  },
  "create-hangs": async (test) => {
    await test.fault("create-hangs", { times: 1, value: SOON });
    expect((await create(test)).status).toBe(504);
    expect(await billed(test)).toBe(0);
  },
  "create-no-credit": async (test) => {
    await test.fault("create-no-credit");
    expect((await create(test)).json["error"]).toBe("insufficient_credit");
  },
  "create-spend-limit": async (test) => {
    await test.fault("create-spend-limit");
    expect((await create(test)).json["error"]).toBe("spend_rate_limit");
  },
  "create-429": async (test) => {
    await test.fault("create-429", { times: 4 });
    const bodies = [
      (await create(test)).text,
      (await create(test)).text,
      (await create(test)).text,
      (await create(test)).text,
    ];
    expect(new Set(bodies).size).toBe(4);
    expect(bodies.every((body) => body.includes("too frequent"))).toBe(true);
  },
  "create-success-false-200": async (test) => {
    await test.fault("create-success-false-200");
    const answer = await create(test);
    expect([answer.status, answer.json["success"]]).toEqual([200, false]);
    expect(await billed(test)).toBe(0);
  },
  "create-stopped": async (test) => {
    await test.fault("create-stopped");
    const id = Number((await create(test)).json["new_contract"]);
    expect(await test.row(id)).toMatchObject({ actual_status: "stopped", intended_status: "stopped" });
    await test.pass(HOUR);
    expect(Number((await test.boxTruth(id))["billedUsd"])).toBeGreaterThan(0);
  },
  "destroy-500": async (test) => {
    const id = await test.rent("x");
    await test.fault("destroy-500", { times: 1, match: { instance: id } });
    expect((await destroy(test, id)).status).toBe(500);
    expect(await billed(test)).toBe(1);
    expect((await destroy(test, id)).status).toBe(200);
  },
  "destroy-stays": async (test) => {
    const id = await test.rent("x");
    await test.fault("destroy-stays", { times: 1 });
    expect((await destroy(test, id)).json["success"]).toBe(true);
    expect(await test.rows()).toHaveLength(1);
    expect(await test.boxTruth(id)).toMatchObject({ wasDestroyAsked: true, endedAtMs: null });
  },
  "destroy-504": async (test) => {
    const id = await test.rent("x");
    await test.fault("destroy-504");
    expect((await destroy(test, id)).status).toBe(504);
    expect(await billed(test)).toBe(0);
  },
  "destroy-hangs": async (test) => {
    const id = await test.rent("x");
    await test.fault("destroy-hangs", { value: SOON });
    expect((await destroy(test, id)).status).toBe(504);
    expect(await billed(test)).toBe(1);
  },
  "start-refused": async (test) => {
    const id = await test.rent("x");
    await test.call("PUT", `/api/v0/instances/${id}/`, { state: "stopped" });
    await test.fault("start-refused");
    const answer = await test.call("PUT", `/api/v0/instances/${id}/`, { state: "running" });
    expect([answer.status, answer.json["error"]]).toEqual([200, "resources_unavailable"]);
  },
  "log-hangs": async (test) => {
    const [one, other] = [await test.rent("zeb-worker-vast-0"), await test.rent("zeb-worker-vast-1")];
    await test.fault("log-hangs", { match: { slot: 0 }, value: SOON });
    expect((await logFile(test, one)).status).toBe(504);
    expect((await logFile(test, other)).status).toBe(200);
  },
  "log-never-ready": async (test) => {
    const id = await test.rent("x");
    await test.fault("log-never-ready");
    expect((await logFile(test, id)).status).toBe(403);
  },
  "log-empty": async (test) => {
    const id = await producing(test);
    await test.fault("log-empty");
    const answer = await logFile(test, id);
    expect([answer.status, answer.text]).toEqual([200, ""]);
  },
  "log-cut": async (test) => {
    const id = await producing(test);
    const whole = (await logFile(test, id)).text;
    await test.fault("log-cut", { times: 1 });
    expect((await logFile(test, id)).text).toBe(whole.slice(0, -20));
  },
  "log-ansi": async (test) => {
    const id = await producing(test);
    const whole = (await logFile(test, id)).text;
    await test.fault("log-ansi", { times: 1 });
    const { text } = await logFile(test, id);
    expect(text).not.toContain("games/s, ");
    // eslint-disable-next-line no-control-regex
    expect(text.replaceAll(/\r0%\|    \||\r|\u001b\[[\d;]*m/g, "")).toBe(whole);
  },
  "log-huge": async (test) => {
    const id = await producing(test);
    await test.fault("log-huge", { times: 1 });
    const { text } = await logFile(test, id);
    expect(text.length).toBeGreaterThan(10_000_000);
    expect(text.slice(-2000)).toContain("batch");
  },
  "log-stale": async (test) => {
    const id = await producing(test);
    const old = (await logFile(test, id)).text;
    await test.pass(10 * MINUTE);
    await test.fault("log-stale", { times: 1, value: 10 * MINUTE });
    expect((await logFile(test, id)).text).toBe(old);
    expect((await logFile(test, id)).text.length).toBeGreaterThan(old.length);
  },
  "log-request-fails": async (test) => {
    const id = await test.rent("x");
    await test.fault("log-request-fails");
    const answer = await test.call("PUT", `/api/v0/instances/request_logs/${id}/`, {});
    expect([answer.status, answer.json["success"]]).toEqual([400, false]);
  },
  "log-wrong-host": async (test) => {
    const id = await test.rent("x");
    await test.fault("log-wrong-host", { value: "http://198.51.100.7" });
    const answer = await test.call("PUT", `/api/v0/instances/request_logs/${id}/`, {});
    expect(answer.json["result_url"]).toMatch(/^http:\/\/198\.51\.100\.7\//);
  },
  "search-fails": async (test) => {
    await test.fault("search-fails", { value: 500 });
    expect((await test.call("POST", "/api/v0/bundles/", {})).status).toBe(500);
  },
  "search-hangs": async (test) => {
    await test.fault("search-hangs", { value: SOON });
    expect((await test.call("POST", "/api/v0/bundles/", {})).status).toBe(504);
  },
  "search-empty": async (test) => {
    await test.fault("search-empty");
    expect(await test.offers()).toEqual([]);
  },
  "search-unfiltered": async (test) => {
    await test.fault("search-unfiltered");
    const rows = await test.offers({ dph_total: { lte: 0.0001 } });
    expect(rows.some((row) => Number(row["dph_total"]) > 0.05)).toBe(true);
    expect(rows.some((row) => row["num_gpus"] === 0)).toBe(true);
    expect(await test.offers({ machine_id: { in: [] } })).toEqual([]);
    await test.call("DELETE", "/sim/faults");
    await test.fault("search-unfiltered", { value: "machines" });
    expect(await test.offers({ machine_id: { in: [] } })).not.toEqual([]);
  },
  "search-stale": async (test) => {
    const [offer] = await test.offers();
    await test.rent("x");
    await test.fault("search-stale");
    expect((await test.offers()).map((row) => row["id"])).toContain(offer?.["id"]);
    expect((await test.call("PUT", `/api/v0/asks/${String(offer?.["id"])}/`, BODY)).text).toMatch(/available/);
  },
  "account-fails": async (test) => {
    await test.fault("account-fails", { value: 503 });
    expect((await test.call("GET", "/api/v0/users/current/")).status).toBe(503);
  },
  "account-hangs": async (test) => {
    await test.fault("account-hangs", { value: SOON });
    expect((await test.call("GET", "/api/v0/users/current/")).status).toBe(504);
  },
  "bad-key": async (test) => {
    await test.fault("bad-key");
    const answer = await test.call("GET", LIST);
    expect([answer.status, answer.json["error"]]).toEqual([404, "auth_error"]);
  },
  "rate-limit": async (test) => {
    await test.fault("rate-limit", { times: 2, match: { route: `GET ${LIST}` } });
    expect([
      (await test.call("GET", LIST)).status,
      (await test.call("GET", LIST)).status,
      (await test.call("GET", LIST)).status,
    ]).toEqual([429, 429, 200]);
    expect(await test.offers()).toHaveLength(40);
  },
  "slow-api": async (test) => {
    await test.fault("slow-api", { value: 30, times: 1 });
    const startedAt = performance.now();
    await test.call("GET", LIST);
    expect(performance.now() - startedAt).toBeGreaterThan(25);
  },
  "api-down": async (test) => {
    await test.fault("api-down", { value: 503 });
    expect((await test.call("GET", LIST)).status).toBe(503);
    expect((await test.call("POST", "/api/v0/bundles/", {})).status).toBe(503);
  },
  "api-hangs": async (test) => {
    await test.fault("api-hangs", { value: SOON, times: 1 });
    expect((await test.call("GET", LIST)).status).toBe(504);
  },
  "next-rent-dud": async (test) => {
    await test.fault("next-rent-dud", { kind: "no-cuda" });
    expect((await test.boxTruth(await test.rent("x")))["trait"]).toBe("no-cuda");
    expect((await test.boxTruth(await test.rent("y")))["trait"]).toBe("good");
  },
  "host-dud": async (test) => {
    const [offer] = await test.offers();
    await test.fault("host-dud", { match: { machine: offer?.["machine_id"] } });
    expect((await test.boxTruth(await test.rent("x")))["trait"]).toBe("loading");
    expect((await test.boxTruth(await test.rent("y")))["trait"]).toBe("good");
  },
  "image-broken": async (test) => {
    await test.fault("image-broken", { value: "denied" });
    const id = await test.rent("x");
    await test.pass(MINUTE);
    expect((await test.row(id))["status_msg"]).toContain("pull access denied");
  },
  "weights-too-big": async (test) => {
    await test.fault("weights-too-big");
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(12 * MINUTE);
    expect(await test.log(id)).toContain("CUDA out of memory");
  },
  "code-broken": async (test) => {
    await test.fault("code-broken");
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(12 * MINUTE);
    expect(await test.log(id)).toMatch(
      /Starting worker [^]*ModuleNotFoundError: No module named 'forge.zeb.search'\s*$/,
    );
  },
  "commit-missing": async (test) => {
    await test.fault("commit-missing", { value: "no-such-branch", times: 1 });
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(12 * MINUTE);
    const lines = (await test.log(id)).trim().split("\n");
    expect(lines.at(-2)).toBe("fatal: couldn't find remote ref no-such-branch");
    expect(await test.boxTruth(id)).toMatchObject({ status: "running", producing: false });
  },
  "weights-mismatch": async (test) => {
    await test.fault("weights-mismatch");
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(12 * MINUTE);
    expect(await test.log(id)).toContain("size mismatch for encoder.weight");
  },
  "host-crash": async (test) => {
    const id = await producing(test);
    const fault = await test.fault("host-crash", { match: { label: "zeb-worker-*" } });
    expect(fault).toMatchObject({ hits: 1, isWaiting: false });
    const log = await test.log(id);
    expect(log).toMatch(/Traceback \(most recent call last\):[^]*RuntimeError: CUDA error/);
    await test.pass(HOUR);
    expect(await test.log(id)).toBe(log);
    expect((await test.row(id))["actual_status"]).toBe("running");
  },
  "worker-error": async (test) => {
    const id = await producing(test);
    await test.fault("worker-error", {
      value: "  HF transient error (attempt 1/4): ReadTimeout: The read operation timed out",
    });
    const before = Number((await test.boxTruth(id))["batches"]);
    await test.pass(10 * MINUTE);
    expect(Number((await test.boxTruth(id))["batches"])).toBeGreaterThan(before);
    await test.fault("worker-error", { value: { line: "Killed", dies: true } });
    expect(await test.log(id)).toMatch(/Killed\n$/);
    await test.pass(HOUR);
    expect(await test.log(id)).toMatch(/Killed\n$/);
  },
  "box-vanish": async (test) => {
    const id = await test.rent("x");
    await test.fault("box-vanish", { match: { instance: id }, afterMs: MINUTE });
    expect(await test.rows()).toHaveLength(1);
    await test.pass(MINUTE);
    expect(await test.rows()).toHaveLength(0);
    expect(await test.row(id)).toEqual({});
    expect(await test.boxTruth(id)).toMatchObject({ endedBy: "vanish" });
  },
  "box-exited": async (test) => {
    const id = await producing(test);
    await test.fault("box-exited");
    expect(await test.row(id)).toMatchObject({
      actual_status: "exited",
      intended_status: "running",
      cur_state: "stopped",
    });
    expect(await test.log(id)).toContain("batch 1:");
  },
  "box-offline": async (test) => {
    const id = await producing(test);
    await test.fault("box-offline", { value: "unknown" });
    expect((await test.row(id))["actual_status"]).toBe("unknown");
    expect((await logFile(test, id)).status).toBe(403);
  },
  "box-frozen-log": async (test) => {
    const id = await producing(test);
    await test.fault("box-frozen-log");
    const log = await test.log(id);
    await test.pass(HOUR);
    expect(await test.log(id)).toBe(log);
  },
  "box-comes-back": async (test) => {
    const id = await producing(test);
    await destroy(test, id);
    await test.fault("box-comes-back", { match: { instance: id }, afterMs: 5 * MINUTE });
    await test.pass(6 * MINUTE);
    expect(await test.row(id)).toMatchObject({ actual_status: "running" });
    expect(await billed(test)).toBe(1);
  },
  "box-status": async (test) => {
    const id = await producing(test);
    await test.fault("box-status", { value: { actualStatus: "exited" } });
    expect((await test.row(id))["actual_status"]).toBe("exited");
    const before = Number((await test.boxTruth(id))["batches"]);
    await test.pass(10 * MINUTE);
    expect(Number((await test.boxTruth(id))["batches"])).toBeGreaterThan(before);
  },
  "box-slows": async (test) => {
    const id = await producing(test);
    await test.fault("box-slows", { value: 0.1 });
    const before = Number((await test.boxTruth(id))["batches"]);
    await test.pass(30 * MINUTE);
    const after = await test.boxTruth(id);
    expect(after["producing"]).toBe(true);
    // 2.4 games/s: about 17 batches of 256 games in half an hour, and now one or two.
    expect(Number(after["batches"]) - before).toBeLessThanOrEqual(3);
  },
  "contract-ends": async (test) => {
    const id = await producing(test);
    await test.fault("contract-ends", { value: 10 * MINUTE });
    expect(Number((await test.row(id))["duration"])).toBe(600);
    await test.pass(10 * MINUTE - 1);
    expect((await test.boxTruth(id))["endedAtMs"]).toBeNull();
    await test.pass(1);
    expect((await test.boxTruth(id))["endedBy"]).toBe("vanish");
  },
  "price-rise": async (test) => {
    const id = await producing(test);
    await test.fault("price-rise", { value: { usdPerHour: 0.2 } });
    expect((await test.row(id))["dph_total"]).toBeCloseTo(0.2, 6);
    await test.fault("price-rise", { value: { pending: 0.3 } });
    const rows = listOf(
      (await test.call("GET", "/api/v0/instances/pending-price-increases/")).json["pending_price_increases"],
    );
    expect(rows).toMatchObject([{ contract_id: id, new_gpu_costpersec: 0.3 / 3600 }]);
    const accept = { pending_price_increase_id: rows[0]?.["pending_price_increase_id"] };
    expect((await test.call("PUT", "/api/v0/instances/accept-price-increase/", accept)).json["success"]).toBe(true);
    expect((await test.row(id))["dph_base"]).toBe(0.3);
    expect((await test.call("PUT", "/api/v0/instances/accept-price-increase/", accept)).json["error"]).toBe(
      "no_pending_price_increase",
    );
  },
  "upload-fails": async (test) => {
    const id = await producing(test);
    await test.fault("upload-fails", { match: { slot: "0" } });
    await test.pass(HOUR);
    expect(await test.log(id)).toMatch(/Upload failed \(403 Client Error: Forbidden.*\), will retry next cycle/);
    expect(await test.boxTruth(id)).toMatchObject({ producing: true });
  },
  "commit-quota": async (test) => {
    const id = await producing(test);
    await test.fault("commit-quota");
    await test.pass(HOUR);
    expect(await test.log(id)).toMatch(
      /HF transient error \(attempt 1\/4\): HfHubHTTPError: 429 .*hourly quotas for action: commit[^]*Retrying in 5s\.\.\./,
    );
  },
  "weights-missing": async (test) => {
    await test.fault("weights-missing", { value: "large" });
    expect((await test.call("HEAD", "/jasonyandell/zeb-42/resolve/main/large.pt", undefined, {})).status).toBe(404);
    expect((await test.call("HEAD", "/jasonyandell/zeb-42/resolve/main/large-belief.pt", undefined, {})).status).toBe(
      302,
    );
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(12 * MINUTE);
    expect(await test.log(id)).toContain("404 Client Error: Not Found");
  },
  "token-bad": async (test) => {
    await test.fault("token-bad");
    expect((await test.call("GET", "/api/whoami-v2", undefined, { Authorization: "Bearer hf_x" })).status).toBe(401);
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(12 * MINUTE);
    expect(await test.log(id)).toContain("401 Client Error: Unauthorized");
  },
  "token-read-only": async (test) => {
    await test.fault("token-read-only");
    expect((await test.call("GET", "/api/whoami-v2", undefined, { Authorization: "Bearer hf_x" })).text).not.toContain(
      "repo.write",
    );
  },
  "hub-down": async (test) => {
    await test.fault("hub-down");
    expect((await test.call("GET", "/api/models/jasonyandell/zeb-42", undefined, {})).status).toBe(503);
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(12 * MINUTE);
    expect(await test.log(id)).toContain("503 Client Error");
  },
  "hub-hangs": async (test) => {
    await test.fault("hub-hangs", { value: SOON, times: 1 });
    expect((await test.call("GET", "/api/whoami-v2", undefined, {})).status).toBe(504);
  },
  "learner-stops": async (test) => {
    await test.fault("learner-stops");
    const id = await producing(test);
    await test.pass(HOUR);
    expect(await test.log(id)).not.toContain("Weights updated");
  },
};

describe("faults by name", () => {
  it.each(Object.entries(proofs))("%s", async (_name, proof) => {
    expect.hasAssertions();
    await proof(aMarket({ hosts: goodHosts(40) }));
  });

  it("are listed with a description, and switched off again", async () => {
    const test = aMarket();
    const fault = await test.fault("list-fails");
    const listed = (await test.call("GET", "/sim/faults")).json;
    expect(Object.keys(objectOf(listed["catalogue"]))).toEqual(Object.keys(FAULTS));
    expect(listOf(listed["active"])).toMatchObject([{ id: fault["id"], name: "list-fails" }]);
    expect((await test.call("DELETE", `/sim/faults/${String(fault["id"])}`)).status).toBe(200);
    expect((await test.call("GET", LIST)).status).toBe(200);
    expect((await test.call("POST", "/sim/faults", { name: "nonsense" })).status).toBe(400);
  });

  it("hold for a while when told how long", async () => {
    const test = aMarket();
    await test.fault("api-down", { forMs: MINUTE, afterMs: MINUTE });
    const statuses: number[] = [];
    for (let half = 0; half < 5; half += 1) {
      statuses.push((await test.call("GET", LIST)).status);
      await test.pass(30 * SECOND);
    }
    expect(statuses.map((status) => status === 200)).toEqual([true, true, false, false, true]);
  });

  it("on boxes wait for the first that matches, when none does yet", async () => {
    const test = aMarket();
    expect(await test.fault("host-crash", { match: { slot: 3 } })).toMatchObject({ hits: 0, isWaiting: true });
    const id = await test.rent("zeb-worker-vast-3");
    await test.pass(12 * MINUTE);
    expect(await test.log(id)).toContain("CUDA error");
  });
});
