import { describe, expect, it } from "vitest";
import { aMarket, goodHosts, HOUR, MINUTE, SECOND, type TestMarket } from "./a-market.ts";
import { readWorkerArguments } from "../../sim/worker-arguments.ts";

async function dudOf(kind: string): Promise<{ test: TestMarket; id: number }> {
  const test = aMarket();
  await test.fault("next-rent-dud", { kind });
  return { test, id: await test.rent("zeb-worker-vast-0") };
}

describe("a healthy worker", () => {
  it("prints the milestones in their order, then batches", async () => {
    const test = aMarket({ commit: "c0ffee" });
    const id = await test.rent("zeb-worker-vast-0");
    expect(await test.log(id)).toBe(`Error response from daemon: No such container: C.${id}\n`);
    await test.pass(11 * MINUTE);
    const lines = (await test.log(id)).trimEnd().split("\n");
    const shapes = [
      /^=== Setup started at Mon Nov 23 12:\d\d:\d\d UTC 2026 ===$/,
      /^git installed$/,
      /^repo cloned$/,
      /^commit c0ffee$/,
      /^deps installed$/,
      /^GPU OK: NVIDIA GeForce RTX 3070$/,
      /^=== Starting worker zeb-worker-vast-0 at Mon Nov 23 /,
      /^Pulling initial weights from jasonyandell\/zeb-42\/large\.pt\.\.\.$/,
      /^ {2}Model loaded \(step 142\), 3,312,642 params, tokenizer=v1$/,
      /^ {2}Examples repo: jasonyandell\/zeb-42-examples$/,
      /^Creating self-play pipeline\.\.\.$/,
      /^Pipeline created in 8\.3s$/,
      /^$/,
      /^Worker zeb-worker-vast-0 starting \(output: jasonyandell\/zeb-42-examples\) \(namespace: large\)$/,
      /^ {2}games_per_batch=256, weight_sync_interval=2$/,
      /^ {2}upload_interval=240s \(folder upload\)$/,
      /^\[zeb-worker-vast-0\] batch 1: 7168 examples, 2\.\d games\/s, step=142, total_games=256$/,
      /^\[zeb-worker-vast-0\] batch 2: 7168 examples, 2\.\d games\/s, step=142, total_games=512$/,
      /^\[zeb-worker-vast-0\] No new weights \(still step 142\)$/,
    ];
    for (const [index, shape] of shapes.entries()) expect(lines[index]).toMatch(shape);
  });

  it("prints the eval-aux worker's own lines where the script runs that one", async () => {
    const test = aMarket({ hosts: goodHosts(1, { gamesPerSecond: 2.5 }) });
    const onstart = `exec python -u -m forge.zeb.worker.run_eval_aux --worker-id "$WORKER_ID" --weights-name large --checkpoint a/b.ckpt --n-samples 50 --games-per-batch 64`;
    const id = await test.rent("x-worker-vast-0", { onstart });
    await test.pass(15 * MINUTE);
    const log = await test.log(id);
    expect(log).toMatch(/^=== Starting worker x-worker-vast-0 \(eval_aux\) at /m);
    expect(log).toContain("Loading oracle checkpoint: a/b.ckpt\nPulling initial Zeb weights from ");
    expect(log).toMatch(/^ {2}Zeb loaded \(step 142\), /m);
    expect(log).toMatch(/^Eval-aux worker x-worker-vast-0 starting \(output: /m);
    expect(log).toContain("  games_per_batch=64, n_samples=50, weight_sync_interval=2\n");
    expect(log).toMatch(
      /^\[x-worker-vast-0\] batch 1: 1792 examples, 0\.\d\d games\/s, eq_win=[\d.]+%, step=142, total_games=64$/m,
    );
    expect(log).not.toContain("self-play");
  });

  it("plays 256 games a batch at the machine's own rate", async () => {
    const test = aMarket({ hosts: goodHosts(1, { gamesPerSecond: 3.2 }) });
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(10 * MINUTE);
    const before = Number((await test.boxTruth(id))["batches"]);
    await test.pass(4 * HOUR);
    const played = Number((await test.boxTruth(id))["batches"]) - before;
    expect(played).toBeGreaterThan((4 * 3600 * 3.2) / 256 - 15);
    expect(played).toBeLessThan((4 * 3600 * 3.2) / 256 + 3);
  });

  it("uploads at its interval, and takes new weights when the learner has pushed", async () => {
    const test = aMarket();
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(HOUR);
    const log = await test.log(id);
    expect(log).toContain(
      "[zeb-worker-vast-0] Uploading 3 batches to HF...\n[zeb-worker-vast-0] Upload complete (3 batches)",
    );
    expect(log).toContain("[zeb-worker-vast-0] Weights updated: step 142 -> 152");
  });

  it("divides durations by the speed and leaves the published time alone", async () => {
    const test = aMarket({ speed: 20, demo: true, hosts: { count: 30 } });
    const ids: number[] = [];
    for (let slot = 0; slot < 4; slot += 1) ids.push(await test.rent(`zeb-worker-vast-${slot}`));
    await test.pass(25 * SECOND);
    for (const id of ids) expect((await test.boxTruth(id))["producing"]).toBe(true);
  });
});

describe("dud hosts", () => {
  it("loading: pulls for hours", async () => {
    const { test, id } = await dudOf("loading");
    await test.pass(3 * HOUR);
    expect((await test.row(id))["actual_status"]).toBe("loading");
    expect((await test.boxTruth(id))["runningAtMs"]).toBeNull();
  });

  it("no-container: the container is never made", async () => {
    const { test, id } = await dudOf("no-container");
    await test.pass(HOUR);
    expect((await test.row(id))["actual_status"]).toBe("created");
    expect(await test.log(id)).toBe(`Error response from daemon: No such container: C.${id}\n`);
  });

  it("launcher: running, while the log repeats one line a second for ever", async () => {
    const { test, id } = await dudOf("launcher");
    await test.pass(10 * MINUTE);
    expect((await test.row(id))["actual_status"]).toBe("running");
    const lines = (await test.log(id, { tail: "50" })).trimEnd().split("\n");
    expect(lines).toHaveLength(50);
    expect(new Set(lines)).toEqual(new Set(["/.launch: line 48: ssh: command not found"]));
  });

  it("no-cuda: the smoke test fails and the script ends", async () => {
    const { test, id } = await dudOf("no-cuda");
    await test.pass(20 * MINUTE);
    expect(await test.log(id)).toMatch(/AssertionError: No CUDA\n$/);
  });

  it("cdi: created, stopped, OCI error within seconds, no GPU billed", async () => {
    const { test, id } = await dudOf("cdi");
    await test.pass(10 * SECOND);
    expect(await test.row(id)).toMatchObject({
      actual_status: "created",
      cur_state: "stopped",
      intended_status: "running",
    });
    expect((await test.row(id))["status_msg"]).toMatch(/OCI runtime create failed: .*unresolvable CDI devices/);
  });

  it("takes one rent only: the next box is as its machine is", async () => {
    const { test } = await dudOf("launcher");
    const next = await test.rent("zeb-worker-vast-1");
    expect((await test.boxTruth(next))["trait"]).toBe("good");
  });
});

describe("broken workloads", () => {
  it("stays loading with the daemon's words for a missing image, and is stopped after seven minutes", async () => {
    const test = aMarket();
    const id = await test.rent("x", { image: "acme/broken:1" });
    await test.pass(20 * SECOND);
    expect(await test.row(id)).toMatchObject({ actual_status: "loading", intended_status: "running" });
    expect((await test.row(id))["status_msg"]).toMatch(
      /^Error response from daemon: manifest for acme\/broken:1 not found/,
    );
    await test.pass(8 * MINUTE);
    expect(await test.row(id)).toMatchObject({ actual_status: "loading", intended_status: "stopped" });
  });

  it.each([
    [
      "a missing weights name",
      { onstart: "run --weights-name nobody" },
      /EntryNotFoundError: 404 Client Error: Not Found for url: .*nobody-config\.json/,
    ],
    ["a bad token", { env: { HF_TOKEN: "oops", WORKER_ID: "w" } }, /HfHubHTTPError: 401 Client Error: Unauthorized/],
    [
      "no token",
      { env: { WORKER_ID: "w" } },
      /HfHubHTTPError: 401 Client Error: Unauthorized for url: .*repos\/create/,
    ],
  ])("dies with a traceback for %s", async (_what, more, words) => {
    const test = aMarket();
    const id = await test.rent("zeb-worker-vast-0", more);
    await test.pass(15 * MINUTE);
    expect(await test.log(id)).toMatch(words);
    expect((await test.row(id))["actual_status"]).toBe("running");
  });

  it("takes the token from the account's variables", async () => {
    const test = aMarket();
    await test.call("POST", "/api/v0/secrets/", { key: "HF_TOKEN", value: "hf_account" });
    const id = await test.rent("zeb-worker-vast-0", { env: { WORKER_ID: "w" } });
    await test.pass(15 * MINUTE);
    expect((await test.boxTruth(id))["producing"]).toBe(true);
  });

  it("runs out of memory with the large model on a small card", async () => {
    const test = aMarket({ hosts: goodHosts(1, { gpuRamMb: 4096 }) });
    const id = await test.rent("zeb-worker-vast-0");
    await test.pass(15 * MINUTE);
    expect(await test.log(id)).toContain("torch.OutOfMemoryError: CUDA out of memory.");
  });
});

describe("the worker's arguments", () => {
  it("come from flags, environment, shell variables and at last the label", () => {
    const script =
      'NAME=large-belief\nexec run --worker-id "$WORKER_ID" --weights-name ${NAME} \\\n  --upload-interval ${ZEB_UPLOAD_INTERVAL:-300}';
    expect(
      readWorkerArguments({ label: "zeb-worker-vast-3", env: { WORKER_ID: "w-3" }, onstart: script }),
    ).toMatchObject({
      workerId: "w-3",
      weightsName: "large-belief",
      uploadIntervalSeconds: 300,
    });
    expect(readWorkerArguments({ label: "zeb-large-worker-vast-3", env: {}, onstart: null })).toMatchObject({
      workerId: "worker-vast-3",
      weightsName: "large",
      uploadIntervalSeconds: 240,
    });
    expect(readWorkerArguments({ label: "mine", env: {}, onstart: "sleep 1" })).toBeNull();
  });
});
