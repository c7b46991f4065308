// The OpenAPI document of the doors, written without a server. It is served only through its guarded door.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createApp } from "../src/routes/app.ts";
import { openApiDocument } from "../src/routes/openapi.ts";

export async function buildOpenApi(assetsDir: string): Promise<void> {
  const app = createApp({ readLog: () => Promise.reject(new Error("nothing is read while the doors are described")) });
  await writeFile(join(assetsDir, "openapi.json"), JSON.stringify(await openApiDocument(app)));
}
