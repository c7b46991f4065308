import { expect, it } from "vitest";
import { costOf } from "../../src/fleet/daily-cost.ts";
import { err, ok } from "../../src/fleet/result.ts";
import { MINUTE } from "../support/builders.ts";
import { aDay, aFleetDocument, isoTime, MORNING } from "../support/day.ts";

it("tells what each fleet and all together spent and played, and what a million games cost", () => {
  const spend = ok([
    { fleet: "zeb", usd: 6, unpriced: 0 },
    { fleet: "zeb-old", usd: 2, unpriced: 3 },
  ]);
  expect(costOf(aDay({ spend, games: ok([{ fleet: "zeb", games: 2_000_000 }]) }), isoTime)).toEqual({
    spentUsd: 8,
    games: 2_000_000,
    usdPerMillionGames: 4,
    usdPerHour: 0.288,
    fleets: [
      { fleet: "zeb", spentUsd: 6, games: 2_000_000, usdPerMillionGames: 3, usdPerHour: 0.288 },
      { fleet: "zeb-old", spentUsd: 2, games: 0, usdPerMillionGames: null, usdPerHour: null },
    ],
    unpriced: 3,
    creditUsd: 14.4,
    creditReadAt: isoTime(MORNING - 10 * MINUTE),
    creditHoursLeft: 14.4 / 0.288,
  });
});

it("promises no hours of credit where nothing is paid for, or where a fleet's price is not known", () => {
  const nothing = ok({ fleets: [aFleetDocument({ workers: [] })], silent: [] });
  expect(costOf(aDay({ fleets: nothing }), isoTime)).toMatchObject({ usdPerHour: 0, creditHoursLeft: null });
  const silent = ok({ fleets: [aFleetDocument()], silent: ["zeb-large"] });
  expect(costOf(aDay({ fleets: silent }), isoTime)).toMatchObject({ usdPerHour: null, creditHoursLeft: null });
  expect(costOf(aDay({ account: err("away") }), isoTime)).toMatchObject({ creditUsd: null, creditHoursLeft: null });
});

it("keeps the sum of what is known and leaves out what is not", () => {
  const day = aDay({ games: err("D1 does not answer") });
  expect(costOf(day, isoTime)).toMatchObject({
    spentUsd: 6.912,
    games: null,
    usdPerMillionGames: null,
    fleets: [{ fleet: "zeb", spentUsd: 6.912, games: null, usdPerMillionGames: null }],
  });
});
