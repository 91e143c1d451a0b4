import { resolve } from "node:path";
import { defineConfig } from "vite";
import { leanIdlInBrowsers } from "../scripts/lean-packages.js";

/** Where the devbox serves the console, and the development server, too. */
const base = "/v2/";

export default defineConfig({
  root: import.meta.dirname,
  base,
  plugins: [leanIdlInBrowsers],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: resolve(import.meta.dirname, "../dist/console"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // Everything comes from files: the page's policy has no place for data in addresses.
    assetsInlineLimit: 0,
    sourcemap: false,
  },
  server: {
    // `npm run console:dev`: changes show at once, with the services of a devbox that runs.
    proxy: {
      "^/(flyteidl2\\.|webhook(/|$)|readyz$)": process.env["DEVBOX"] ?? "http://127.0.0.1:30080",
    },
  },
});
