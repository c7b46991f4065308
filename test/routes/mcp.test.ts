import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import type { FleetEvent } from "../../src/fleet/event.ts";
import { cutText, fitted } from "../../src/routes/mcp/result.ts";
import { anEvent } from "../db/builders.ts";
import { ADMIN, aFleet, aWorker, aWorld, VIEWER, type World } from "./fakes.ts";

/** As assistants of 2025 speak: no session, one message a request. */
async function say(world: World, method: string, params: object = {}, token: string | null = ADMIN) {
  const answer = await world.ask("/mcp", {
    method: "POST",
    token,
    headers: { Accept: "application/json, text/event-stream", "Content-Type": "application/json" },
    body: { jsonrpc: "2.0", id: 1, method, params },
  });
  const text = await answer.text();
  const json = /^data: (.*)$/m.exec(text)?.[1] ?? text;
  return { status: answer.status, length: json.length, body: JSON.parse(json) };
}

const call = (world: World, name: string, args: object = {}, token = ADMIN) =>
  say(world, "tools/call", { name, arguments: args }, token);

describe("POST /mcp", () => {
  it("speaks the protocol of 2025 without a session", async () => {
    const world = aWorld(aFleet("zeb"));
    const hello = await say(world, "initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    });
    expect(hello.body.result).toMatchObject({ protocolVersion: "2025-06-18", serverInfo: { name: "fleetkeeper" } });
    const { body } = await say(world, "tools/list");
    expect(body.result.tools).toHaveLength(17);
    expect((await world.ask("/mcp", { headers: { Accept: "text/event-stream" } })).status).toBe(405);
  });

  it.each([null, "wrong-token-for-tests"])("answers 401 to the token %s before it reads the message", async (token) => {
    const world = aWorld(aFleet("zeb"));
    expect((await say(world, "tools/list", {}, token)).status).toBe(401);
    expect(world.calls).toEqual([]);
  });

  it("does what the door does, in the name of the caller, and once", async () => {
    const world = aWorld(aFleet("zeb"));
    const { body } = await call(world, "apply", { fleet: "zeb", target: 6 });
    expect(body.result.structuredContent.fleet.target).toBe(6);
    expect(world.calls).toEqual([
      { fleet: "zeb", method: "patch", args: [{ target: 6 }, expect.objectContaining({ actor: { name: "admin" } })] },
    ]);
  });

  it("keeps a viewer from every tool that writes, whatever name it calls", async () => {
    const world = aWorld(aFleet("zeb"));
    const { tools } = (await say(world, "tools/list")).body.result;
    for (const { name, annotations } of tools) {
      const { body } = await call(world, name, { fleet: "zeb", slot: 0, machineId: 1, target: 1 }, VIEWER);
      const isRefused = body.error?.message?.includes("disabled") === true;
      expect([name, isRefused]).toEqual([name, !annotations.readOnlyHint]);
    }
    const writes = ["put", "patch", "up", "replenish", "down", "endInstance", "pause", "resume", "check"];
    expect(world.calls.filter(({ method }) => writes.includes(method))).toEqual([]);
  });

  it("ends nothing at the first call, and exactly the confirmed instance at the second", async () => {
    const world = aWorld(aFleet("zeb"));
    const owner = { ...aWorker(), fleet: "zeb", startedAtMs: null, strayWhy: null, isEnding: false };
    world.boxes.set(87654321, owner);
    const first = (await call(world, "replace_worker", { fleet: "zeb", slot: 0 })).body.result.structuredContent;
    expect(first).toMatchObject({ needsConfirmation: true, wouldEnd: [{ fleet: "zeb" }] });
    expect(world.calls.map(({ method }) => method)).toEqual(["describe"]);
    await call(world, "replace_worker", { fleet: "zeb", slot: 0, confirm: first.confirm });
    const ended = world.calls.filter(({ method }) => method === "endInstance");
    expect(ended).toEqual([{ fleet: "zeb", method: "endInstance", args: [87654321, false, { name: "admin" }] }]);
    // The value was for that instance: another one in its slot is asked about anew.
    world.fleets.set("zeb", aFleet("zeb", { workers: [aWorker({ instanceId: 5 })] }));
    const other = await call(world, "replace_worker", { fleet: "zeb", slot: 0, confirm: first.confirm });
    expect(other.body.result.structuredContent.needsConfirmation).toBe(true);
    expect(world.calls.filter(({ method }) => method === "endInstance")).toHaveLength(1);
  });

  it("asks before it ends a fleet, as its door does", async () => {
    const world = aWorld(aFleet("zeb"));
    const first = (await call(world, "down", { fleet: "zeb" })).body.result;
    expect(first.isError).toBeUndefined();
    expect(first.content[0].text).toContain("Nothing has been done");
    expect(world.calls.map(({ method }) => method)).toEqual(["previewDown"]);
    const { confirm } = first.structuredContent;
    const done = (await call(world, "down", { fleet: "zeb", confirm })).body.result;
    expect(done.structuredContent.fleets[0].mode).toBe("down");
  });

  it("stays short for fleets of any size", async () => {
    const workers = Array.from({ length: 1000 }, (_, slot) => aWorker({ slot, instanceId: slot + 1 }));
    const fleets = Array.from({ length: 20 }, (_, index) => aFleet(`fleet-${index}`, { workers }));
    const { body, length } = await call(aWorld(...fleets), "fleet_status");
    expect(length).toBeLessThan(80_000);
    const { structuredContent, content } = body.result;
    expect(structuredContent.fleets.length).toBeGreaterThan(4);
    expect(structuredContent.omitted).toMatchObject({ "fleets[].workers": expect.any(Number) });
    expect(content[0].text).toMatch(/\[cut: \d+ of \d+ characters left out\]$/);
  });

  it("shows the end of a log that is too long", async () => {
    const world = aWorld(aFleet("zeb"));
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`);
    world.log = {
      ok: true,
      value: { instanceId: 1, text: lines.join("\n"), modifiedAt: null, isStale: false, from: "market", endedAt: null },
    };
    const { structuredContent } = (await call(world, "logs", { instanceId: 1, tail: 300 })).body.result;
    expect(structuredContent.text).toMatch(/^\[cut: .*line 4999$/s);
    expect(structuredContent.text.length).toBeLessThan(17_000);
  });

  it("explains a worker by its own events, however many the fleet has had since", async () => {
    const world = aWorld(aFleet("zeb"));
    const atMs = Date.now() - 60_000;
    const other = (index: number): FleetEvent =>
      anEvent({ id: `other-${index}`, atMs: atMs + index, slot: 3, instanceId: 9000 + index });
    const own = anEvent({ id: "own", atMs, slot: 2, instanceId: 4242, message: "KILLED: stuck in BOOT" });
    const rows = [own, ...Array.from({ length: 600 }, (_, index) => other(index))];
    await writeOutbox(
      env.DB,
      rows.map((row) => ({ kind: "event", row })),
    );
    for (const about of [{ instanceId: 4242 }, { slot: 2 }, { slot: 2, instanceId: 4242 }]) {
      const { structuredContent } = (await call(world, "why", { fleet: "zeb", ...about })).body.result;
      expect(structuredContent).toMatchObject({
        events: [{ message: "KILLED: stuck in BOOT" }],
        eventsLeftOut: 0,
        hasOlderEvents: false,
      });
    }
    const { structuredContent: whole } = (await call(world, "why", { fleet: "zeb" })).body.result;
    expect(whole).toMatchObject({ eventsLeftOut: 470, hasOlderEvents: true });
  });

  it("goes on explaining by notes while D1 is silent", async () => {
    const world = aWorld(aFleet("zeb", { notes: ["no offer under $0.090/hr"] }));
    const fail = (): never => {
      throw new Error("D1_ERROR");
    };
    world.env = { ...world.env, DB: { prepare: fail, batch: fail } as unknown as D1Database };
    const { result } = (await call(world, "why", { fleet: "zeb" })).body;
    expect(result.content[0].text).toContain("no offer under $0.090/hr");
    expect(result.structuredContent.notes[1]).toContain("events are missing");
  });

  it("says what is wrong with an argument, by its name", async () => {
    const world = aWorld(aFleet("zeb"));
    for (const [name, args, field] of [
      ["logs", { instanceId: "x" }, "instanceId"],
      ["plan", { fleet: "zeb", target: 1.5 }, "target"],
      ["apply", { fleet: "zeb", gpus: [] }, "gpus"],
      ["why", { fleet: "zeb", since: "yesterday" }, "since"],
      ["fleet_status", { flet: "zeb" }, "flet"],
      ["down", { fleet: "zeb", prefix: "zeb" }, "prefix"],
      ["daily_report", { day: "today" }, "day"],
    ] as const) {
      const { result } = (await call(world, name, args)).body;
      expect([name, result.isError, result.content[0].text]).toEqual([name, true, expect.stringContaining(field)]);
    }
    expect(world.calls.filter(({ method }) => method !== "describe")).toEqual([]);
  });

  it("cannot be led to another door by a name", async () => {
    const world = aWorld(aFleet("zeb"));
    for (const fleet of ["zeb/../../down?x=", "..", "%2e%2e", ""])
      for (const name of ["pause", "down", "fleet_status", "apply", "why", "replace_worker"]) {
        const { result } = (await call(world, name, { fleet, slot: 0 })).body;
        expect([name, result.isError, result.content[0].text]).toEqual([name, true, expect.stringContaining("fleet")]);
      }
    expect(world.calls).toEqual([]);
  });
});

describe("the size of an answer", () => {
  it("is left alone where it fits", () => {
    expect(fitted({ a: [1, 2, 3] })).toEqual({ a: [1, 2, 3] });
    expect(cutText("short")).toBe("short");
  });

  it("is brought below its limit by cutting lists, and says so", () => {
    const long = { notes: ["n"], rows: Array.from({ length: 2000 }, (_, index) => ({ index, text: "x".repeat(50) })) };
    const cut = fitted(long);
    expect(JSON.stringify(cut).length).toBeLessThanOrEqual(40_000);
    expect(cut["omitted"]).toEqual({ rows: 1900 });
    expect(cut["notes"]).toEqual(["n"]);
  });
});
