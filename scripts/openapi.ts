// Writes the OpenAPI document of the doors to a file, without a server: what `npm run openapi` lints.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createApp } from "../src/routes/app.ts";
import { openApiDocument } from "../src/routes/openapi.ts";

const file = process.argv[2] ?? ".build/openapi.json";
const app = createApp({ readLog: () => Promise.reject(new Error("nothing is read while the doors are described")) });
await mkdir(dirname(file), { recursive: true });
await writeFile(file, `${JSON.stringify(await openApiDocument(app), null, 2)}\n`);
console.log(file);
