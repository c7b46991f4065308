// The launcher presets as data: what `go.sh`, `go-belief.sh`, `go-experiment.sh` and a plain monitor set (fleet behaviour
// reference §10). A preset that is for any experiment names no weights: whoever uses it does.

export interface Preset {
  readonly workload: string;
  /** `null`: the request must name them. */
  readonly weightsName: string | null;
  readonly target: number;
  readonly maxPriceUsdPerHour: number;
  readonly gpus: readonly string[];
  /** What it gives the workload's parameters; the rest are the workload's defaults. */
  readonly workloadArguments: Readonly<Record<string, string>>;
  /** The fleet that the launcher makes: one of this name gets the preset unasked. `null`: named by the experiment. */
  readonly fleet: string | null;
  /** The launcher that it stands for, for people. */
  readonly launcher: string;
}

const DEFAULT_GPUS = [
  "RTX 3060",
  "RTX 3060 Ti",
  "RTX 3070",
  "RTX 3070 Ti",
  "RTX 3080",
  "RTX 3080 Ti",
  "RTX 3090",
  "RTX 4060",
  "RTX 4060 Ti",
  "RTX 4070",
  "RTX 4070 Ti",
] as const;

const BELIEF_GPUS = ["RTX 3070 Ti", "RTX 3080", "RTX 3080 Ti", "RTX 3090", "RTX 4070", "RTX 4070 Ti"] as const;

const selfPlay = { workload: "zeb", maxPriceUsdPerHour: 0.09, gpus: DEFAULT_GPUS, workloadArguments: {} } as const;
const belief = { ...selfPlay, maxPriceUsdPerHour: 0.1, gpus: BELIEF_GPUS } as const;
const evalAux = { ...belief, workload: "zeb-evalaux", target: 1 } as const;

export const presetNames = [
  "zeb",
  "zeb-large",
  "zeb-belief",
  "zeb-evalaux",
  "zeb-exp-selfplay",
  "zeb-exp-evalaux",
] as const;
export type PresetName = (typeof presetNames)[number];

export const presets: Readonly<Record<PresetName, Preset>> = {
  zeb: { ...selfPlay, weightsName: "zeb-557k-1m", target: 4, fleet: "zeb", launcher: "vast_up.sh, vast_monitor.sh" },
  "zeb-large": { ...selfPlay, weightsName: "large", target: 8, fleet: "zeb-large", launcher: "go.sh" },
  "zeb-belief": { ...belief, weightsName: "large-belief", target: 12, fleet: "zeb-belief", launcher: "go-belief.sh" },
  "zeb-evalaux": {
    ...evalAux,
    weightsName: "zeb-large-belief-eq",
    fleet: "zeb-belief-evalaux",
    launcher: "go-experiment.sh, go-belief-evalaux.sh",
  },
  "zeb-exp-selfplay": {
    ...belief,
    weightsName: null,
    target: 2,
    fleet: null,
    launcher: "an experiment's self-play half, fleet zeb-<experiment>-selfplay; both halves have one weightsName",
  },
  "zeb-exp-evalaux": {
    ...evalAux,
    weightsName: null,
    fleet: null,
    launcher:
      "an experiment's eval-aux half, fleet zeb-<experiment>-evalaux; lb-v-eq-1920 set gpus to RTX 4070 and RTX 4070 Ti, and eqPolicyTargets to on",
  },
};

/** The preset that a fleet of this name gets unasked (docs/decisions/0008); `null`: none. */
export function presetOfFleet(fleet: string): PresetName | null {
  return presetNames.find((name) => name === fleet || presets[name].fleet === fleet) ?? null;
}
