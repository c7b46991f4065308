// Doors for programs, over HTTP against the Worker on workerd with the simulated market: an assistant with the official MCP
// client works through the runbook's §8 prompt, and promtool judges what Prometheus would be answered meanwhile.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ADMIN, type LiveKeeper, startLiveKeeper, VIEWER } from "../support/live-keeper.ts";
import { readOpenMetrics, valueOf } from "../support/open-metrics.ts";
import { hasPromtool, promtoolComplaints } from "../support/promtool.ts";

const READ_TOOLS = ["cost", "daily_report", "fleet_status", "gpu_stats", "hosts", "logs", "offers", "plan", "why"];
const WRITE_TOOLS = ["apply", "block_host", "check_now", "down", "pause", "replace_worker", "resume", "unblock_host"];
const PRODUCING_MS = 120_000;

// Real time, on a machine that may be busy.
vi.setConfig({ testTimeout: PRODUCING_MS + 20_000 });

let keeper: LiveKeeper;
const clients: Client[] = [];

beforeAll(async () => {
  keeper = await startLiveKeeper();
}, 120_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await keeper.stop();
});

async function connect(token: string): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  clients.push(client);
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${keeper.url}/mcp`), { requestInit: { headers } }));
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}) {
  const result = await client.callTool({ name, arguments: args });
  const [first] = result.content as { type: string; text: string }[];
  return {
    isError: result.isError === true,
    text: first?.text ?? "",
    data: JSON.parse(JSON.stringify(result.structuredContent ?? {})),
  };
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const endMs = Date.now() + PRODUCING_MS;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`not within ${PRODUCING_MS / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

describe("who may come in by /mcp", () => {
  it("refuses a request without a token, and with a wrong one", async () => {
    const body = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
    for (const headers of [{ Authorization: "" }, { Authorization: "Bearer wrong-token-0123456789" }])
      expect((await keeper.ask("POST", "/mcp", body, headers)).status).toBe(401);
    await expect(connect("wrong-token-0123456789")).rejects.toThrow(/401|nauthorized/);
  });

  it("shows a viewer the tools that read, and lets it call no other", async () => {
    const viewer = await connect(VIEWER);
    const { tools } = await viewer.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(READ_TOOLS);
    expect(viewer.getInstructions()).toContain("admin's token");
    for (const [name, args] of [
      ["apply", { fleet: "zeb", target: 1 }],
      ["down", { fleet: "zeb" }],
      ["block_host", { machineId: 1 }],
    ] as const)
      await expect(viewer.callTool({ name, arguments: args })).rejects.toThrow(/disabled/);
    expect((await keeper.ask("GET", "/api/fleets/zeb")).status).toBe(404);
  });

  it("tells of each tool whether it reads, changes or ends", async () => {
    const admin = await connect(ADMIN);
    const { tools } = await admin.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual([...READ_TOOLS, ...WRITE_TOOLS].toSorted());
    const named = (pick: (hints: NonNullable<(typeof tools)[number]["annotations"]>) => boolean | undefined) =>
      tools.flatMap(({ name, annotations }) => (pick(annotations ?? {}) === true ? [name] : [])).toSorted();
    expect(named(({ readOnlyHint }) => readOnlyHint)).toEqual(READ_TOOLS);
    expect(named(({ destructiveHint }) => destructiveHint)).toEqual(["apply", "down", "replace_worker"]);
    expect(named(({ idempotentHint }) => idempotentHint === false)).toEqual(["check_now"]);
    for (const { description, inputSchema, outputSchema } of tools) {
      expect(description?.length).toBeGreaterThan(40);
      expect([inputSchema.type, outputSchema?.type]).toEqual(["object", "object"]);
    }
  });
});

describe("the runbook's prompt: 4 workers, max $0.08/hr, every 10 minutes, 3 checks, stats by GPU type", () => {
  const wish = { fleet: "zeb", target: 4, maxPriceUsdPerHour: 0.08, checkIntervalSeconds: 600, stopAfterChecks: 3 };

  it("is offered as a prompt that names the tools", async () => {
    const admin = await connect(ADMIN);
    const { messages } = await admin.getPrompt({ name: "watch_my_fleet", arguments: { workers: "4" } });
    const text = JSON.stringify(messages);
    expect(text).toContain("Launch 4 vast workers");
    for (const tool of ["plan", "apply", "fleet_status", "why", "gpu_stats", "down"]) expect(text).toContain(tool);
  });

  it("can be planned by a viewer, and nothing is done", async () => {
    const viewer = await connect(VIEWER);
    const planned = await call(viewer, "plan", wish);
    expect([planned.isError, planned.text]).toEqual([false, expect.stringContaining("4 actions")]);
    expect(planned.data["spec"]).toMatchObject({
      target: 4,
      maxPriceUsdPerHour: 0.08,
      stopAfterChecks: 3,
      cadenceSeconds: { ramp: 600, steady: 600 },
    });
    expect(planned.data["plan"].actions.map(({ kind }: { kind: string }) => kind)).toEqual([
      "rent",
      "rent",
      "rent",
      "rent",
    ]);
    expect((await call(viewer, "fleet_status")).data["fleets"]).toEqual([]);
  });

  it("names the field that is wrong, in the words of the tool", async () => {
    const admin = await connect(ADMIN);
    const tooMany = await call(admin, "apply", { ...wish, target: 5000 });
    expect([tooMany.isError, tooMany.text]).toEqual([
      true,
      expect.stringContaining("- target: at most 1000, got 5000"),
    ]);
    const never = await call(admin, "apply", { ...wish, checkIntervalSeconds: 0 });
    expect(never.data["errors"]).toEqual([{ field: "checkIntervalSeconds", expected: expect.any(String), got: "0" }]);
    expect((await call(admin, "apply", { ...wish, targt: 4 })).text).toContain("targt");
    expect((await call(admin, "fleet_status", { fleet: "No Fleet" })).text).toContain("fleet: ");
    expect((await keeper.ask("GET", "/api/fleets/zeb")).status).toBe(404);
  });

  it("is applied once, however often it is sent", async () => {
    const admin = await connect(ADMIN);
    const applied = await call(admin, "apply", wish);
    expect([applied.isError, applied.data["created"]]).toEqual([false, true]);
    expect(applied.data["fleet"]).toMatchObject({
      name: "zeb",
      target: 4,
      maxPriceUsdPerHour: 0.08,
      stopAfterChecks: 3,
      checkIntervalSeconds: { ramp: 600, steady: 600 },
    });
    const again = await call(admin, "apply", wish);
    expect([again.data["created"], again.data["diff"]]).toEqual([false, []]);
    const more = await call(admin, "apply", { fleet: "zeb", stopAfterChecks: 200 });
    expect(more.data["diff"]).toEqual([{ field: "stopAfterChecks", from: 3, to: 200 }]);
  });

  it("launches workers that produce, under the price", async () => {
    const admin = await connect(ADMIN);
    // A life in seconds; all else stays as it was applied.
    const fast = { cadenceSeconds: { ramp: 2, rampFor: 5, steady: 5, logPoll: 2, logPollSteady: 3 } };
    expect((await keeper.ask("PATCH", "/api/fleets/zeb", fast)).status).toBe(200);
    const status = () => call(admin, "fleet_status", { fleet: "zeb" });
    await until(async () => (await status()).data["fleets"][0].producing >= 3, "three workers produce");
    const { data, text } = await status();
    const { workers } = data["fleets"][0];
    expect(Math.max(...workers.map(({ usdPerHour }: { usdPerHour: number }) => usdPerHour))).toBeLessThan(0.0805);
    expect(text).toContain("zeb-worker-vast-0");
  });

  it("tells the stats by GPU type as a table", async () => {
    const viewer = await connect(VIEWER);
    await until(async () => ((await call(viewer, "gpu_stats")).data["gpus"] ?? []).length > 0, "stats reach D1");
    const { data, text } = await call(viewer, "gpu_stats");
    expect(data["gpus"][0]).toMatchObject({ rank: 1, gpu: expect.stringMatching(/^RTX/) });
    expect(text).toMatch(/Rank +GPU +Weights +games\/s/);
    expect(text).toContain(data["gpus"][0].gpu);
  });

  it("shows a log, explains a worker, and tells of offers, hosts, cost and the morning", async () => {
    const viewer = await connect(VIEWER);
    const { data } = await call(viewer, "fleet_status", { prefix: "zeb" });
    const worker = data["fleets"][0].workers.find(({ verdict }: { verdict: string }) => verdict === "producing");
    const log = await call(viewer, "logs", { instanceId: worker.instanceId, tail: 5 });
    expect([log.isError, log.text]).toEqual([false, expect.stringContaining("games/s")]);
    expect(log.data["text"].trim().split("\n").length).toBeLessThanOrEqual(5);
    const why = await call(viewer, "why", { fleet: "zeb", slot: worker.slot });
    expect(why.data["worker"].instanceId).toBe(worker.instanceId);
    expect(why.data["events"].map(({ kind }: { kind: string }) => kind)).toContain("launch");
    expect(new Set(why.data["events"].map(({ slot }: { slot: number }) => slot))).toEqual(new Set([worker.slot]));
    expect(why.text).toContain("offerId=");
    expect((await call(viewer, "offers", { fleet: "zeb", limit: 3 })).data["offers"].length).toBeLessThanOrEqual(3);
    expect((await call(viewer, "cost")).data).toMatchObject({
      usdPerHour: expect.any(Number),
      hoursLeft: expect.any(Number),
    });
    for (const name of ["hosts", "daily_report"]) expect((await call(viewer, name)).isError).toBe(false);
    expect((await call(viewer, "logs", { instanceId: 999 })).text).toContain("no-such-instance");
  });
});

describe("tools that change and end", () => {
  it("block a machine and pardon it, in the name of the token", async () => {
    const admin = await connect(ADMIN);
    const blocked = await call(admin, "block_host", { machineId: 4411, note: "slow" });
    expect(blocked.data).toMatchObject({ machineId: 4411, blocked: true });
    expect((await call(admin, "hosts", { machine: 4411 })).data["blocked"]).toBe(true);
    expect((await call(admin, "unblock_host", { machineId: 4411 })).data["blocked"]).toBe(false);
    const { events } = (await (await keeper.ask("GET", "/api/events?kind=host")).json()) as {
      events: { evidence: object }[];
    };
    expect(events.map(({ evidence }) => evidence)).toEqual([
      expect.objectContaining({ by: "admin" }),
      expect.objectContaining({ by: "admin", note: "slow" }),
    ]);
  });

  it("replace a worker only with the value of that very instance", async () => {
    const admin = await connect(ADMIN);
    const before = (await call(admin, "fleet_status", { fleet: "zeb" })).data["fleets"][0].workers[0];
    const args = { fleet: "zeb", slot: before.slot };
    const asked = await call(admin, "replace_worker", args);
    expect(asked).toMatchObject({ isError: false, data: { needsConfirmation: true } });
    expect(asked.text).toContain(`instance ${before.instanceId}`);
    expect((await call(admin, "replace_worker", { ...args, confirm: "0-made-up" })).data["needsConfirmation"]).toBe(
      true,
    );
    const done = await call(admin, "replace_worker", { ...args, confirm: asked.data["confirm"] });
    expect([done.isError, done.data["ended"]]).toEqual([false, [before.instanceId]]);
    await until(async () => {
      const { workers } = (await call(admin, "fleet_status", { fleet: "zeb" })).data["fleets"][0];
      return workers.some(
        ({ slot, instanceId }: typeof before) => slot === before.slot && instanceId !== before.instanceId,
      );
    }, "another worker is in the slot");
    expect(
      (await call(admin, "replace_worker", { ...args, confirm: asked.data["confirm"] })).data["needsConfirmation"],
    ).toBe(true);
    expect((await call(admin, "replace_worker", { ...args, slot: 77 })).text).toContain("worker-not-found");
  });

  it("pause and resume", async () => {
    const admin = await connect(ADMIN);
    expect((await call(admin, "pause", { fleet: "zeb" })).data["fleet"].mode).toBe("paused");
    expect((await call(admin, "resume", { fleet: "zeb" })).data["fleet"].mode).toBe("active");
    expect((await call(admin, "check_now", { fleet: "zeb" })).data["fleet"].checks).toBeGreaterThan(0);
  });

  it.runIf(hasPromtool)("while /metrics answers what promtool has no fault to find with", async () => {
    const plain = await keeper.ask("GET", "/metrics", undefined, { Authorization: `Bearer ${VIEWER}` });
    expect(promtoolComplaints(["check", "metrics"], await plain.text())).toBe("");
    const open = await keeper.ask("GET", "/metrics", undefined, { Accept: "application/openmetrics-text" });
    const rows = readOpenMetrics(await open.text());
    expect(valueOf(rows, "fleetkeeper_target_workers", { fleet: "zeb" })).toBe(4);
    expect(valueOf(rows, "fleetkeeper_rents_total", { outcome: "rented" })).toBeGreaterThanOrEqual(5);
    expect(valueOf(rows, "fleetkeeper_games_total")).toBeGreaterThan(0);
    expect(valueOf(rows, "fleetkeeper_credit_usd")).toBeGreaterThan(0);
  });

  it("end a fleet with the door's own value, by a target of 0 as well as by down", async () => {
    const admin = await connect(ADMIN);
    const zero = await call(admin, "apply", { fleet: "zeb", target: 0 });
    expect(zero).toMatchObject({ isError: false, data: { needsConfirmation: true } });
    expect((await call(admin, "down", {})).text).toContain("fleet, prefix");
    const asked = await call(admin, "down", { prefix: "zeb" });
    expect(asked.text).toMatch(/worker 0: instance \d+/);
    expect((await call(admin, "fleet_status", { fleet: "zeb" })).data["fleets"][0].mode).toBe("active");
    const done = await call(admin, "down", { prefix: "zeb", confirm: asked.data["confirm"] });
    expect(done.data["fleets"][0]).toMatchObject({ name: "zeb", mode: "down", target: 0 });
    expect((await call(admin, "down", { fleet: "nobody" })).text).toContain("fleet-not-found");
  });
});
