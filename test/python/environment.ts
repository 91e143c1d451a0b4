import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { access, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const requirements = join(import.meta.dirname, "requirements.txt");
const digest = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 8);
const venv = join(tmpdir(), `flyte-webhook-python-${digest}`);

/** Where the commands of Flyte's Python SDK are. */
export const pythonBin: string = join(venv, "bin");

/** Installs Flyte's Python SDK, once for all test files; it is kept for the next time. */
export async function setup(): Promise<void> {
  const installed = join(venv, "installed");
  try {
    await access(installed);
  } catch {
    await run("python3", ["-m", "venv", venv]);
    await run(join(pythonBin, "pip"), ["install", "--quiet", "--requirement", requirements]);
    await writeFile(installed, "");
  }
}
