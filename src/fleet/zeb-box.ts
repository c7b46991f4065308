// What the workers of the runbook's code have in common: the box, its start script up to a GPU that works, where weights
// and examples are, and how fast which GPU is (fleet behaviour reference §3.1 to §3.3, §3.6).

import type { Workload } from "./workload.ts";
import { zebLog } from "./zeb-log.ts";

/**
 * Plain POSIX shell with errexit. Each network step is tried three times, and says so when it gives up; "git installed"
 * is printed only where git runs. `git fetch` takes a branch, a tag or a full commit, which `git clone --branch` does not.
 * A box that its host restarts runs this again, so the code folder is made anew. What follows ends with the worker in
 * the shell's place: its output is the log.
 */
export const zebSetup = `#!/bin/bash
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
`;

/** Where the worker reads weights and leaves examples, and who it is. */
export const zebHubArguments = [
  "--repo-id",
  "{{weightsRepo}}",
  "--examples-repo-id",
  "{{examplesRepo}}",
  "--worker-id",
  "{{workerId}}",
  "--device",
  "cuda",
] as const;

export const zebSyncArguments = [
  "--weights-name",
  "{{weightsName}}",
  "--weight-sync-interval",
  "2",
  "--upload-interval",
  "{{uploadIntervalSeconds}}",
] as const;

export const zebEnv = {
  HF_TOKEN: "hubToken",
  WORKER_ID: "workerId",
  ZEB_UPLOAD_INTERVAL: "uploadIntervalSeconds",
} as const;

export const zebBox = {
  image: "pytorch/pytorch:2.6.0-cuda12.6-cudnn9-runtime",
  diskGb: 15,
  runtype: "ssh",
  hub: { readsWeights: true, writesExamples: true },
  log: zebLog,
} as const satisfies Partial<Workload>;

/**
 * Self-play of the large model. Runbook §10 where it has a number (upper end for the 4070 Ti and 3070 Ti), else the
 * scripts' table (fleet behaviour reference §3.6), as design §4, rule 18 says.
 */
export const zebGamesPerSecond = {
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
} as const;
export const zebGamesPerSecondDefault = 1.8;
