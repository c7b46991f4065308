// What `env` of `cloudflare:workers` holds in a worker test: the deployment's bindings and what vitest.config.mts adds.

declare namespace Cloudflare {
  type Deployment = import("../../src/env.ts").Env;

  interface Env extends Deployment {
    readonly TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
    /** The simulated market, which also stands behind every outgoing fetch. */
    readonly SIM: Fetcher;
  }
}
