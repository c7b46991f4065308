// Over a real socket, because what is proven here (a kill, a caller that leaves, headers as sent) exists nowhere else.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startSim, type Sim } from "../../sim/serve.ts";
import { KEY } from "./a-market.ts";

const open: Sim[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const sim of open.splice(0)) await sim.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function start(options: Parameters<typeof startSim>[0]): Promise<Sim> {
  const sim = await startSim(options);
  open.push(sim);
  return sim;
}

async function rent(sim: Sim, label: string): Promise<number> {
  const found = await fetch(`${sim.url}/api/v0/bundles/`, {
    method: "POST",
    headers: KEY,
    body: '{"num_gpus":{"eq":1}}',
  });
  const { offers } = (await found.json()) as { offers: { id: number }[] };
  const body = JSON.stringify({ image: "x", label, env: { HF_TOKEN: "hf_x" } });
  const rented = await fetch(`${sim.url}/api/v0/asks/${offers[0]?.id}/`, { method: "PUT", headers: KEY, body });
  return ((await rented.json()) as { new_contract: number }).new_contract;
}

describe("the server", () => {
  it("sends exactly application/json over the wire", async () => {
    const sim = await start({ port: 0 });
    const response = await fetch(`${sim.url}/api/v0/users/current`, { headers: KEY });
    expect(response.headers.get("Content-Type")).toBe("application/json");
  });

  it("has each rent and destroy in its file before it answers, and goes on from there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "market-"));
    folders.push(folder);
    const statePath = join(folder, "market.json");
    const first = await start({ port: 0, seed: 3, speed: 50, statePath });
    const kept = await rent(first, "zeb-worker-vast-0");
    const ended = await rent(first, "zeb-worker-vast-1");
    await fetch(`${first.url}/api/v0/instances/${ended}/`, { method: "DELETE", headers: KEY });
    // The file as a kill at this moment would leave it.
    const left = readFileSync(statePath, "utf8");
    expect(left).toContain(`"id":${kept}`);

    const second = await start({ port: 0, statePath });
    const truth = (await (await fetch(`${second.url}/sim/state`)).json()) as {
      seed: number;
      boxes: { id: number; endedBy: string | null }[];
    };
    expect(truth.seed).toBe(3);
    expect(truth.boxes.map((box) => [box.id, box.endedBy])).toEqual([
      [kept, null],
      [ended, "destroy"],
    ]);
  });

  it("closes a hanging call when its caller leaves", async () => {
    const sim = await start({ port: 0 });
    await fetch(`${sim.url}/sim/faults`, { method: "POST", body: '{"name":"list-hangs"}' });
    await expect(
      fetch(`${sim.url}/api/v1/instances/`, { headers: KEY, signal: AbortSignal.timeout(50) }),
    ).rejects.toThrow(/timeout/i);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const truth = (await (await fetch(`${sim.url}/sim/state`)).json()) as {
      inFlightNow: { all: number };
      calls: Record<string, unknown>;
    };
    expect(truth.inFlightNow.all).toBe(0);
    expect(truth.calls["GET /api/v1/instances/"]).toEqual({ total: 1, byStatus: { aborted: 1 } });
  });
});
