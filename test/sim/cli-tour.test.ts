// What the official command line client sends, recorded; replayed to hold the shapes that this client relies on.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { aMarket, listOf, objectOf, SECOND, type Answer, type Json } from "./a-market.ts";

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly status: number;
}

function readTour(name: string): Recorded[] {
  const path = join(import.meta.dirname, "../fixtures/cli-tour", `${name}.json`);
  return (JSON.parse(readFileSync(path, { encoding: "utf8" })) as { requests: Recorded[] }).requests;
}

interface Replayed extends Recorded {
  readonly answer: Answer;
}

/**
 * Replays a tour in the market that it was recorded in. Ids are drawn from the seed and agree; log files have other
 * hashes, so the address is the one that the last answer gave.
 */
async function replay(...names: string[]): Promise<Replayed[]> {
  const test = aMarket({ seed: 1, demo: true, speed: 60, hosts: {} });
  const done: Replayed[] = [];
  for (const request of names.flatMap(readTour)) {
    const isLog = request.path.includes("/instance_logs/");
    const path = isLog ? new URL(String(done.at(-1)?.answer.json["result_url"])).pathname : request.path;
    const answer = await test.call(request.method, path, request.body ?? undefined, request.headers);
    done.push({ ...request, answer });
    await test.pass(2 * SECOND);
  }
  return done;
}

function pick(tour: readonly Replayed[], method: string, path: RegExp): Replayed {
  const found = tour.find((request) => request.method === method && path.test(request.path));
  if (found === undefined) throw new Error(`no ${method} ${String(path)} in the tour`);
  return found;
}

describe("the official client's tour", () => {
  it("gets the recorded status for every request, in the new client and then the legacy one", async () => {
    const tour = await replay("vastai-1.5", "vast-py");
    const line = (request: Replayed, status: number): string => `${status} ${request.method} ${request.path}`;
    expect(tour.map((request) => line(request, request.answer.status))).toEqual(
      tour.map((request) => line(request, request.status)),
    );
  });

  it("gets exactly application/json from every endpoint of the API, as the client compares it literally", async () => {
    const answers = (await replay("vastai-1.5")).filter((request) => request.path.startsWith("/api/"));
    expect(new Set(answers.map((request) => request.answer.type))).toEqual(new Set(["application/json"]));
  });

  it("finds offers by the runbook's query, with numbers sent as strings", async () => {
    const tour = await replay("vastai-1.5");
    const searches = tour.filter((request) => request.path === "/api/v0/bundles/");
    expect(searches[0]?.body).toMatchObject({
      gpu_name: { in: ["RTX 3060", "RTX 3070", "RTX 3080", "RTX 3090"] },
      limit: 10,
    });
    expect(listOf(searches[0]?.answer.json["offers"])).toHaveLength(10);
    expect(searches[1]?.body).toMatchObject({
      num_gpus: { eq: "1" },
      machine_id: { notin: ["11", "12"] },
      dph_total: { lt: "0.2" },
    });
    const rows = listOf(searches[1]?.answer.json["offers"]);
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.every((row) => row["num_gpus"] === 1 && Number(row["dph_total"]) < 0.2)).toBe(true);
  });

  it("rents with nulls in the body and gets new_contract", async () => {
    const { body, answer } = pick(await replay("vastai-1.5"), "PUT", /\/asks\/\d+\//);
    expect(Object.values(objectOf(body)).filter((value) => value === null).length).toBeGreaterThan(4);
    expect(answer.json).toMatchObject({ success: true, new_contract: expect.any(Number) });
  });

  it("finds in each row what it computes with: start_date, pairs of extra_env, ports", async () => {
    const { answer } = pick(await replay("vastai-1.5"), "GET", /\/api\/v1\/instances\/\?.*limit=25$/);
    const rows = listOf(answer.json["instances"]);
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row["start_date"]).toEqual(expect.any(Number));
      expect(Array.isArray(row["extra_env"])).toBe(true);
    }
    const env = rows[0]?.["extra_env"] as unknown[][];
    expect(env.every((pair) => pair.length === 2)).toBe(true);
    expect(objectOf(rows[0]?.["ports"])["22/tcp"]).toEqual([
      { HostIp: "0.0.0.0", HostPort: expect.stringMatching(/^\d+$/) },
      { HostIp: "::", HostPort: expect.stringMatching(/^\d+$/) },
    ]);
  });

  it("reads one instance, null for an unknown one, logs as text, and the account", async () => {
    const tour = await replay("vastai-1.5");
    const row: Json = objectOf(pick(tour, "GET", /\/instances\/3\d+\/\?owner=me/).answer.json["instances"]);
    expect(row["label"]).toBe("zeb-worker-vast-0");
    expect(pick(tour, "GET", /\/instances\/12345\//).answer.text).toBe('{"instances":null}');
    expect(pick(tour, "GET", /instance_logs/).answer.type).toBe("text/plain");
    expect(pick(tour, "GET", /users\/current$/).answer.json["credit"]).toEqual(expect.any(Number));
  });
});
