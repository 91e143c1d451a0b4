import { connect } from "../connection.ts";
import { deployFile } from "../deploy-file.ts";
import type { ConnectionOptions } from "../options.ts";
import { note, print, printJson, table } from "../output.ts";

interface DeployOptions extends ConnectionOptions {
  readonly version?: string;
  readonly image?: string;
  readonly dryRun?: boolean;
}

/** `flyte-webhook deploy`: registers the tasks that a file exports. */
export async function deploy(file: string, options: DeployOptions): Promise<void> {
  await using controlPlane = await connect(options);
  const deployed = await deployFile(controlPlane, file, {
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.image === undefined ? {} : { image: options.image }),
    dryRun: options.dryRun === true,
  });
  if (options.json === true) return printJson(deployed.map((task) => ({ ...task })));
  if (options.dryRun === true) note("Nothing was deployed (--dry-run).");
  print(
    table(
      ["name", "version", "project", "domain"],
      deployed.map(({ name, version, project, domain }) => [name, version, project, domain]),
    ),
  );
}
