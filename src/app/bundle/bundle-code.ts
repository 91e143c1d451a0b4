import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative, sep } from "node:path";
import type { OnLoadResult, Plugin } from "esbuild";
import { FlyteError } from "../../shared/errors.ts";

/** Name of the module in a code bundle. */
export const moduleName = "app.mjs";

/**
 * Makes one ES module of a file, the files it imports and the packages it uses, so that it runs where
 * nothing of that is installed. `flyte-webhook` alone stays an import: it is that of the launcher.
 *
 * @throws FlyteError `invalid_config` naming file and line of what cannot be bundled
 */
export async function bundleCode(file: string): Promise<Uint8Array> {
  const { build } = await import("esbuild");
  const folder = dirname(file);
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      absWorkingDir: folder,
      outfile: join(folder, moduleName),
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "node20",
      sourcemap: "inline",
      sourcesContent: false, // Positions are what errors tell.
      charset: "utf8",
      logLevel: "silent",
      // Without a condition of its own the bundler adds one of bundlers, which Node does not know.
      conditions: ["node-addons"],
      define: {
        "import.meta.url": "__fileUrl",
        "import.meta.filename": "__fileName",
        "import.meta.dirname": "__folderName",
        __filename: "__fileName",
        __dirname: "__folderName",
      },
      plugins: [leavePackage, keepPlace(folder)],
      // Packages do not learn where they lay: what they read from there does not travel.
      inject: [places],
      banner: { js: banner },
    });
    return outputFiles[0]?.contents ?? new Uint8Array();
  } catch (error) {
    const { errors = [] } = error as { readonly errors?: readonly BuildFault[] };
    const reason = errors.length === 0 ? String(error) : errors.map(describe).join("; ");
    throw new FlyteError("invalid_config", `Cannot bundle ${basename(file)}: ${reason}`, {
      cause: error,
    });
  }
}

const banner = `import { createRequire as __createRequire } from "node:module";
import { fileURLToPath as __toPath } from "node:url";
const require = __createRequire(import.meta.url), __bundleUrl = import.meta.url;`;

interface BuildFault {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number } | null;
}

function describe({ text, location }: BuildFault): string {
  const where = location === null ? "" : `${location.file}:${location.line}: `;
  const compiled = /^No loader is configured for "\.node"/.test(text);
  const remedy =
    " A compiled package cannot travel with the code: put both into an image, and deploy with inImage.";
  return `${where}${text}${compiled ? remedy : ""}`;
}

const leavePackage: Plugin = {
  name: "leave-package",
  setup(build) {
    build.onResolve({ filter: /^flyte-webhook(?:\/|$)/ }, ({ path }) => ({ path, external: true }));
  },
};

const places = "flyte-webhook-places";

/** Tells each file of the app where it lies from the bundle, as if it had been sent along. */
function keepPlace(folder: string): Plugin {
  return {
    name: "keep-place",
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${places}$`) }, ({ path }) => ({
        path,
        namespace: places,
      }));
      build.onLoad({ filter: /./, namespace: places }, () => ({
        contents: declarations('""').replaceAll(/const /g, "export const "),
      }));
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => load(path, folder));
    },
  };
}

async function load(path: string, folder: string): Promise<OnLoadResult | undefined> {
  if (path.includes(`${sep}node_modules${sep}`)) return undefined;
  const loader = extname(path).replace(/^\.[cm]?/, "") as "js" | "jsx" | "ts" | "tsx";
  const place = relative(folder, path).split(sep).map(encodeURIComponent).join("/");
  const text = await readFile(path, "utf8");
  // On the first line, so that the lines keep their numbers.
  const contents = `${declarations(JSON.stringify(place))}${text.replace(/^#!/, "//")}`;
  return { loader, contents };
}

function declarations(place: string): string {
  return [
    `const __fileUrl = ${place === '""' ? "__bundleUrl" : `/* @__PURE__ */ String(/* @__PURE__ */ new URL(${place}, __bundleUrl))`};`,
    "const __fileName = /* @__PURE__ */ __toPath(__fileUrl);",
    'const __folderName = /* @__PURE__ */ __toPath(/* @__PURE__ */ new URL(".", __fileUrl));',
  ].join("");
}
