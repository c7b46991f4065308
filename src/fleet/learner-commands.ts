// What a person has to do where the weights are not on the Hub yet: the learner seeds them before any worker can start
// (runbook §9). Every value comes out of the spec, whose patterns let nothing through that a shell would read.

import type { FleetSpec } from "./spec.ts";

type Names = Pick<FleetSpec, "workload" | "weightsName" | "weightsRepo" | "examplesRepo">;

/** Notes for a fleet that waits for its weights: the runbook's two commands, filled in. Another workload has its own ways. */
export function learnerCommands({ weightsName, weightsRepo, examplesRepo, workload }: Names): readonly string[] {
  if (workload !== "zeb") return [];
  const checkpoint = `forge/zeb/checkpoints/${weightsName}-init.pt`;
  const learner = [
    "python -u -m forge.zeb.learner.run",
    `--repo-id ${weightsRepo}`,
    `--examples-repo-id ${examplesRepo}`,
    `--weights-name ${weightsName}`,
    `--checkpoint ${checkpoint}`,
    "--lr 1e-4 --batch-size 64 --replay-buffer-size 50000 --training-steps-per-cycle 1000 --wandb",
  ];
  return [
    `to make these weights, first a checkpoint: python -m forge.zeb.init_checkpoint --size ${sizeOf(weightsName)} -o ${checkpoint}`,
    `then its learner: ${learner.join(" ")}`,
  ];
}

/** A guess from the name: `large`, `zeb-large-belief-eq` are large models; the runbook's first one is a medium one. */
function sizeOf(weightsName: string): "large" | "medium" {
  return /(?:^|[-_])large(?:[-_]|$)/.test(weightsName) ? "large" : "medium";
}
