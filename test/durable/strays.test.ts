import { expect, it } from "vitest";
import type { AccountStore, BoxRow } from "../../src/durable/account-store.ts";
import { strayDocuments } from "../../src/durable/strays.ts";

it("reads the fleets once, however many boxes the account has: it is asked with every sweep of every fleet", () => {
  const boxes = Array.from({ length: 1000 }, (_, index): BoxRow => ({
    instanceId: index,
    label: index === 0 ? null : `zeb-worker-vast-${index}`,
    status: "running",
    intended: "running",
    usdPerHour: 0.07,
    storageUsdPerHour: null,
    gpu: "RTX 3070",
    startedAtMs: null,
    keeperId: "keeper-a",
    ssh: null,
  }));
  let reads = 0;
  const none = { get: () => null };
  const store = {
    boxes: () => boxes,
    fleets: () => {
      reads += 1;
      return [{ name: "zeb", adopted: [] }];
    },
    keeperId: () => "keeper-a",
    strayDebts: none,
    ignoredStrays: none,
  } as unknown as AccountStore;
  expect(strayDocuments(store, 0).map(({ instanceId }) => instanceId)).toEqual([0]);
  expect(reads).toBe(1);
});
