// What `env` and `exports` of `cloudflare:workers` hold in a worker test: the deployment's bindings and entrypoints, and
// what vitest.config.mts adds.

declare namespace Cloudflare {
  type Deployment = import("../../src/env.ts").Env;

  interface Env extends Deployment {
    readonly TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
    /** The simulated market, which also stands behind every outgoing fetch. */
    readonly SIM: Fetcher;
  }

  interface GlobalProps {
    mainModule: typeof import("../../src/index.ts");
  }
}
