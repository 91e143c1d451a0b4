import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const runsFromSource = import.meta.url.endsWith(".ts");
const root = new URL(runsFromSource ? "../../" : "../", import.meta.url);

/** The path of a file that ships with the package, such as `examples/tasks/index.ts`. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, root));
}

/** The package's version, as its manifest tells it. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  return (manifest as { version: string }).version;
}

/** What `flyte-task` in a task's arguments stands for on this machine: the runtime of this package. */
export function taskRuntimeCommand(): readonly string[] {
  return runsFromSource
    ? [
        process.execPath,
        "--import",
        import.meta.resolve("tsx"),
        packageFile("src/tasks/runtime/main.ts"),
      ]
    : [process.execPath, packageFile("dist/tasks/runtime/main.js")];
}

/** The file that `flyte-webhook/tasks` stands for in a bundle. */
export function tasksEntry(): string {
  return packageFile(runsFromSource ? "src/tasks/index.ts" : "dist/tasks/index.js");
}

/** The file that `flyte-webhook` stands for in an app of a file. */
export function packageEntry(): string {
  return packageFile(runsFromSource ? "src/index.ts" : "dist/index.js");
}
