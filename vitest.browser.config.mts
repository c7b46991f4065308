// The dashboard in a real browser (test/browser): one system for all files. A test waits for its fleets most of its time, so
// two files run beside each other; what takes the time of a page runs after them, alone.
import { defineConfig } from "vitest/config";

const SPEED = "test/browser/speed.browser.ts";
const LIMITS = { testTimeout: 240_000, hookTimeout: 420_000 };

export default defineConfig({
  test: {
    globalSetup: ["test/browser/system.ts"],
    projects: [
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.browser.ts"],
          exclude: [SPEED],
          environment: "node",
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
          ...LIMITS,
        },
      },
      {
        test: {
          name: "browser-speed",
          include: [SPEED],
          environment: "node",
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          ...LIMITS,
        },
      },
    ],
  },
});
