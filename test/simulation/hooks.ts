// Loaded before the simulation in plain Node: the runtime's own module is the simulated one, and JSON is imported by its
// fields, as a bundler allows.

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "cloudflare:workers"
      ? { url: new URL("./platform/cloudflare-workers.ts", import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url.endsWith(".json") && context.importAttributes["type"] === undefined
      ? { format: "module", source: fieldsOf(url), shortCircuit: true }
      : next(url, context),
});

/** Exported under their own names in quotes, so that a field may be called like a reserved word. */
function fieldsOf(url: string): string {
  const fields = Object.entries(JSON.parse(readFileSync(fileURLToPath(url), "utf8")) as Record<string, unknown>);
  const constants = fields.map(([, value], index) => `const field${index} = ${JSON.stringify(value)};`);
  const names = fields.map(([name], index) => `field${index} as ${JSON.stringify(name)}`);
  return `${constants.join("\n")}\nexport { ${names.join(", ")} };`;
}
