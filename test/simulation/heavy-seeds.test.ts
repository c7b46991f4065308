import { expect, it } from "vitest";
import { holdSeeds, LIMIT_MS } from "./hold-seeds.ts";

it(
  "of the heavy worlds among them no invariant breaks either, and all are whole in the end",
  async () => {
    const { held, failure } = await holdSeeds("heavy");
    expect(failure).toBeNull();
    expect(held).toBeGreaterThanOrEqual(15);
  },
  LIMIT_MS,
);
