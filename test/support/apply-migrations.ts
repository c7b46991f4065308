// Set-up of every worker test file: the runtime is shared, and each file finds it as new, with empty tables.

import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { endWorld } from "./world.ts";

await endWorld();
vi.useRealTimers();
vi.restoreAllMocks();
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
