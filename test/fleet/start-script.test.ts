import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatWorkerId } from "../../src/fleet/label.ts";
import { readLog } from "../../src/fleet/log-lines.ts";
import { type EnvValues, fingerprintOf, renderEnv, renderStartScript } from "../../src/fleet/start-script.ts";
import { shellQuote } from "../../src/fleet/template.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import { zebEvalAux } from "../../src/fleet/zeb-evalaux.ts";

const VALUES: EnvValues = {
  gitRef: "forge",
  weightsRepo: "jasonyandell/zeb-42",
  weightsName: "large",
  examplesRepo: "jasonyandell/zeb-42-examples",
  workerId: formatWorkerId("zeb-large", 3),
  uploadIntervalSeconds: 288,
  workloadArguments: {},
  hubToken: "hf_aSecretToken",
  keeperId: "keeper-1",
  intentId: "5f0c3b2a-0000-4000-8000-000000000001",
};

function render(values: Partial<EnvValues> = {}, workload = zeb): string {
  const script = renderStartScript(workload, { ...VALUES, ...values });
  if (!script.ok) throw new Error(`${script.error.field}: ${script.error.detail}`);
  return script.value;
}

describe("the start script", () => {
  it("passes the worker every argument of the runbook's launch, and the upload interval", () => {
    expect(render()).toContain(
      "exec python -u -m forge.zeb.worker.run --repo-id jasonyandell/zeb-42 --examples-repo-id jasonyandell/zeb-42-examples" +
        " --worker-id zeb-large-worker-vast-3 --device cuda --n-parallel-games 128 --n-simulations 200 --max-mcts-nodes 512" +
        " --games-per-batch 256 --weights-name large --weight-sync-interval 2 --upload-interval 288\n",
    );
  });

  it("holds no secret", () => {
    expect(render()).not.toContain(VALUES.hubToken);
    expect(render()).not.toContain("hf_");
  });

  it("leaves nothing to fill in", () => {
    expect(render()).not.toMatch(/\{\{|\}\}/);
  });

  it("is within the market's 4,096 characters for the longest names that a spec allows", () => {
    const script = render({
      gitRef: "g".repeat(100),
      weightsRepo: "r".repeat(128),
      weightsName: "w".repeat(96),
      examplesRepo: "e".repeat(128),
      workerId: "i".repeat(60),
    });
    expect(script.length).toBeLessThanOrEqual(4096);
  });

  it("is refused when it is too long, and accepted at the limit", () => {
    const at = (length: number) => renderStartScript({ ...zeb, startScript: "x".repeat(length) }, VALUES);
    expect(at(4096).ok).toBe(true);
    expect(at(4097)).toEqual({
      ok: false,
      error: { field: "startScript", detail: "4097 characters when filled in; the market takes 4096" },
    });
  });

  it("is refused for a control character in a value, by name", () => {
    expect(renderStartScript(zeb, { ...VALUES, weightsName: "a\nb" })).toEqual({
      ok: false,
      error: { field: "weightsName", detail: "has a control character" },
    });
  });

  it("is refused where the template names what there is not", () => {
    expect(renderStartScript({ ...zeb, startScript: "echo {{hubToken}}" }, VALUES)).toMatchObject({
      ok: false,
      error: { field: "startScript" },
    });
    expect(renderStartScript({ ...zeb, workerArguments: ["{{x}}"] }, VALUES)).toMatchObject({
      ok: false,
      error: { field: "workerArguments" },
    });
  });

  it("does not fill in what a value looks like", () => {
    expect(render({ weightsName: "{{workerId}}" })).toContain("--weights-name '{{workerId}}'");
  });
});

describe("the start script in a box", () => {
  let box: string;
  const tool = (name: string, body: string) => writeFileSync(join(box, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const GIT =
    'echo "git $*" >> "$BOX/calls"\ncase "$1" in rev-parse) echo 6081420aa1b2c3d4e5f60718293a4b5c6d7e8f90;; esac';

  /** A box with nothing in its PATH but stand-ins, and a clean shell from the system. */
  beforeEach(() => {
    box = mkdtempSync(join(tmpdir(), "start-script-"));
    for (const name of ["rm", "mkdir", "cp", "chmod"]) symlinkSync(join("/bin", name), join(box, name));
    tool("date", "echo Thu Feb  6 12:00:00 UTC 2026");
    tool("sleep", 'echo "sleep $1" >> "$BOX/calls"');
    tool("git.packaged", `case "$1" in init) mkdir "$3" || exit 1;; esac\n${GIT}`);
    tool("apt-get", 'case "$1" in install) cp "$BOX/git.packaged" "$BOX/git";; esac');
    tool("pip", "exit 0");
    tool("huggingface-cli", 'echo "login says $3"; exit 1');
    tool(
      "python",
      'case "$1" in -c) echo "GPU OK: NVIDIA GeForce RTX 3070";; *) for each in "$@"; do echo "arg=$each"; done; echo "[w] batch 1: 7168 examples, 2.4 games/s, step=1, total_games=256";; esac',
    );
  });
  afterEach(() => rmSync(box, { recursive: true }));

  function run(values: Partial<EnvValues> = {}, workload = zeb) {
    const script = render(values, workload).replaceAll("/root/code", join(box, "code"));
    const env = { PATH: box, BOX: box, HF_TOKEN: VALUES.hubToken };
    const { stdout, stderr, status } = spawnSync("/bin/bash", ["-c", script], { env, encoding: "utf8", cwd: box });
    return { log: stdout + stderr, status, facts: readLog(stdout + stderr, workload.log) };
  }

  it("prints each milestone once its step is done, and becomes the worker", () => {
    const { log, status, facts } = run();
    expect(log.split("\n").slice(0, 7)).toEqual([
      "=== Setup started at Thu Feb 6 12:00:00 UTC 2026 ===",
      "git installed",
      "repo cloned",
      "commit 6081420aa1b2c3d4e5f60718293a4b5c6d7e8f90",
      "deps installed",
      "GPU OK: NVIDIA GeForce RTX 3070",
      "=== Starting worker zeb-large-worker-vast-3 at Thu Feb 6 12:00:00 UTC 2026 ===",
    ]);
    expect(status).toBe(0);
    expect(facts).toMatchObject({
      phase: "producing",
      commit: "6081420aa1b2c3d4e5f60718293a4b5c6d7e8f90",
      error: null,
    });
  });

  const EVAL_AUX_ARGUMENTS =
    "--repo-id jasonyandell/zeb-42 --examples-repo-id jasonyandell/zeb-42-examples --worker-id zeb-large-worker-vast-3 --device cuda" +
    " --checkpoint forge/models/domino-qval-large-3.3M-qgap0.071-qmae0.94.ckpt --n-samples 50 --games-per-batch 128" +
    " --eval-batch-size 0 --zeb-temperature 0.1 --weights-name large --weight-sync-interval 2 --upload-interval 288";
  const python = (hasModule: boolean): string =>
    `case "$1 $2" in *find_spec*) exit ${hasModule ? 0 : 1};; "-c "*) echo "GPU OK: x";; *) echo "ran: $*";; esac`;

  it.each([
    ["as a module where the code has it", true, "-u -m forge.zeb.worker.run_eval_aux"],
    ["by its path where it has not", false, "-u forge/zeb/worker/run_eval_aux.py"],
  ])("starts the eval-aux worker %s, with the scripts' settings", (_words, hasModule, how) => {
    tool("python", python(hasModule));
    const { log, status } = run({ workloadArguments: { eqSamples: "50" } }, zebEvalAux);
    expect(status).toBe(0);
    expect(log).toContain("=== Starting worker zeb-large-worker-vast-3 (eval_aux) at Thu");
    expect(log).toContain(`ran: ${how} ${EVAL_AUX_ARGUMENTS} --no-eq-policy-targets\n`);
  });

  it("leaves the eval-aux worker its policy targets where they are on", () => {
    tool("python", python(true));
    const { log } = run({ workloadArguments: { eqPolicyTargets: "on" } }, zebEvalAux);
    expect(log).toContain("--upload-interval 288\n");
  });

  it("takes the code of the wanted branch, without its history", () => {
    run({ gitRef: "my/branch" });
    expect(readFileSync(join(box, "calls"), "utf8")).toContain(
      "git fetch -q --depth 1 https://github.com/jasonyandell/mk5-main.git my/branch\n",
    );
  });

  it("says nothing of the login, and goes on when it fails", () => {
    expect(run().log).not.toContain("login says");
    expect(run().log).not.toContain(VALUES.hubToken);
  });

  it("can be run again in the same box", () => {
    run();
    expect(run()).toMatchObject({ status: 0, facts: { phase: "producing" } });
  });

  it("does not print 'git installed' where git cannot be had, tries three times, and accuses the host", () => {
    tool("apt-get", 'echo "E: Unable to locate package git" >&2; exit 100');
    const { log, status, facts } = run();
    expect(status).toBe(1);
    expect(log).not.toContain("git installed");
    expect(log.match(/Unable to locate/g)).toHaveLength(3);
    expect(facts).toMatchObject({
      phase: "setup",
      milestone: "setup started",
      error: { faultClass: "host", line: "E: Unable to locate package git" },
    });
  });

  it("does not print 'git installed' where apt says yes and git does not run", () => {
    tool("apt-get", "exit 0");
    const { log, facts } = run();
    expect(log).not.toContain("git installed");
    expect(facts.error).toMatchObject({ faultClass: "host" });
  });

  it("accuses the workload where the branch does not exist", () => {
    tool(
      "git",
      `case "$1" in init) mkdir -p "$3";; fetch) echo "fatal: couldn't find remote ref nope" >&2; exit 128;; esac`,
    );
    const { log, facts } = run({ gitRef: "nope" });
    expect(log).not.toContain("repo cloned");
    expect(facts.error).toMatchObject({ faultClass: "workload", isFinal: true });
  });

  it("accuses the host where pip gives up without a word", () => {
    tool("pip", "exit 1");
    expect(run().facts).toMatchObject({
      milestone: "repo cloned",
      error: { faultClass: "host", line: "Setup failed: install huggingface_hub" },
    });
  });

  it("stops at a GPU without CUDA, for good, before the worker starts", () => {
    tool(
      "python",
      'echo "Traceback (most recent call last):\n  File \\"<string>\\", line 2, in <module>\nAssertionError: No CUDA" >&2; exit 1',
    );
    const { log, facts } = run();
    expect(log).not.toContain("Starting worker");
    expect(facts).toMatchObject({
      phase: "setup",
      error: { faultClass: "host", isFinal: true, line: "AssertionError: No CUDA" },
    });
  });

  it.each(["x'; touch pwned; '", '$(touch pwned) `touch pwned` "', "a b\\", "-rf *", "é ü", "!! && ||"])(
    "hands the worker the name %j as one argument and runs nothing of it",
    (name) => {
      const { log } = run({ weightsName: name, workerId: name });
      expect(log).toContain(`arg=--weights-name\narg=${name}\narg=--weight-sync-interval\n`);
      expect(existsSync(join(box, "pwned"))).toBe(false);
      expect(existsSync(join(box, "code", "pwned"))).toBe(false);
    },
  );
});

describe("quoting for the shell", () => {
  it.each([
    ["plain-word_1.0/a:b=c@d%e+f,g", "plain-word_1.0/a:b=c@d%e+f,g"],
    ["", "''"],
    ["a b", "'a b'"],
    ["it's", String.raw`'it'\''s'`],
    ["$HOME", "'$HOME'"],
    ["~", "'~'"],
  ])("turns %j into %s", (text, quoted) => {
    expect(shellQuote(text)).toBe(quoted);
  });
});

describe("the environment of a box", () => {
  it("names the token, the worker, the upload interval, and whose box it is", () => {
    expect(renderEnv(zeb, VALUES)).toEqual({
      ok: true,
      value: {
        HF_TOKEN: "hf_aSecretToken",
        WORKER_ID: "zeb-large-worker-vast-3",
        ZEB_UPLOAD_INTERVAL: "288",
        FLEETKEEPER_ID: "keeper-1",
        FLEETKEEPER_INTENT: "5f0c3b2a-0000-4000-8000-000000000001",
      },
    });
  });

  it.each([
    ["HF_TOKEN", { hubToken: "" }, "is empty"],
    ["HF_TOKEN", { hubToken: `hf_${"x".repeat(254)}` }, "has 257 characters; the market takes 256"],
    ["HF_TOKEN", { hubToken: "hf_abc\n" }, "has a control character"],
    ["WORKER_ID", { workerId: "w".repeat(257) }, "has 257 characters; the market takes 256"],
    ["FLEETKEEPER_INTENT", { intentId: "" }, "is empty"],
  ])("is refused by the name of %s when a value does not go", (field, change, detail) => {
    expect(renderEnv(zeb, { ...VALUES, ...change })).toEqual({ ok: false, error: { field, detail } });
  });

  it("takes a value of 256 characters", () => {
    expect(renderEnv(zeb, { ...VALUES, workerId: "w".repeat(256) }).ok).toBe(true);
  });

  it("is refused when all of it is more than the market takes", () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`NAME_${index}`, { text: "x".repeat(200) }]),
    );
    expect(renderEnv({ ...zeb, env: many }, VALUES)).toMatchObject({ ok: false, error: { field: "env" } });
  });

  it("takes texts of the workload as they are", () => {
    const env = renderEnv({ ...zeb, env: { MODE: { text: "self play" } } }, VALUES);
    expect(env.ok && env.value["MODE"]).toBe("self play");
  });
});

describe("the fingerprint", () => {
  const spec = { gitRef: "forge", weightsRepo: "a/zeb-42", weightsName: "large", workloadArguments: {} };
  const base = fingerprintOf(spec, zeb);

  it("is the same for the same software, whatever the box", () => {
    expect(fingerprintOf({ ...spec }, { ...zeb, env: Object.fromEntries(Object.entries(zeb.env).toReversed()) })).toBe(
      base,
    );
    // What ran before there were parameters has its own name still, so that it need not prove itself anew.
    expect(fingerprintOf({ ...spec, weightsRepo: "a/b", weightsName: "x" }, zeb)).toMatch(/ 15870956774a66$/);
    expect(base).toMatch(/^pytorch\/pytorch:2\.6\.0-cuda12\.6-cudnn9-runtime forge a\/zeb-42\/large [0-9a-f]{14}$/);
  });

  it.each([
    ["the image", spec, { ...zeb, image: "x" }],
    ["the branch", { ...spec, gitRef: "main" }, zeb],
    ["the weights' name", { ...spec, weightsName: "small" }, zeb],
    ["the weights' repo", { ...spec, weightsRepo: "b/zeb-42" }, zeb],
    ["the start script", spec, { ...zeb, startScript: `${zeb.startScript}#` }],
    ["an argument", spec, { ...zeb, workerArguments: [...zeb.workerArguments, "--x"] }],
  ])("changes with %s", (_what, changedSpec, workload) => {
    expect(fingerprintOf(changedSpec, workload)).not.toBe(base);
  });

  it("does not change with weights that the workload does not read", () => {
    const weightless = { ...zeb, hub: { readsWeights: false, writesExamples: false } };
    expect(fingerprintOf(spec, weightless)).toBe(fingerprintOf({ ...spec, weightsName: "small" }, weightless));
  });
});
