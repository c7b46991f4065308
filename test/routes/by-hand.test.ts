import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { aLedgerEntry, NOW } from "../db/builders.ts";
import { aBox, aFleet, aWorld, brokenD1, VIEWER } from "./fakes.ts";

describe("POST /api/fleets/{fleet}/workers/{slot}/replace", () => {
  const path = "/api/fleets/zeb/workers/0/replace";

  it("says what was ended, as JSON and in lines", async () => {
    const world = aWorld(aFleet("zeb"));
    const response = await world.ask(path, { method: "POST" });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ target: 4, ended: [{ instanceId: 87654321 }], isUnfinished: false });
    expect(world.calls.at(-1)).toEqual({ fleet: "zeb", method: "replaceWorker", args: [0, { name: "admin" }] });
    const text = await (await world.ask(`${path}?format=text`, { method: "POST" })).text();
    expect(text).toBe("Destroying worker 0: instance 87654321...\n");
  });

  it.each([
    ["/api/fleets/zeb/workers/1/replace", 404, "worker-not-found"],
    ["/api/fleets/none/workers/0/replace", 404, "fleet-not-found"],
    ["/api/fleets/zeb/workers/first/replace", 422, "invalid-request"],
    ["/api/fleets/zeb/workers/01/replace", 422, "invalid-request"],
  ])("refuses %s with %i %s", async (odd, status, code) => {
    const response = await aWorld(aFleet("zeb")).ask(odd, { method: "POST" });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
  });
});

describe("DELETE /api/instances/{id}", () => {
  it.each([
    ["", false],
    ["?shrink=false", false],
    ["?shrink=true", true],
  ])("asks the fleet that owns it%s", async (parameters, isShrink) => {
    const world = aWorld(aFleet("zeb"));
    world.boxes.set(87654321, aBox({ fleet: "zeb" }));
    expect((await world.ask(`/api/instances/87654321${parameters}`, { method: "DELETE" })).status).toBe(202);
    expect(world.calls).toEqual([
      { fleet: "zeb", method: "endInstance", args: [87654321, isShrink, { name: "admin" }] },
    ]);
  });

  it("sends a stray to its own door, and knows no other number", async () => {
    const world = aWorld(aFleet("zeb"));
    world.boxes.set(5, aBox({ instanceId: 5 }));
    const stray = await world.ask("/api/instances/5", { method: "DELETE" });
    expect(stray.status).toBe(409);
    expect(await stray.json()).toMatchObject({
      code: "is-stray",
      hint: expect.stringContaining("/api/strays/5/destroy"),
    });
    expect((await world.ask("/api/instances/6", { method: "DELETE" })).status).toBe(404);
    expect((await world.ask("/api/instances/5?shrink=yes", { method: "DELETE" })).status).toBe(422);
    expect(world.calls).toEqual([]);
  });
});

describe("an instance that has ended", () => {
  const ask = async (method: string, world = aWorld(aFleet("zeb"))) => {
    const response = await world.ask(`/api/instances/6${method === "GET" ? "/ssh" : ""}`, { method });
    return { status: response.status, ...((await response.json()) as { code: string; detail: string; hint: string }) };
  };

  beforeEach(async () => {
    await env.DB.exec("DELETE FROM instances");
  });

  it.each(["GET", "DELETE"])("%s says when and why, by the ledger", async (method) => {
    const row = aLedgerEntry({
      instanceId: 6,
      endedAtMs: NOW,
      endCause: "error",
      endReason: "error for 300 s: CUDA error",
    });
    await writeOutbox(env.DB, [{ kind: "ledger", row }]);
    expect(await ask(method)).toMatchObject({
      status: 410,
      code: "instance-ended",
      detail: "instance 6, worker 0 of zeb, ended at 2026-11-23T18:00:00.000Z (error: error for 300 s: CUDA error)",
      hint: expect.stringContaining("/api/instances/6/logs"),
    });
  });

  it("is only one that the ledger knows as ended", async () => {
    expect(await ask("DELETE")).toMatchObject({ status: 404, code: "no-such-instance" });
    await writeOutbox(env.DB, [{ kind: "ledger", row: aLedgerEntry({ instanceId: 6 }) }]);
    expect(await ask("DELETE")).toMatchObject({ status: 404, code: "no-such-instance" });
    const world = aWorld(aFleet("zeb"));
    world.env = { ...world.env, DB: brokenD1() };
    expect(await ask("GET", world)).toMatchObject({ status: 404, code: "no-such-instance" });
  });
});

describe("GET …/ssh", () => {
  it("answers the command alone in the first line of the text", async () => {
    const world = aWorld(aFleet("zeb"));
    const text = await (await world.ask("/api/fleets/zeb/workers/0/ssh?format=text")).text();
    expect(text).toBe(
      "ssh -p 12345 root@ssh5.vast.ai\nlog: repo cloned\nonce inside:\n  ls /root/code/  # did clone work?\n",
    );
  });

  it("shows a viewer the fleets' own boxes only", async () => {
    const world = aWorld(aFleet("zeb"));
    world.boxes.set(5, aBox({ instanceId: 5 }));
    world.boxes.set(6, aBox({ instanceId: 6, fleet: "zeb" }));
    expect((await world.ask("/api/instances/5/ssh", { token: VIEWER })).status).toBe(403);
    expect((await world.ask("/api/instances/5/ssh")).status).toBe(200);
    expect((await world.ask("/api/instances/6/ssh", { token: VIEWER })).status).toBe(200);
    expect((await world.ask("/api/instances/7/ssh", { token: VIEWER })).status).toBe(404);
  });

  it("falls back on the list for a box that its fleet does not count", async () => {
    const world = aWorld(aFleet("zeb"));
    world.boxes.set(6, aBox({ instanceId: 6, fleet: "zeb", status: "loading" }));
    world.faults.set("ssh", { code: "no-such-instance", detail: "not met yet", hint: "wait" });
    const response = await world.ask("/api/instances/6/ssh");
    expect(await response.json()).toMatchObject({
      instanceId: 6,
      command: null,
      why: expect.stringContaining("loading"),
    });
  });
});
