import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The variable that names the folder of the bundles of one test run. */
export const sharedFolder = "FLYTE_TEST_BUNDLES";

/** Makes a folder for the bundles of one test run, and takes it away at its end. */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-bundles-"));
  process.env[sharedFolder] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
