// Builds `dist`: declarations by tsc, JavaScript by esbuild. The library entries leave their
// dependencies to npm; the commands are bundled whole, because that halves their cold start.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { build } from "esbuild";
import { buildConsole } from "./build-console.js";
import { entryParts, leanIdl, leanUndici } from "./lean-packages.js";

const require = createRequire(import.meta.url);
const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");

const library = ["src/index.ts", "src/tasks/index.ts", "src/devbox/index.ts"];
const commands = [
  "src/cli.ts",
  "src/tasks/runtime/main.ts",
  "src/app/runtime/main.ts",
  // What the code of apps imports as `flyte-webhook`, for those that the launcher runs.
  { in: "src/index.ts", out: "app/runtime/flyte-webhook" },
  { in: "flyte-webhook-client", out: "app/runtime/flyte-webhook-client" },
  { in: "flyte-webhook-apps", out: "app/runtime/flyte-webhook-apps" },
  { in: "src/tasks/index.ts", out: "app/runtime/flyte-webhook-tasks" },
];

/** CommonJS packages inside a bundle still call require for Node's own modules. */
const requireBanner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

rmSync(dist, { recursive: true, force: true });
// npm puts tsc on the path of its scripts.
execFileSync("tsc", ["-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
pruneDeclarations();
const libraryInputs = await bundle(library, { plugins: [keepPackagesExternal(), leanIdl] });
const commandInputs = await bundle(commands, {
  plugins: [leanUndici, leanIdl, entryParts],
  external: ["@photostructure/sqlite", "esbuild"],
  banner: { js: requireBanner },
});
// Uploaded as it is, so that each run of a task has all it needs in this one file.
const systemTaskInputs = await bundle(["src/system-tasks/index.ts"], {
  splitting: false,
  sourcemap: false,
  plugins: [leanUndici, leanIdl],
  external: ["esbuild"],
  banner: { js: requireBanner },
});
copyAssets();
const consoleInputs = await buildConsole();
writeLicenses([...libraryInputs, ...commandInputs, ...systemTaskInputs, ...consoleInputs]);

/** Bundles and returns the paths of all files that went in. */
async function bundle(entryPoints, options) {
  const { metafile } = await build({
    absWorkingDir: root,
    // An output path may differ from the input's, which esbuild asks to be said for all then.
    entryPoints: entryPoints.map((entry) =>
      typeof entry === "string"
        ? { in: entry, out: relative("src", entry).replace(/\.ts$/, "") }
        : entry,
    ),
    outdir: dist,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // Chunks lie beside the entries, so that paths relative to import.meta.url hold in each.
    chunkNames: "[name]-[hash]",
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "linked",
    logLevel: "warning",
    metafile: true,
    ...options,
  });
  return Object.keys(metafile.inputs);
}

/** Everything a user installs stays outside, except the IDL, which ships as TypeScript sources. */
function keepPackagesExternal() {
  return {
    name: "keep-packages-external",
    setup({ onResolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
        kind === "entry-point" || path.startsWith("@flyteorg/flyteidl2")
          ? undefined
          : { path, external: true },
      );
    },
  };
}

/** Removes the declarations that no entry reaches: they describe what is not public. */
function pruneDeclarations() {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file) || !existsSync(file)) return;
    reached.add(file);
    const text = readFileSync(file, "utf8");
    for (const [, path] of text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)) {
      visit(resolve(dirname(file), path.replace(/\.(ts|js)$/, ".d.ts")));
    }
  };
  for (const entry of library) {
    visit(join(dist, relative("src", entry).replace(/\.ts$/, ".d.ts")));
  }
  for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const path = join(dist, file);
    if (file.endsWith(".d.ts") && !reached.has(path)) rmSync(path);
  }
  removeEmptyFolders(dist);
}

function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** The documentation pages' scripts and styles, so that they work without a network. */
function copyAssets() {
  const assets = join(dist, "assets");
  mkdirSync(assets, { recursive: true });
  const swagger = dirname(require.resolve("@fastify/swagger-ui/static/index.html"));
  for (const file of ["swagger-ui-bundle.js", "swagger-ui.css"]) {
    cpSync(join(swagger, file), join(assets, file));
  }
  const redoc = require.resolve("redoc/bundles/redoc.standalone.js");
  cpSync(redoc, join(assets, "redoc.standalone.js"));
  cpSync(`${redoc}.LICENSE.txt`, join(assets, "redoc.standalone.js.LICENSE.txt"));
}

/** The licences of the packages whose code is part of the bundles. */
function writeLicenses(inputs) {
  const packages = new Set(["@fastify/swagger-ui", "redoc"]);
  for (const input of inputs) {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input) ?? [];
    if (name !== undefined) packages.add(name);
  }
  const texts = [...packages].sort().map((name) => {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file === undefined ? "" : `\n\n${readFileSync(join(folder, file), "utf8").trim()}`;
    return `${name} ${version} (${license})${text}`;
  });
  writeFileSync(
    join(dist, "THIRD-PARTY-LICENSES.txt"),
    `${texts.join(`\n\n${"-".repeat(72)}\n\n`)}\n`,
  );
}
