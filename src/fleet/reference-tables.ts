// What the runbook measured (§8, February 2026), to stand beside what the fleets measure now.

/** The lower and the upper end; equal where the runbook has one number. */
type Range = readonly [number, number];

export interface GpuReference {
  readonly gpu: string;
  readonly gamesPerSecond: Range;
  readonly usdPerHour: Range;
  readonly usdPerGamePerSecond: Range;
  readonly note: string;
}

/** "GPU performance reference (Feb 2026, large-belief model, 3.3M params)", best value first. */
export const gpuReferenceWeights = "large-belief";
export const gpuReference: readonly GpuReference[] = [
  {
    gpu: "RTX 4070 Ti",
    gamesPerSecond: [4.1, 4.2],
    usdPerHour: [0.074, 0.09],
    usdPerGamePerSecond: [0.018, 0.021],
    note: "Best value: fast and cheap",
  },
  {
    gpu: "RTX 4070",
    gamesPerSecond: [3.2, 3.4],
    usdPerHour: [0.079, 0.081],
    usdPerGamePerSecond: [0.024, 0.024],
    note: "Good value, widely available",
  },
  {
    gpu: "RTX 3080",
    gamesPerSecond: [3.0, 3.0],
    usdPerHour: [0.079, 0.079],
    usdPerGamePerSecond: [0.026, 0.026],
    note: "Solid",
  },
  {
    gpu: "RTX 3080 Ti",
    gamesPerSecond: [2.7, 2.8],
    usdPerHour: [0.084, 0.084],
    usdPerGamePerSecond: [0.03, 0.03],
    note: "OK",
  },
  {
    gpu: "RTX 3070 Ti",
    gamesPerSecond: [2.6, 2.7],
    usdPerHour: [0.084, 0.084],
    usdPerGamePerSecond: [0.031, 0.031],
    note: "Worst value in this tier",
  },
];

/** "Session benchmarks (Feb 2026)". */
export interface SessionBenchmark {
  readonly workers: number;
  readonly gpus: readonly string[];
  readonly usdPerHour: number;
  /** Of the whole fleet in steady state; `null`: the runbook does not say. */
  readonly gamesPerSecond: number | null;
  readonly note: string;
}

export const sessionBenchmarks: readonly SessionBenchmark[] = [
  { workers: 8, gpus: ["RTX 3060"], usdPerHour: 0.43, gamesPerSecond: null, note: "14 h run, step 0 to over 740" },
  {
    workers: 12,
    gpus: ["RTX 4070 Ti", "RTX 4070", "RTX 3080"],
    usdPerHour: 0.97,
    gamesPerSecond: 35,
    note: "belief fleet, mixed, steady state",
  },
];
