// The dashboard as static files for the Worker's assets. `vite dashboard` serves it for development, with the doors of a
// keeper that runs beside it (FLEETKEEPER_URL, else the address of a plain `npm start`).

import { defineConfig } from "vite";

const keeper = process.env["FLEETKEEPER_URL"] ?? "http://127.0.0.1:8787";

export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    emptyOutDir: false,
    target: "es2023",
    modulePreload: { polyfill: false },
    // A small picture as a data: address would need more of the policy than it saves.
    assetsInlineLimit: 0,
  },
  server: { host: "127.0.0.1", proxy: { "/api": { target: keeper, ws: true } } },
});
