import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether the package runs from its sources rather than from `dist`. */
export const runsFromSource: boolean = import.meta.url.endsWith(".ts");

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

/** The file that an entry of the package is: `index` stands for `flyte-webhook`. */
export function entryFile(entry: "index" | "tasks/index" | "devbox/index"): string {
  return packageFile(runsFromSource ? `src/${entry}.ts` : `dist/${entry}.js`);
}
