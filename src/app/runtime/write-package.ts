import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { entryFile, packageFile, runsFromSource } from "../../shared/package-files.ts";
import { moduleName } from "../bundle/bundle-code.ts";
import { importedNames } from "./imported-names.ts";

/** Parts of the package with their dependencies inside, from the one that is loaded fastest to all. */
const parts = ["flyte-webhook-apps", "flyte-webhook-client", "flyte-webhook"] as const;

/**
 * Puts a package `flyte-webhook` into the folder of unpacked code that is this launcher's own, so that
 * the code shares its classes. Of the package the code gets what it imports, which starts it faster.
 */
export async function writePackage(folder: string): Promise<void> {
  const package_ = join(folder, "node_modules", "flyte-webhook");
  const entries = Object.entries({
    ".": runsFromSource ? entryFile("index") : await choosePart(folder),
    "./tasks": bundledEntry("flyte-webhook-tasks") ?? entryFile("tasks/index"),
    "./devbox": entryFile("devbox/index"),
  });
  const exports = Object.fromEntries(
    entries.map(([name], index) => [name, `./entry-${index}.js`] as const),
  );
  await mkdir(package_, { recursive: true });
  await Promise.all([
    writeFile(
      join(package_, "package.json"),
      JSON.stringify({ name: "flyte-webhook", type: "module", exports }),
    ),
    ...entries.map(([, file], index) =>
      writeFile(
        join(package_, `entry-${index}.js`),
        `export * from ${JSON.stringify(pathToFileURL(file).href)};\n`,
      ),
    ),
  ]);
}

async function choosePart(folder: string): Promise<string> {
  const names = await neededNames(folder);
  for (const file of parts.map(runtimeFile)) {
    if (names === undefined || !existsSync(file)) continue;
    const exports_ = (await import(pathToFileURL(file).href)) as object;
    if ([...names].every((name) => name in exports_)) return file;
  }
  return runtimeFile("flyte-webhook");
}

/** Undefined where that is not known: files that are included may import more. */
async function neededNames(folder: string): Promise<ReadonlySet<string> | undefined> {
  const files = await readdir(folder, { recursive: true });
  const code = files.filter((file) => /\.[cm]?[jt]sx?$/.test(file));
  if (code.length !== 1 || code[0] !== moduleName) return undefined;
  // The names are ASCII, and a module may be large.
  return importedNames(await readFile(join(folder, moduleName), "latin1"));
}

function runtimeFile(name: string): string {
  return packageFile(`dist/app/runtime/${name}.js`);
}

/** An entry with its dependencies inside, which loads faster than the one for applications. */
function bundledEntry(name: string): string | undefined {
  return runsFromSource ? undefined : runtimeFile(name);
}
