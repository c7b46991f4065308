// What `npm run test:mutants` runs for every mutant: the pure tests of the rules about boxes and money, without those that
// draw thousands of situations or lines, which take seconds each.
import { defineConfig } from "vitest/config";

const RULES =
  "absence,ailing,billing,blame,breaker,budget,charges,check-line,clock,credit-wait,debts,decide*,delivery,health,intents,label," +
  "limits,memory,offer,orders,replenish,roll-out,signature,slots,spend,status,stray,sweep,undelivered,worker";

export default defineConfig({
  test: {
    include: [`test/fleet/{${RULES}}.test.ts`],
    exclude: ["test/fleet/*.properties.test.ts"],
    environment: "node",
    fsModuleCache: false,
    testTimeout: 60_000,
    // Pure functions share nothing: modules are loaded once for all files, which is most of the time of a mutant.
    isolate: false,
  },
});
