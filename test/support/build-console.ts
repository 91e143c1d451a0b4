import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

/** Global set-up: the console as it is in the sources, built unless it is already. */
export function setup(): void {
  const script = resolve(import.meta.dirname, "../../scripts/build-console.js");
  execFileSync(process.execPath, [script, "--if-changed"], { stdio: "inherit" });
}
