// `npm run build`: the static assets that the Worker is deployed with, in `.build/public`. A step per part, each by itself.

import { mkdir } from "node:fs/promises";
import { buildDashboard } from "./build-dashboard.ts";
import { buildOpenApi } from "./build-openapi.ts";
import { buildReference } from "./build-reference.ts";

const ASSETS = ".build/public";

const steps = [buildDashboard, buildReference, buildOpenApi];

await mkdir(ASSETS, { recursive: true });
for (const step of steps) await step(ASSETS);
