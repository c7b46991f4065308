// Days of cost as bars.

interface Day {
  readonly day: string;
  readonly usd: number;
  readonly fleets: readonly { readonly fleet: string; readonly usd: number }[];
}

export interface FleetSum {
  readonly fleet: string;
  readonly usd: number;
}

/** What each fleet spent over all the days, most first: the order of the stack and of the legend. */
export function fleetSums(days: readonly Day[]): FleetSum[] {
  const sums = new Map<string, number>();
  for (const { fleets } of days) for (const { fleet, usd } of fleets) sums.set(fleet, (sums.get(fleet) ?? 0) + usd);
  return [...sums].map(([fleet, usd]) => ({ fleet, usd })).toSorted((a, b) => b.usd - a.usd);
}

/** Ticks of an axis from 0 that a person can read, four or five of them. */
export function niceTicks(max: number, wanted = 4): number[] {
  if (!(max > 0)) return [0, 1];
  const raw = max / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const ticks = Math.ceil(max / step - 1e-9);
  return Array.from({ length: ticks + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}
