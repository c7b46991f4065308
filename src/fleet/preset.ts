// The launcher presets as data: what `go.sh`, `go-belief.sh` and a plain monitor set (fleet behaviour reference §10).

export interface Preset {
  readonly weightsName: string;
  readonly target: number;
  readonly maxPriceUsdPerHour: number;
  readonly gpus: readonly string[];
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

export const presetNames = ["zeb", "zeb-large", "zeb-belief"] as const;
export type PresetName = (typeof presetNames)[number];

export const presets: Readonly<Record<PresetName, Preset>> = {
  zeb: { weightsName: "zeb-557k-1m", target: 4, maxPriceUsdPerHour: 0.09, gpus: DEFAULT_GPUS },
  "zeb-large": { weightsName: "large", target: 8, maxPriceUsdPerHour: 0.09, gpus: DEFAULT_GPUS },
  "zeb-belief": { weightsName: "large-belief", target: 12, maxPriceUsdPerHour: 0.1, gpus: BELIEF_GPUS },
};
