import { expect, it } from "vitest";
import { aMarket, goodHosts, MINUTE, SECOND } from "./a-market.ts";

const program = {
  image: "acme/render:1",
  startSeconds: 120,
  startLines: ["=== Set-up begins", "steps {--steps} into {env.BUCKET}"],
  unitSeconds: 60,
  unitLine: "image {n} done in {seconds} s by {label}",
};

const order = { image: program.image, env: { BUCKET: "s3://x" }, onstart: "exec render --steps 30" };

it("runs what an image was told to do: its start, then a unit at the machine's own speed", async () => {
  const test = aMarket({ hosts: goodHosts(1, { gamesPerSecond: 4.8 }) });
  expect((await test.call("POST", "/sim/images", program)).status).toBe(200);
  const id = await test.rent("render-worker-vast-0", order);
  await test.pass(10 * MINUTE);
  const lines = (await test.log(id)).trimEnd().split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "=== Set-up begins",
    "steps 30 into s3://x",
    "image 1 done in 30.00 s by render-worker-vast-0",
  ]);
  const { batches, producing } = await test.boxTruth(id);
  expect(producing).toBe(true);
  await test.pass(5 * MINUTE);
  expect(Number((await test.boxTruth(id))["batches"]) - Number(batches)).toBeGreaterThanOrEqual(9);
});

it("runs nothing where no start script asks for it", async () => {
  const test = aMarket({ images: [program] });
  const id = await test.rent("render-worker-vast-0", { ...order, onstart: "" });
  await test.pass(10 * MINUTE);
  expect(await test.log(id)).not.toContain("image");
});

it("dies of the faults that a worker dies of", async () => {
  const test = aMarket({ images: [program] });
  const id = await test.rent("render-worker-vast-0", order);
  await test.pass(5 * MINUTE);
  await test.fault("host-crash", { match: { instance: String(id) } });
  await test.pass(SECOND);
  const batches = (await test.boxTruth(id))["batches"];
  await test.pass(5 * MINUTE);
  expect((await test.boxTruth(id))["batches"]).toBe(batches);
  expect(await test.log(id)).toContain("CUDA error");
});

it("refuses a program that is none, and says what one has", async () => {
  const answer = await aMarket().call("POST", "/sim/images", { image: "acme/render:1" });
  expect(answer.status).toBe(400);
  expect(answer.text).toContain("unitLine");
});
