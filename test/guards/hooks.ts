// Loaded before the simulation in plain Node: the modules that hold a guard come without it.

import { registerHooks } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { guards } from "./catalogue.ts";
import { changed, GUARD_VARIABLE, ROOT } from "./guard.ts";

const name = process.env[GUARD_VARIABLE] ?? "";
const guard = guards.find((one) => one.name === name);
if (name !== "" && guard === undefined) throw new Error(`there is no guard ${name}`);
const changes = guard?.changes ?? [];

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    const file = url.startsWith("file:") ? relative(ROOT, fileURLToPath(url)) : url;
    if (!changes.some((change) => change.file === file)) return loaded;
    return { ...loaded, source: changed(file, textOf(loaded.source), changes) };
  },
});

function textOf(source: string | ArrayBuffer | NodeJS.TypedArray | undefined): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}
