import { describe, expect, it } from "vitest";
import { aFleet, aWorker, aWorld, brokenD1, type World } from "./fakes.ts";

function theRunbooksFleet(): World {
  const world = aWorld(
    aFleet("zeb", {
      state: "ramping",
      notes: ["slot 2 is waiting for its first batch", "no offer under $0.090/hr"],
      totals: { live: 3, producing: 1, usdPerHour: 0.28, gamesPerSecond: 2.4 },
      workers: [
        aWorker(),
        aWorker({
          slot: 1,
          label: "zeb-worker-vast-1",
          instanceId: 87654322,
          gpu: "RTX 3060 Ti",
          status: "loading",
          verdict: "booting",
          gamesPerSecond: null,
          usdPerHour: 0.089,
          ageSeconds: 45,
          ssh: null,
        }),
        aWorker({
          slot: 2,
          label: "zeb-worker-vast-2",
          instanceId: 87654323,
          gpu: null,
          verdict: "waiting",
          gamesPerSecond: null,
          usdPerHour: 0.089,
          ageSeconds: 187,
        }),
      ],
      intents: [
        {
          id: "2b1c",
          slot: 3,
          label: "zeb-worker-vast-3",
          state: "open",
          offerId: 12345678,
          machineId: 5,
          gpu: "RTX 3070",
          usdPerHour: 0.102,
          instanceId: null,
          ageSeconds: 3,
        },
      ],
      debts: [
        { instanceId: 1, slot: 3, label: null, reason: "stuck in BOOT", attempts: 1, lastError: null, ageSeconds: 9 },
      ],
    }),
    aFleet("zeb-large", { totals: { live: 1, producing: 1, usdPerHour: 0.102, gamesPerSecond: 2.4 } }),
    aFleet("other"),
  );
  world.env = { ...world.env, DB: brokenD1() };
  return world;
}

describe("GET /api/status", () => {
  it("prints the runbook's table", async () => {
    const text = await (
      await theRunbooksFleet().ask("/api/status?prefix=zeb", { headers: { Accept: "text/plain" } })
    ).text();
    expect(text.split("\n")).toEqual([
      "Label                    GPU              Status      Verdict   Age     games/s    $/hr         ID  SSH",
      "-".repeat(130),
      "zeb-worker-vast-0        RTX 3070         running     OK        2h01m       2.4   0.102   87654321  ssh -p 12345 root@ssh5.vast.ai",
      "zeb-worker-vast-1        RTX 3060 Ti      loading     BOOT      45s           -   0.089   87654322  -",
      "zeb-worker-vast-2        -                running     WAIT      3m07s         -   0.089   87654323  ssh -p 12345 root@ssh5.vast.ai",
      "zeb-worker-vast-3        RTX 3070         renting     RENT      3s            -   0.102          -  -",
      "zeb-large-worker-vast-0  RTX 3070         running     OK        2h01m       2.4   0.102   87654321  ssh -p 12345 root@ssh5.vast.ai",
      "Total: 4 instances, $0.382/hr ($9.17/day)",
      "zeb: ramping, 1/3 up, target 4, 1 being destroyed, CHECK #12",
      "  slot 2 is waiting for its first batch",
      "  no offer under $0.090/hr",
      "zeb-large: steady, 1/1 up, target 8, CHECK #12",
      "D1 does not answer; the fleets are those the account's keeper knows",
      "",
    ]);
  });

  it("answers the documents and the total as JSON", async () => {
    const world = theRunbooksFleet();
    const status = await (await world.ask("/api/status?prefix=zeb-large")).json();
    expect(status).toMatchObject({
      fleets: [world.fleets.get("zeb-large")],
      total: { instances: 1, usdPerHour: 0.102, usdPerDay: expect.closeTo(2.448) },
    });
  });

  it("shows all fleets without a prefix, and those of exactly that name or name and dash with one", async () => {
    const world = aWorld(...["zeb", "zeb-large", "zebra"].map((name) => aFleet(name)));
    await world.publish("zeb", "zeb-large", "zebra");
    const names = async (query: string): Promise<string[]> => {
      const { fleets }: { fleets: { name: string }[] } = await (await world.ask(`/api/status${query}`)).json();
      return fleets.map(({ name }) => name);
    };
    expect(await names("")).toEqual(["zeb", "zeb-large", "zebra"]);
    expect(await names("?prefix=")).toEqual(["zeb", "zeb-large", "zebra"]);
    expect(await names("?prefix=zeb")).toEqual(["zeb", "zeb-large"]);
    expect(await names("?prefix=zeb-large")).toEqual(["zeb-large"]);
    expect(await names("?prefix=nobody")).toEqual([]);
  });

  it("says which names begin like a prefix that matches none, or which there are", async () => {
    const world = aWorld(aFleet("quick"), aFleet("quicksand"));
    const notes = async (prefix: string): Promise<unknown> =>
      ((await (await world.ask(`/api/status?prefix=${prefix}`)).json()) as { notes: string[] }).notes.at(-1);
    expect(await notes("qui")).toBe("no fleet is named qui or qui-…; these begin so: quick, quicksand");
    expect(await notes("nobody")).toMatch(/^no fleet is named nobody or nobody-…; there are: .*quick, quicksand/);
    expect(String(await notes("quick"))).not.toContain("no fleet is named");
  });

  it("shows that a fleet that is down wants no worker", async () => {
    const text = await (
      await aWorld(aFleet("zeb", { mode: "down", state: "draining" })).ask("/api/fleets/zeb?format=text")
    ).text();
    expect(text).toContain("zeb: draining, 1/1 up, target 0, CHECK #12");
  });

  it("prints an empty table when there is nothing", async () => {
    const text = await (await aWorld().ask("/api/status?prefix=nobody&format=text")).text();
    expect(text).toContain("Total: 0 instances, $0.000/hr ($0.00/day)");
  });

  it("takes control characters out of what the market said", async () => {
    const world = aWorld(aFleet("zeb", { workers: [aWorker({ gpu: "RTX\u001b[2J 3070\n" })] }));
    await world.publish("zeb");
    const text = await (await world.ask("/api/status?prefix=zeb&format=text")).text();
    expect(text).toContain("RTX [2J 3070");
    expect(text).not.toContain("\u001b");
  });
});
