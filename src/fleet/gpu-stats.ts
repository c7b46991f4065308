// What GPU types and machines are worth: rate, price and rank, as the runbook's stats-tracker tabulated them (§8).

/** What one GPU type, or one machine, gave with one weights name. */
export interface RateGroup {
  readonly weightsName: string;
  readonly gpu: string;
  /** `null`: all machines of the type together. */
  readonly machineId: number | null;
  /** Measured reports. */
  readonly samples: number;
  readonly games: number;
  readonly instances: number;
  readonly gamesPerSecond: number;
  readonly gamesPerSecondMin: number;
  readonly gamesPerSecondMax: number;
  /** `null`, like its extremes: no row has a price. */
  readonly usdPerHour: number | null;
  readonly usdPerHourMin: number | null;
  readonly usdPerHourMax: number | null;
}

export interface RankedGroup extends RateGroup {
  /** From 1, within its weights name. */
  readonly rank: number;
  /** $/hr ÷ games/s; `null`: price unknown, or nothing given. */
  readonly usdPerGamePerSecond: number | null;
}

/** By weights name, best value first; those without a value come last. */
export function rankGroups(groups: readonly RateGroup[]): RankedGroup[] {
  const valued = groups.map((group) => ({ ...group, usdPerGamePerSecond: valueOf(group) }));
  const inOrder = valued.toSorted(
    (a, b) =>
      order(a.weightsName, b.weightsName) ||
      (a.usdPerGamePerSecond ?? Infinity) - (b.usdPerGamePerSecond ?? Infinity) ||
      order(a.gpu, b.gpu) ||
      (a.machineId ?? 0) - (b.machineId ?? 0),
  );
  const ranks = new Map<string, number>();
  return inOrder.map((group) => {
    const rank = (ranks.get(group.weightsName) ?? 0) + 1;
    ranks.set(group.weightsName, rank);
    return { ...group, rank };
  });
}

function valueOf({ usdPerHour, gamesPerSecond }: RateGroup): number | null {
  return usdPerHour === null || gamesPerSecond <= 0 ? null : usdPerHour / gamesPerSecond;
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
