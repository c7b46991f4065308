// The workload of the documentation as a user would bring it, and what the market runs in its image.

import example from "../../docs/examples/sd-batch.json" with { type: "json" };
import { type Workload, workloadSchema } from "../../src/fleet/workload.ts";
import { door } from "./doors.ts";

export const sdBatch: Workload = workloadSchema.parse(example);

/** Its program as the image would print it; the market divides the seconds by its speed. */
export const sdBatchProgram = {
  image: sdBatch.image,
  startSeconds: 120,
  startLines: [
    "=== Set-up begins at Thu May  1 12:00:00 UTC 2031 ===",
    "prompts fetched",
    "GPU ready",
    "model loaded: sd-1.5, {--steps} steps into {env.RENDER_BUCKET}",
  ],
  unitSeconds: 60,
  unitLine: "image {n} done in {seconds} s",
};

/** What a fleet of it needs besides a target. */
export const sdBatchFleet = {
  workload: sdBatch.name,
  workloadArguments: { promptsUrl: "https://example.org/prompts.txt", steps: "25" },
};

export async function putWorkload(workload: Workload): Promise<void> {
  const { status, text } = await door("PUT", `/api/workloads/${workload.name}`, workload);
  if (status >= 300) throw new Error(`the workload ${workload.name} was refused: ${status} ${text}`);
}
