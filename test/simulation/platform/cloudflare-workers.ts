// What `import … from "cloudflare:workers"` gives in the simulation.

export class DurableObject<Env = unknown> {
  protected readonly ctx: unknown;
  protected readonly env: Env;

  constructor(ctx: unknown, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}

export class WorkerEntrypoint<Env = unknown> extends DurableObject<Env> {}

/** Entrypoints of the Worker by name; the world that runs fills them in. */
export const exports: Record<string, unknown> = {};
