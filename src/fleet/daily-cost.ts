// What the window cost and gave, by fleet and in all, and how long the credit lasts. A sum that could not be measured is
// `null`, never 0.

import type { DayFacts } from "./daily-facts.ts";

const GAMES_SHOWN = 1_000_000;

export interface CostLine {
  readonly fleet: string;
  readonly spentUsd: number | null;
  readonly games: number | null;
  /** `null` also where no game was played. */
  readonly usdPerMillionGames: number | null;
  /** At the time of the report; `null`: the fleet did not answer or is gone. */
  readonly usdPerHour: number | null;
}

export interface CostPart extends Omit<CostLine, "fleet"> {
  readonly fleets: readonly CostLine[];
  /** Instances whose price nobody knows; they are in no sum. */
  readonly unpriced: number;
  readonly creditUsd: number | null;
  readonly creditReadAt: string | null;
  /** Credit at the present price of all fleets; other instances of the account are not counted. `null` also at $0/hr. */
  readonly creditHoursLeft: number | null;
}

export function costOf(facts: DayFacts, isoTime: (atMs: number) => string): CostPart {
  const spent = facts.spend.ok ? new Map(facts.spend.value.map(({ fleet, usd }) => [fleet, usd])) : null;
  const games = facts.games.ok ? new Map(facts.games.value.map((row) => [row.fleet, row.games])) : null;
  const prices = facts.fleets.ok
    ? new Map(facts.fleets.value.fleets.map(({ name, totals }) => [name, totals.usdPerHour]))
    : null;
  const names = [...new Set([spent, games, prices].flatMap((map) => [...(map?.keys() ?? [])]))].toSorted();
  const spentUsd = sumOf(spent);
  const gamesInAll = sumOf(games);
  // A fleet that did not answer costs too, so the sum without it would promise too many hours.
  const isWholeView = facts.fleets.ok && facts.fleets.value.silent.length === 0;
  const usdPerHour = isWholeView ? sumOf(prices) : null;
  const { creditUsd, readAtMs } = facts.account.ok ? facts.account.value : { creditUsd: null, readAtMs: null };
  return {
    spentUsd,
    games: gamesInAll,
    usdPerMillionGames: perMillion(spentUsd, gamesInAll),
    usdPerHour,
    fleets: names.map((fleet) => costLine(fleet, spent, games, prices?.get(fleet) ?? null)),
    unpriced: facts.spend.ok ? facts.spend.value.reduce((sum, { unpriced }) => sum + unpriced, 0) : 0,
    creditUsd,
    creditReadAt: readAtMs === null ? null : isoTime(readAtMs),
    creditHoursLeft: creditUsd === null || usdPerHour === null || usdPerHour <= 0 ? null : creditUsd / usdPerHour,
  };
}

/** A fleet that a measured sum does not name has spent nothing and played nothing. */
function costLine(
  fleet: string,
  spent: ReadonlyMap<string, number> | null,
  games: ReadonlyMap<string, number> | null,
  usdPerHour: number | null,
): CostLine {
  const spentUsd = spent === null ? null : (spent.get(fleet) ?? 0);
  const played = games === null ? null : (games.get(fleet) ?? 0);
  return { fleet, spentUsd, games: played, usdPerMillionGames: perMillion(spentUsd, played), usdPerHour };
}

function sumOf(map: ReadonlyMap<string, number> | null): number | null {
  return map === null ? null : [...map.values()].reduce((sum, value) => sum + value, 0);
}

function perMillion(usd: number | null, games: number | null): number | null {
  return usd === null || games === null || games === 0 ? null : (usd / games) * GAMES_SHOWN;
}
