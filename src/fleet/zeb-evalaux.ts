// The eval-aux worker: games labelled by an oracle, beside the self-play of the same weights name (fleet behaviour
// reference §3.1 to §3.3, second worker mode). Its settings are parameters, which a fleet gives as `workloadArguments`.

import type { Workload } from "./workload.ts";
import {
  zebBox,
  zebEnv,
  zebGamesPerSecond,
  zebGamesPerSecondDefault,
  zebHubArguments,
  zebSetup,
  zebSyncArguments,
} from "./zeb-box.ts";

/**
 * Hosts with old code have no module of this name (fleet behaviour reference §8, 02-15): the script's path is the way
 * round. It is chosen before the start and not after a failure, so that a worker that dies stays dead and is seen.
 */
const startScript = `${zebSetup}mode=-m; worker=forge.zeb.worker.run_eval_aux
export PYTHONPATH=/root/code
python -c 'import importlib.util, sys
sys.exit(importlib.util.find_spec("forge.zeb.worker.run_eval_aux") is None)' 2>/dev/null || { mode=; worker=forge/zeb/worker/run_eval_aux.py; }
policy=--no-eq-policy-targets
if [ {{arg.eqPolicyTargets}} = on ]; then policy=; fi
echo "=== Starting worker" {{workerId}} "(eval_aux) at $(date) ==="
exec python -u $mode $worker {{arguments}} $policy
`;

/** Labelling by the oracle makes a game several times as dear; the order of the GPUs is what the ranking needs at first. */
const SHARE_OF_SELF_PLAY = 0.2;

const whole = "^[0-9]{1,6}$";

export const zebEvalAux: Workload = {
  name: "zeb-evalaux",
  ...zebBox,
  parameters: {
    oracleCheckpoint: {
      words: "the oracle's checkpoint, a path in the code (ZEB_ORACLE_CHECKPOINT)",
      default: "forge/models/domino-qval-large-3.3M-qgap0.071-qmae0.94.ckpt",
      pattern: null,
    },
    eqSamples: { words: "samples a position (ZEB_EQ_N_SAMPLES)", default: "100", pattern: whole },
    eqGamesPerBatch: { words: "games a batch (ZEB_EQ_GAMES_PER_BATCH)", default: "128", pattern: whole },
    eqBatchSize: { words: "positions evaluated at once, 0: all (ZEB_EQ_BATCH_SIZE)", default: "0", pattern: whole },
    eqTemperature: {
      words: "temperature of the player (ZEB_EQ_TEMPERATURE)",
      default: "0.1",
      pattern: "^[0-9]{1,3}(?:\\.[0-9]{1,6})?$",
    },
    eqPolicyTargets: { words: "on or off (ZEB_EQ_POLICY_TARGETS)", default: "off", pattern: "^(?:on|off)$" },
  },
  startScript,
  workerArguments: [
    ...zebHubArguments,
    "--checkpoint",
    "{{arg.oracleCheckpoint}}",
    "--n-samples",
    "{{arg.eqSamples}}",
    "--games-per-batch",
    "{{arg.eqGamesPerBatch}}",
    "--eval-batch-size",
    "{{arg.eqBatchSize}}",
    "--zeb-temperature",
    "{{arg.eqTemperature}}",
    ...zebSyncArguments,
  ],
  env: {
    ...zebEnv,
    ZEB_WORKER_MODE: { text: "eval_aux" },
    ZEB_ORACLE_CHECKPOINT: "arg.oracleCheckpoint",
    ZEB_EQ_N_SAMPLES: "arg.eqSamples",
    ZEB_EQ_GAMES_PER_BATCH: "arg.eqGamesPerBatch",
    ZEB_EQ_BATCH_SIZE: "arg.eqBatchSize",
    ZEB_EQ_TEMPERATURE: "arg.eqTemperature",
    ZEB_EQ_POLICY_TARGETS: "arg.eqPolicyTargets",
  },
  gamesPerSecondByGpu: Object.fromEntries(
    Object.entries(zebGamesPerSecond).map(([gpu, rate]) => [gpu, Number((rate * SHARE_OF_SELF_PLAY).toFixed(2))]),
  ),
  gamesPerSecondDefault: zebGamesPerSecondDefault * SHARE_OF_SELF_PLAY,
};
