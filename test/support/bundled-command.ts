import { existsSync } from "node:fs";
import { cp, mkdir, symlink, watch, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import manifest from "../../package.json" with { type: "json" };
import { sharedFolder } from "./bundle-folder.ts";

const root = resolve(import.meta.dirname, "../..");

/**
 * Puts the bundled command into `folder`, laid out as the package is, and returns how to run it. It starts
 * several times faster than from the sources. It is bundled once for all files of a test run.
 */
export async function bundleCommand(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  for (const name of ["package.json", "examples", "node_modules"]) {
    await symlink(join(root, name), join(folder, name));
  }
  await cp(await bundleOnce(), join(folder, "dist"), { recursive: true });
  return [process.execPath, join(folder, "dist/cli.js")];
}

/** The folder with the bundles, made by whichever file of the test run is the first to need it. */
async function bundleOnce(): Promise<string> {
  const shared = process.env[sharedFolder];
  if (shared === undefined) throw new Error("bundleCommand is for the tests of the integration.");
  const [done, failed] = [join(shared, "done"), join(shared, "failed")];
  const dist = join(shared, "dist");
  const isFirst = await mkdir(join(shared, "building")).then(
    () => true,
    () => false,
  );
  if (!isFirst) {
    await appeared(shared, [done, failed]);
    if (existsSync(done)) return dist;
    throw new Error("The command could not be bundled; another test file says why.");
  }
  try {
    await bundle(dist);
  } catch (error) {
    await writeFile(failed, "");
    throw error;
  }
  await writeFile(done, "");
  return dist;
}

/** Waits until one of the files is in the folder. */
async function appeared(folder: string, files: readonly string[]): Promise<void> {
  const looking = new AbortController();
  const changes = watch(folder, { signal: looking.signal });
  try {
    // The watch begins with its first step, so that is begun before the look.
    let change = changes[Symbol.asyncIterator]().next();
    while (!files.some((file) => existsSync(file))) {
      await change;
      change = changes[Symbol.asyncIterator]().next();
    }
    change.catch(() => undefined);
  } finally {
    looking.abort();
  }
}

async function bundle(dist: string): Promise<void> {
  const shared: BuildOptions = {
    absWorkingDir: root,
    outdir: dist,
    outbase: "src",
    bundle: true,
    splitting: true,
    chunkNames: "[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    external: ["@photostructure/sqlite", "esbuild"],
  };
  // The entry of the package is there for the apps that are served from a file.
  const commands = {
    cli: "src/cli.ts",
    "tasks/runtime/main": "src/tasks/runtime/main.ts",
    "app/runtime/main": "src/app/runtime/main.ts",
    "app/runtime/flyte-webhook": "src/index.ts",
    "app/runtime/flyte-webhook-tasks": "src/tasks/index.ts",
  };
  const js =
    'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';
  await build({ ...shared, entryPoints: commands, banner: { js } });
  const tasks = { "system-tasks/index": "src/system-tasks/index.ts" };
  await build({ ...shared, splitting: false, entryPoints: tasks, banner: { js } });
  // Entries of the library become part of what is deployed, so they are as they are published.
  const external = Object.keys(manifest.dependencies);
  await build({ ...shared, entryPoints: ["src/index.ts", "src/tasks/index.ts"], external });
}
