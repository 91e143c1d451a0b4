import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { stringify } from "yaml";
import { parseEndpoint } from "../../client/endpoint.ts";
import { FlyteError } from "../../shared/errors.ts";
import { fields, print, printJson } from "../output.ts";

interface CreateConfigOptions {
  readonly endpoint: string;
  readonly org?: string;
  readonly project?: string;
  readonly domain?: string;
  readonly insecure?: boolean;
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `flyte-webhook create config`: writes the file that names a control plane and a scope. */
export async function createConfig(options: CreateConfigOptions): Promise<void> {
  const { endpoint, org, project, domain, insecure } = options;
  // Refused here rather than by each later command.
  parseEndpoint(endpoint, { insecure: insecure === true });
  const file = resolve(options.output ?? join(homedir(), ".flyte", "config.yaml"));
  const scope = { org, project, domain };
  const document = {
    admin: { endpoint, ...(insecure === true && { insecure }) },
    ...(Object.values(scope).some((value) => value !== undefined) && { task: scope }),
  };
  await write(file, stringify(document, { keepUndefined: false }), options.force === true);
  if (options.json === true) return printJson({ file });
  print(
    fields([
      ["written", file],
      ["endpoint", endpoint],
    ]),
  );
}

async function write(file: string, text: string, overwrite: boolean): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: overwrite ? "w" : "wx" });
  } catch (cause) {
    const { code = "unknown error" } = cause as NodeJS.ErrnoException;
    throw new FlyteError(
      "invalid_config",
      code === "EEXIST"
        ? `${file} exists. Overwrite it with --force, or name another file with --output.`
        : `${file} cannot be written (${code}). Name another file with --output.`,
      { cause },
    );
  }
}
