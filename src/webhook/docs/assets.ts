import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { FlyteError } from "../../shared/errors.ts";

/** The files of the documentation pages that come from other packages. */
export type AssetName = "swagger-ui-bundle.js" | "swagger-ui.css" | "redoc.standalone.js";

const packages: Readonly<Record<AssetName, string>> = {
  "swagger-ui-bundle.js": "@fastify/swagger-ui/static/swagger-ui-bundle.js",
  "swagger-ui.css": "@fastify/swagger-ui/static/swagger-ui.css",
  "redoc.standalone.js": "redoc/bundles/redoc.standalone.js",
};

/** Redoc shows its maker's logo from the maker's server; the page must work without a network. */
const remoteLogo = /https:\/\/cdn\.redoc\.ly\/redoc\/[\w.-]+\.svg/g;
const noImage = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";

/** Where a file may be: beside the bundled code, or in an installed package. */
function candidates(name: AssetName): readonly (() => string | URL)[] {
  return [
    () => new URL(`./assets/${name}`, import.meta.url),
    () => new URL(`../assets/${name}`, import.meta.url),
    () => createRequire(import.meta.url).resolve(packages[name]),
  ];
}

/**
 * Reads a file of the documentation pages.
 *
 * @throws FlyteError `invalid_config` when it is nowhere to be found
 */
export async function readAsset(name: AssetName): Promise<Buffer> {
  for (const candidate of candidates(name)) {
    try {
      const bytes = await readFile(candidate());
      if (name !== "redoc.standalone.js") return bytes;
      return Buffer.from(bytes.toString("utf8").replaceAll(remoteLogo, noImage));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const missing = code === "ENOENT" || code === "MODULE_NOT_FOUND";
      if (!missing && code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw error;
    }
  }
  throw new FlyteError("invalid_config", `The documentation file ${name} was not installed.`);
}
