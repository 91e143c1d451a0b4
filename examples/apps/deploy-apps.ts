import { type DeployedEnvironment, deploy, init } from "flyte-webhook";
import { env as webhook } from "./endpoint-groups.ts";
import { isMain } from "./is-main.ts";
import { env as outliers } from "./parameters.ts";

/** Deploys two apps to the control plane that this process is connected to: one by its options, one with its code. */
export function deployApps(version: string): Promise<readonly DeployedEnvironment[]> {
  return deploy([webhook, outliers], {
    version,
    wait: true,
    onProgress: (line) => console.error(line),
  });
}

if (isMain(import.meta.url)) {
  await init(); // As whoever FLYTE_API_KEY is.
  for (const { spec, change, image, status } of await deployApps(process.argv[2] ?? "v1")) {
    console.log(`${spec.name} ${change}, ${image.uri} (${image.state}): ${status?.endpoint}`);
  }
}
