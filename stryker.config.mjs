// Mutation testing of the rules: `npm run test:mutants`, or of some files with `-- --mutate src/fleet/absence.ts`.
export default {
  testRunner: "vitest",
  vitest: { configFile: "vitest.mutants.config.mts", related: false },
  mutate: ["src/fleet/{absence,sweep,debts,intents,breaker,blame,limits,clock,health,removals,replenish,decide}.ts"],
  plugins: ["@stryker-mutator/vitest-runner"],
  checkers: [],
  coverageAnalysis: "perTest",
  concurrency: 1,
  reporters: ["clear-text", "json"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: ".build/mutants.json" },
  // Its rewriting of tsconfig files needs an interface that TypeScript 7 no longer has; the sandbox needs none.
  tsconfigFile: "no-tsconfig.json",
  tempDirName: ".build/stryker",
  ignorePatterns: ["bench", "cli", "docs", "drizzle", ".build", ".data", "scripts"],
  ignoreStatic: true,
  timeoutMS: 20_000,
};
