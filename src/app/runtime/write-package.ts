import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { entryFile, packageFile, runsFromSource } from "../../shared/package-files.ts";

/**
 * Puts a package `flyte-webhook` into a folder that is this launcher's own, so that code in the folder
 * shares its classes.
 */
export async function writePackage(folder: string): Promise<void> {
  const package_ = join(folder, "node_modules", "flyte-webhook");
  const entries = Object.entries({
    ".": bundledEntry("flyte-webhook") ?? entryFile("index"),
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

/** An entry with its dependencies inside, which loads faster than the one for applications. */
function bundledEntry(name: string): string | undefined {
  return runsFromSource ? undefined : packageFile(`dist/app/runtime/${name}.js`);
}
