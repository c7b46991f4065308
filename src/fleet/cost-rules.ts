// The runbook's rules of thumb for what a fleet costs (runbook §7, prices of February 2026), beside which an estimate from
// live offers is shown.

export interface CostRule {
  readonly workers: number;
  readonly gpu: string;
  readonly usdPerHour: number;
  readonly usdPerDay: number;
  readonly usdPerWeek: number;
}

/** The GPU type that a row is about is how its text begins, before "mix". */
export const costRules: readonly CostRule[] = [
  { workers: 4, gpu: "RTX 3060 mix", usdPerHour: 0.25, usdPerDay: 6, usdPerWeek: 42 },
  { workers: 4, gpu: "RTX 3070 mix", usdPerHour: 0.3, usdPerDay: 7.2, usdPerWeek: 50 },
  { workers: 4, gpu: "RTX 3060 Ti", usdPerHour: 0.22, usdPerDay: 5.28, usdPerWeek: 37 },
];

/** Whether a row speaks of this GPU type; `null`, any type, fits none. */
export function isRuleFor(rule: CostRule, gpu: string | null): boolean {
  return gpu !== null && rule.gpu.replace(/ mix$/, "") === gpu;
}
