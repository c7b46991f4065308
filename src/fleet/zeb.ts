// The runbook's self-play worker as a workload: settings of fleet behaviour reference §3.1 to §3.3.

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

const startScript = `${zebSetup}echo "=== Starting worker" {{workerId}} "at $(date) ==="
exec python -u -m forge.zeb.worker.run {{arguments}}
`;

export const zeb: Workload = {
  name: "zeb",
  ...zebBox,
  parameters: {},
  startScript,
  workerArguments: [
    ...zebHubArguments,
    "--n-parallel-games",
    "128",
    "--n-simulations",
    "200",
    "--max-mcts-nodes",
    "512",
    "--games-per-batch",
    "256",
    ...zebSyncArguments,
  ],
  env: zebEnv,
  gamesPerSecondByGpu: zebGamesPerSecond,
  gamesPerSecondDefault: zebGamesPerSecondDefault,
};
