import { expect, it } from "vitest";
import { holdSeeds, LIMIT_MS, SEEDS } from "./hold-seeds.ts";

it(
  `of ${SEEDS} seeds no invariant breaks at any step, and all are whole within two hours of their last fault and ask for nothing`,
  async () => {
    const { held, failure } = await holdSeeds("light");
    expect(failure).toBeNull();
    expect(held).toBeGreaterThanOrEqual(SEEDS);
  },
  LIMIT_MS,
);
