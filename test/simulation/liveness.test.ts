import { expect, it } from "vitest";
import { firstFailure, LIMIT_MS, SEEDS } from "./hold-seeds.ts";

it(
  `${SEEDS} worlds are whole again within two hours of their last fault, and then ask for nothing`,
  async () => expect(await firstFailure("liveness")).toBeNull(),
  LIMIT_MS,
);
