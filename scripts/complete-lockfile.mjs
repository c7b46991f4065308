// Run after every change of the lockfile (`npm run lockfile`). A tool with one binary per platform names them all as
// optional dependencies; where a registry has not published all of them yet, npm writes a lockfile without those, and
// `npm ci` then refuses it ("Missing: … from lock file"). This adds what is missing, bound to its own platform, so that
// no other platform ever asks for it.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const PLATFORMS = { darwin: "darwin", windows: "win32", linux: "linux" };
const CPUS = { 64: "x64", arm64: "arm64" };

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const added = [];
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  const names = Object.keys(optionalDependencies);
  const isThere = (name) => lock.packages[resolve(path, name)]?.version === optionalDependencies[name];
  const home = names.filter(isThere).map((name) => resolve(path, name))[0];
  for (const name of names.filter((one) => !isThere(one))) {
    const [, platform, cpu] = /-(darwin|windows|linux)-(arm64|64)$/.exec(name) ?? [];
    if (home === undefined || platform === undefined || cpu === undefined) continue;
    const place = home.slice(0, home.lastIndexOf("node_modules/")) + `node_modules/${name}`;
    lock.packages[place] = {
      version: optionalDependencies[name],
      cpu: [CPUS[cpu]],
      ...(dev ? { dev } : {}),
      optional: true,
      os: [PLATFORMS[platform]],
    };
    added.push(place);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? "The lockfile is complete." : `Added ${added.join(", ")}`);

/** Where a package at `path` finds a dependency, as Node looks: from its own folder upwards. */
function resolve(path, name) {
  for (let folder = path; ; folder = dirname(folder)) {
    const place = folder === "." || folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (place in lock.packages) return place;
    if (folder === "." || folder === "") return null;
  }
}
