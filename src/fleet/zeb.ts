// The runbook's self-play worker as a workload: settings of fleet behaviour reference §3.1 to §3.3.

import type { Workload } from "./workload.ts";
import { zebLog } from "./zeb-log.ts";

/**
 * Plain POSIX shell with errexit. Each network step is tried three times, and says so when it gives up; "git installed"
 * is printed only where git runs. `git fetch` takes a branch, a tag or a full commit, which `git clone --branch` does not.
 * A box that its host restarts runs this again, so the code folder is made anew. At the end the shell is replaced by
 * the worker: its output is the log.
 */
const startScript = `#!/bin/bash
set -e
export DEBIAN_FRONTEND=noninteractive
fail() { echo "Setup failed: $1"; exit 1; }
try() { for pause in 5 15 0; do "$@" && return 0; sleep $pause; done; return 1; }
echo "=== Setup started at $(date) ==="
get_git() { apt-get update -qq && apt-get install -y -qq git >/dev/null; }
if ! git --version >/dev/null 2>&1; then
  try get_git || fail "install git"
  git --version >/dev/null || fail "run git"
fi
echo "git installed"
rm -rf /root/code
git init -q /root/code
cd /root/code
try git fetch -q --depth 1 https://github.com/jasonyandell/mk5-main.git {{gitRef}} || fail "fetch code"
git checkout -q FETCH_HEAD || fail "check out code"
echo "repo cloned"
echo "commit $(git rev-parse HEAD)"
try pip install -q huggingface_hub || fail "install huggingface_hub"
echo "deps installed"
huggingface-cli login --token "$HF_TOKEN" >/dev/null 2>&1 || true
python -c 'import torch
assert torch.cuda.is_available(), "No CUDA"
torch.ones(8, device="cuda").sum().item()
print("GPU OK:", torch.cuda.get_device_name(0), flush=True)'
echo "=== Starting worker" {{workerId}} "at $(date) ==="
exec python -u -m forge.zeb.worker.run {{arguments}}
`;

export const zeb: Workload = {
  name: "zeb",
  image: "pytorch/pytorch:2.6.0-cuda12.6-cudnn9-runtime",
  diskGb: 15,
  runtype: "ssh",
  startScript,
  workerArguments: [
    "--repo-id",
    "{{weightsRepo}}",
    "--examples-repo-id",
    "{{examplesRepo}}",
    "--worker-id",
    "{{workerId}}",
    "--device",
    "cuda",
    "--n-parallel-games",
    "128",
    "--n-simulations",
    "200",
    "--max-mcts-nodes",
    "512",
    "--games-per-batch",
    "256",
    "--weights-name",
    "{{weightsName}}",
    "--weight-sync-interval",
    "2",
    "--upload-interval",
    "{{uploadIntervalSeconds}}",
  ],
  env: { HF_TOKEN: "hubToken", WORKER_ID: "workerId", ZEB_UPLOAD_INTERVAL: "uploadIntervalSeconds" },
  hub: { readsWeights: true, writesExamples: true },
  // Runbook §10 where it has a number (upper end for the 4070 Ti and 3070 Ti), else the scripts' table (fleet behaviour
  // reference §3.6), as design §4, rule 18 says.
  gamesPerSecondByGpu: {
    "RTX 3060": 1.8,
    "RTX 3060 Ti": 2.1,
    "RTX 3070": 2.4,
    "RTX 3070 Ti": 2.7,
    "RTX 3080": 3.0,
    "RTX 3080 Ti": 2.8,
    "RTX 3090": 2.6,
    "RTX 4060": 1.8,
    "RTX 4060 Ti": 2.1,
    "RTX 4070": 3.3,
    "RTX 4070 Ti": 4.2,
  },
  gamesPerSecondDefault: 1.8,
  log: zebLog,
};
