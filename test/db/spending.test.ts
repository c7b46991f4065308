import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { spendingByFleet } from "../../src/db/spending.ts";
import type { LedgerEntry } from "../../src/fleet/event.ts";
import { aLedgerEntry, DAY, HOUR, NOW } from "./builders.ts";

async function keep(...entries: LedgerEntry[]): Promise<void> {
  await writeOutbox(
    env.DB,
    entries.map((row) => ({ kind: "ledger", row })),
  );
}

it("sums price × time by fleet: of today, of the last seven days and in all, what lives until now", async () => {
  const usdPerHour = 0.1;
  await keep(
    aLedgerEntry({ instanceId: 1, usdPerHour, startedAtMs: NOW - 30 * DAY, endedAtMs: NOW - 29 * DAY }),
    aLedgerEntry({ instanceId: 2, usdPerHour, startedAtMs: NOW - 8 * DAY, endedAtMs: NOW - 6 * DAY }),
    aLedgerEntry({ instanceId: 3, usdPerHour, startedAtMs: NOW - 20 * HOUR }),
    aLedgerEntry({ instanceId: 4, usdPerHour: null, startedAtMs: NOW - DAY }),
    aLedgerEntry({ instanceId: 5, usdPerHour, startedAtMs: NOW + HOUR }),
    aLedgerEntry({ instanceId: 6, usdPerHour, fleet: "zeb-large", startedAtMs: NOW - HOUR, endedAtMs: NOW + HOUR }),
  );
  const spent = await spendingByFleet(env.DB, { nowMs: NOW, dayAtMs: NOW - 18 * HOUR, weekAtMs: NOW - 7 * DAY });
  expect(spent).toEqual([
    {
      fleet: "zeb",
      todayUsd: expect.closeTo(1.8),
      last7DaysUsd: expect.closeTo(2.4 + 2),
      totalUsd: expect.closeTo(2.4 + 4.8 + 2),
    },
    {
      fleet: "zeb-large",
      todayUsd: expect.closeTo(0.1),
      last7DaysUsd: expect.closeTo(0.1),
      totalUsd: expect.closeTo(0.1),
    },
  ]);
});
