// Benchmarks of the whole world, in workerd: `npm run bench`. No part of `npm test`.
import { defineConfig } from "vitest/config";
import { workerd } from "./vitest.workerd.mts";

export default defineConfig(async () => ({
  plugins: [await workerd()],
  test: { include: ["bench/*.world.ts"], testTimeout: 600_000, fileParallelism: false, disableConsoleIntercept: true },
}));
