import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Bundles the servers like the published commands are: loaders that run the sources slow down what
 * they load, with calls that keep the names of functions.
 */
export async function bundleServers(names: readonly string[], folder: URL): Promise<void> {
  await build({
    entryPoints: names.map((name) => fileURLToPath(new URL(`${name}.ts`, import.meta.url))),
    outdir: fileURLToPath(folder),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    external: ["@photostructure/sqlite", "esbuild"],
    outExtension: { ".js": ".mjs" },
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
}
