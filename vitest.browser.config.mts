// The dashboard in a real browser (test/browser): one system for all files, one file after the other.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "browser",
    include: ["test/browser/**/*.browser.ts"],
    globalSetup: ["test/browser/system.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 420_000,
    // A page that a busy machine starves is no fault of the page; a fault shows twice.
    retry: 0,
  },
});
