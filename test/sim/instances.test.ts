import { describe, expect, it } from "vitest";
import { aMarket, goodHosts, HOUR, listOf, MINUTE, SECOND, type TestMarket } from "./a-market.ts";

async function manyBoxes(count: number): Promise<TestMarket> {
  const test = aMarket({ hosts: goodHosts(count) });
  const offers = [...(await test.offers()), ...(count > 64 ? await test.offers({ dph_total: { gt: 0.0664 } }) : [])];
  for (const [index, offer] of offers.slice(0, count).entries())
    await test.rent(`zeb-worker-vast-${index}`, {}, Number(offer["id"]));
  return test;
}

describe("the instance list", () => {
  it("pages by 25, following next_token to null, with counts of everything", async () => {
    const test = await manyBoxes(60);
    const seen: unknown[] = [];
    let token: string | null = "";
    for (let page = 1; token !== null; page += 1) {
      const after: string = token === "" ? "" : `&after_token=${encodeURIComponent(token)}`;
      const answer = await test.call("GET", `/api/v1/instances/?limit=100${after}`);
      expect(answer.type).toBe("application/json");
      expect(answer.json["total_instances"]).toBe(60);
      expect(answer.json["instances_found"]).toBe(page === 3 ? 10 : 25);
      seen.push(...listOf(answer.json["instances"]).map((row) => row["id"]));
      const next = answer.json["next_token"];
      token = typeof next === "string" ? next : null;
    }
    expect(new Set(seen).size).toBe(60);
    expect(seen).toEqual([...seen].sort((left, right) => Number(left) - Number(right)));
  });

  it("loses and repeats no row when boxes end between two pages", async () => {
    const test = await manyBoxes(30);
    const first = await test.call("GET", "/api/v1/instances/");
    const ids = listOf(first.json["instances"]).map((row) => row["id"]);
    await test.call("DELETE", `/api/v0/instances/${String(ids[24])}/`, {});
    const second = await test.call("GET", `/api/v1/instances/?after_token=${String(first.json["next_token"])}`);
    expect(listOf(second.json["instances"])).toHaveLength(5);
  });

  it("clamps the limit: 0 and less become 5", async () => {
    const test = await manyBoxes(8);
    expect(listOf((await test.call("GET", "/api/v1/instances/?limit=0")).json["instances"])).toHaveLength(5);
    expect(listOf((await test.call("GET", "/api/v1/instances/?limit=3")).json["instances"])).toHaveLength(3);
  });

  it("filters and sorts by stored columns, and refuses computed ones", async () => {
    const test = await manyBoxes(4);
    const path = (filters: unknown): string =>
      `/api/v1/instances/?select_filters=${encodeURIComponent(JSON.stringify(filters))}`;
    const found = await test.call("GET", path({ label: { in: ["zeb-worker-vast-1", "nobody"] } }));
    expect(found.json["total_instances"]).toBe(1);
    expect(found.json["label_counts"]).toEqual({ "zeb-worker-vast-1": 1 });
    const refused = await test.call("GET", path({ dph_total: { lt: 1 } }));
    expect([refused.status, refused.json["error"], refused.json["msg"]]).toEqual([
      400,
      "invalid_request",
      "Error in query parameters: dph_total is not a valid search key",
    ]);
    const order = encodeURIComponent('[{"col":"label","dir":"desc"}]');
    const sorted = await test.call("GET", `/api/v1/instances/?order_by=${order}`);
    expect(listOf(sorted.json["instances"])[0]?.["label"]).toBe("zeb-worker-vast-3");
  });

  it("gives null for unknown columns and refuses a made-up token", async () => {
    const test = await manyBoxes(1);
    const answer = await test.call("GET", `/api/v1/instances/?select_cols=${encodeURIComponent('["id","nonsense"]')}`);
    expect(listOf(answer.json["instances"])[0]).toEqual({ id: expect.any(Number), nonsense: null });
    const refused = await test.call("GET", "/api/v1/instances/?after_token=zzz");
    expect([refused.status, refused.json["error"]]).toEqual([400, "invalid_token"]);
  });

  it("is 410 on v0, with and without the slash", async () => {
    const test = aMarket();
    for (const path of ["/api/v0/instances/", "/api/v0/instances"]) {
      const answer = await test.call("GET", path);
      expect(answer.status).toBe(410);
      expect(answer.json).toEqual({
        success: false,
        error: "deprecated_endpoint",
        msg: "/api/v0/instances/ is deprecated. Use /api/v1/instances/ instead.",
      });
    }
  });
});

describe("one instance", () => {
  it("is {instances: row}, and {instances: null} for an unknown or destroyed id", async () => {
    const test = aMarket();
    const id = await test.rent("x");
    expect((await test.row(id))["id"]).toBe(id);
    await test.call("DELETE", `/api/v0/instances/${id}/`, {});
    const gone = await test.call("GET", `/api/v0/instances/${id}/?owner=me`);
    expect([gone.status, gone.text]).toEqual([200, '{"instances":null}']);
  });

  it("goes from null over loading to running, with ports and telemetry only then", async () => {
    const test = aMarket();
    const id = await test.rent("zeb-worker-vast-0", { env: { WORKER_ID: "w", HF_TOKEN: "hf_x", "-p 8080:8080": "1" } });
    const fresh = await test.row(id);
    expect(fresh).toMatchObject({
      actual_status: null,
      intended_status: "running",
      gpu_util: null,
      disk_usage: -1,
      direct_port_start: -1,
    });
    expect(fresh["extra_env"]).toContainEqual(["WORKER_ID", "w"]);
    expect(fresh).not.toHaveProperty("ports");
    await test.pass(15 * SECOND);
    const loading = await test.row(id);
    expect(loading["actual_status"]).toBe("loading");
    expect(loading["status_msg"]).toMatch(/^[0-9a-f]{12}: Downloading \[=+> +\] {2}\d+MB\/\d+MB$/);
    expect(loading["ports"]).toBeNull();
    await test.pass(3 * MINUTE);
    const running = await test.row(id);
    expect(running).toMatchObject({
      actual_status: "running",
      cur_state: "running",
      status_msg: "success, running pytorch/pytorch_2.6.0/ssh",
    });
    const port = String(running["direct_port_start"]);
    expect(running["ports"]).toMatchObject({
      "22/tcp": [
        { HostIp: "0.0.0.0", HostPort: port },
        { HostIp: "::", HostPort: port },
      ],
      "8080/tcp": [{ HostIp: "0.0.0.0" }, { HostIp: "::" }],
    });
  });

  it("carries stray whitespace around the address in the list on some machines", async () => {
    const test = aMarket({ hosts: goodHosts(8) });
    for (let slot = 0; slot < 8; slot += 1) await test.rent(`zeb-worker-vast-${slot}`);
    const blanks = (await test.rows()).filter((row) => row["public_ipaddr"] !== String(row["public_ipaddr"]).trim());
    expect(blanks).toHaveLength(1);
  });
});

describe("life-cycle calls", () => {
  it("labels, up to 1024 characters, and not what is absent", async () => {
    const test = aMarket();
    const id = await test.rent("x");
    expect((await test.call("PUT", `/api/v0/instances/${id}/`, { label: "y" })).json["success"]).toBe(true);
    expect((await test.row(id))["label"]).toBe("y");
    expect((await test.call("PUT", `/api/v0/instances/${id}/`, { label: "y".repeat(1025) })).json["error"]).toBe(
      "label_too_long",
    );
    expect((await test.call("PUT", "/api/v0/instances/1/", { label: "y" })).json).toMatchObject({
      error: "no_such_instance",
      msg: "Instance 1 not found.",
    });
  });

  it("stops, which frees the GPU and keeps the disk billing, and starts again", async () => {
    const test = aMarket();
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(4 * MINUTE);
    await test.call("PUT", `/api/v0/instances/${id}/`, { state: "stopped" });
    expect(await test.row(id)).toMatchObject({
      actual_status: "exited",
      intended_status: "stopped",
      cur_state: "stopped",
    });
    const disk = Number((await test.row(id))["storage_total_cost"]);
    expect(Number((await test.boxTruth(id))["usdPerHourNow"])).toBeCloseTo(disk, 9);
    await test.call("PUT", "/api/v0/instances/", { state: "running", ids: [id] });
    await test.pass(30 * SECOND);
    expect(await test.row(id)).toMatchObject({ actual_status: "running", intended_status: "running" });
  });

  it("reboots into the same container and recycles into a fresh pull", async () => {
    const test = aMarket();
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(10 * MINUTE);
    await test.call("PUT", `/api/v0/instances/reboot/${id}/`, {});
    expect((await test.row(id))["actual_status"]).toBe("rebooting");
    await test.pass(30 * SECOND);
    expect(await test.log(id)).toContain("batch 1:");
    await test.call("PUT", `/api/v0/instances/recycle/${id}/`, {});
    expect((await test.row(id))["actual_status"]).toBe("recycling");
    expect(await test.log(id)).toBe(`Error response from daemon: No such container: C.${id}\n`);
    await test.pass(10 * MINUTE);
    expect(await test.log(id)).toContain("batch 1:");
  });

  it("destroys one, many, and says not_found for what is gone", async () => {
    const test = aMarket();
    const ids = [await test.rent("a"), await test.rent("b"), await test.rent("c")];
    expect((await test.call("DELETE", `/api/v0/instances/${ids[0]}/`, {})).json).toEqual({ success: true, msg: "" });
    const again = await test.call("DELETE", `/api/v0/instances/${ids[0]}/`, {});
    expect([again.status, again.json["error"], again.json["msg"]]).toEqual([404, "not_found", "Instance not found"]);
    for (let repeat = 0; repeat < 6; repeat += 1) {
      expect((await test.call("DELETE", "/api/v0/instances/", { instance_ids: ids.slice(1) })).json["success"]).toBe(
        true,
      );
    }
    expect((await test.truth())["now"]).toMatchObject({ listed: 0, billed: 0 });
  });

  it("changes bids, re-images, runs commands whose result is read like a log", async () => {
    const test = aMarket();
    const id = await test.rent("x", { price: 0.05 });
    expect(
      (await test.call("PUT", `/api/v0/instances/bid_price/${id}/`, { client_id: "me", price: 0.07 })).json,
    ).toEqual({ success: true });
    expect((await test.call("PUT", `/api/v0/instances/bid_price/${id}/`, { price: 0 })).json["error"]).toBe(
      "invalid_args",
    );
    const updated = await test.call("PUT", `/api/v0/instances/update_template/${id}/`, { id, image: "other:1" });
    expect(updated.json).toMatchObject({ success: true, updated_instance: { image_uuid: "other:1" } });
    const command = await test.call("PUT", `/api/v0/instances/command/${id}/`, { command: "ls -l" });
    expect(command.json).toMatchObject({
      success: true,
      writeable_path: expect.any(String),
      result_url: expect.stringContaining("/instance_logs/"),
    });
  });

  it("lists a new box late when told to, while it bills from the rent on", async () => {
    const test = aMarket();
    await test.fault("list-late", { value: 20_000 });
    const id = await test.rent("x");
    expect(await test.rows()).toEqual([]);
    await test.pass(19 * SECOND);
    expect(await test.rows()).toEqual([]);
    await test.pass(SECOND);
    expect(await test.rows()).toHaveLength(1);
    expect(Number((await test.boxTruth(id))["billedUsd"])).toBeGreaterThan(0);
  });
});

describe("the account", () => {
  it("answers users/current with and without the slash", async () => {
    const test = aMarket();
    for (const path of ["/api/v0/users/current/", "/api/v0/users/current"]) {
      expect((await test.call("GET", path)).json).toMatchObject({ id: 123_456, credit: 25, balance: 0, can_pay: true });
    }
  });

  it("bills the disk from the rent and the GPU from the start of the container, by the second", async () => {
    const test = aMarket();
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(HOUR);
    const box = await test.boxTruth(id);
    const row = await test.row(id);
    const diskHours = 1;
    const gpuHours = (Number(box["rentedAtMs"]) + HOUR - Number(box["runningAtMs"])) / HOUR;
    const expected = Number(row["storage_total_cost"]) * diskHours + Number(row["dph_base"]) * gpuHours;
    expect(box["billedUsd"]).toBeCloseTo(expected, 9);
    expect((await test.call("GET", "/api/v0/users/current/")).json["credit"]).toBeCloseTo(25 - expected, 9);
  });

  it("stops every box when the credit is gone, goes on billing disks, and refuses to rent", async () => {
    const test = aMarket({ credit: 0.1 });
    const ids = [await test.rent("zeb-worker-vast-0"), await test.rent("zeb-worker-vast-1")];
    await test.pass(HOUR);
    for (const id of ids)
      expect(await test.row(id)).toMatchObject({
        intended_status: "stopped",
        actual_status: "exited",
        cur_state: "stopped",
      });
    const first = Number((await test.call("GET", "/api/v0/users/current/")).json["credit"]);
    await test.pass(HOUR);
    const second = Number((await test.call("GET", "/api/v0/users/current/")).json["credit"]);
    expect(first).toBeLessThan(0);
    expect(first - second).toBeCloseTo(2 * ((0.15 * 15) / 720), 6);
    await expect(test.rent("zeb-worker-vast-2")).rejects.toThrow(/insufficient_credit/);
    await test.call("POST", "/sim/credit", { usd: 10 });
    await test.rent("zeb-worker-vast-2");
  });

  it("keeps account variables by the documented rules", async () => {
    const test = aMarket();
    const put = (key: unknown, value: unknown, method = "POST"): Promise<unknown> =>
      test
        .call(method, "/api/v0/secrets/", { key, value })
        .then((answer) => answer.json["error"] ?? answer.json["success"]);
    expect(await put("hf_token", "hf_x")).toBe(true);
    expect(await put("HF_TOKEN", "hf_x")).toBe("existing_key");
    expect(await put("A", "a/b")).toBe("invalid_characters");
    expect(await put("B", "x", "PUT")).toBe("nonexistent_key");
    expect((await test.call("GET", "/api/v0/secrets/")).json).toEqual({
      success: true,
      secrets: { HF_TOKEN: "*****" },
    });
  });

  it("shows charges only for a range of days, and invoices, SSH keys and filters", async () => {
    const test = aMarket();
    await test.rent("x");
    expect((await test.call("GET", "/api/v0/charges/")).status).toBe(400);
    const day = encodeURIComponent('{"day":{"gte":1,"lte":2}}');
    expect((await test.call("GET", `/api/v0/charges/?select_filters=${day}`)).json).toMatchObject({ count: 1 });
    expect((await test.call("GET", "/api/v1/invoices/")).json).toMatchObject({ count: 1 });
    expect((await test.call("GET", "/api/v0/ssh/")).text).toMatch(/^\[\{"id":501/);
    expect((await test.call("GET", "/api/v0/instances/filters/")).json["filters"]).toEqual([
      { actual_status: null, verification: "verified", gpu_name: "RTX 3070" },
    ]);
  });
});
