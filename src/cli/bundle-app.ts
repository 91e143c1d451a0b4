import { readFile } from "node:fs/promises";
import { basename, dirname, extname } from "node:path";
import { pathToFileURL } from "node:url";
import type { OnLoadResult, OnResolveArgs, Plugin, PluginBuild } from "esbuild";
import { FlyteError } from "../shared/errors.ts";
import { entryFile } from "../shared/package-files.ts";

/**
 * Makes one ES module of a TypeScript or JavaScript file and the files it imports. Packages stay
 * where they are installed, and `flyte-webhook` is the one that this command belongs to.
 *
 * @param target path that the module will be stored under
 * @throws FlyteError `invalid_config` naming file and line of what cannot be read
 */
export async function bundleApp(path: string, target: string): Promise<Uint8Array> {
  const { build } = await import("esbuild");
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      absWorkingDir: dirname(path),
      outfile: target,
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "node20",
      sourcemap: "inline",
      charset: "utf8",
      logLevel: "silent",
      // Without a condition of its own the bundler adds one of bundlers, which Node does not know.
      conditions: ["node-addons"],
      define: {
        "import.meta.url": "__fileUrl",
        "import.meta.filename": "__fileName",
        "import.meta.dirname": "__folderName",
      },
      plugins: [keepPlace, keepPackages],
      banner: {
        js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
      },
    });
    return outputFiles[0]?.contents ?? new Uint8Array();
  } catch (error) {
    const { errors = [] } = error as { readonly errors?: readonly BuildFault[] };
    const reason = errors.length === 0 ? String(error) : errors.map(describe).join("; ");
    throw new FlyteError("invalid_config", `Cannot read ${basename(path)}: ${reason}`, {
      cause: error,
    });
  }
}

interface BuildFault {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number } | null;
}

function describe({ text, location }: BuildFault): string {
  return location === null ? text : `${location.file}:${location.line}: ${text}`;
}

/** Tells each file where it lies, although it runs from elsewhere. */
const keepPlace: Plugin = {
  name: "keep-place",
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }): Promise<OnLoadResult> => {
      const loader = extname(path).replace(/^\.[cm]?/, "") as "js" | "jsx" | "ts" | "tsx";
      const place = {
        __fileUrl: pathToFileURL(path).href,
        __fileName: path,
        __folderName: dirname(path),
      };
      const names = Object.entries(place).map(
        ([name, value]) => `${name}=${JSON.stringify(value)}`,
      );
      const text = await readFile(path, "utf8");
      // On the first line, so that the lines keep their numbers.
      return { loader, contents: `const ${names.join(",")};${text.replace(/^#!/, "//")}` };
    });
  },
};

/** Imports of packages lead to the files they mean, because the module runs from elsewhere. */
const keepPackages: Plugin = {
  name: "keep-packages",
  setup(build) {
    const own = new Map([
      ["flyte-webhook", entryFile("index")],
      ["flyte-webhook/tasks", entryFile("tasks/index")],
    ]);
    build.onResolve({ filter: /./ }, async (found) => {
      if (found.kind === "entry-point" || found.pluginData === resolving) return undefined;
      const path = own.get(found.path) ?? (await resolvePackage(build, found));
      if (path === undefined) return undefined;
      const required = found.kind === "require-call" || found.kind === "require-resolve";
      return { path: required ? path : pathToFileURL(path).href, external: true };
    });
  },
};

const resolving = Symbol("resolving");

/**
 * Undefined for Node's own modules, for files that a path of `tsconfig.json` stands for, and for what
 * cannot be found: the bundler says so then.
 */
async function resolvePackage(
  build: PluginBuild,
  { path, importer, kind, resolveDir }: OnResolveArgs,
): Promise<string | undefined> {
  const options = { importer, kind, resolveDir, pluginData: resolving };
  const found = await build.resolve(path, options);
  const installed = !found.external && /[\\/]node_modules[\\/]/.test(found.path);
  return installed ? found.path : undefined;
}
