// The dashboard in a real browser (test/browser): one system for all files. A test waits for its fleets much of its time, so
// three files run beside each other on two cores; what takes the time of a page runs after them, alone.
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const SPEED = "test/browser/speed.browser.ts";
const LONGEST = "test/browser/axe.browser.ts";
const LIMITS = { testTimeout: 240_000, hookTimeout: 420_000 };

/** What takes longest begins first, so that nothing else waits for it at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith(LONGEST);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

export default defineConfig({
  test: {
    globalSetup: ["test/browser/system.ts"],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.browser.ts"],
          exclude: [SPEED],
          environment: "node",
          maxWorkers: 3,
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
