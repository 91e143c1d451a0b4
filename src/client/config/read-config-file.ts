import { readFile } from "node:fs/promises";
import { FlyteError } from "../../shared/errors.ts";
import { configFileCandidates, expandPath, type Surroundings } from "./find-config-file.ts";
import type { ParsedConfig } from "./parse-config.ts";

/** A configuration file that was found and read. */
export interface ConfigFile extends ParsedConfig {
  readonly path: string;
}

const maxBytes = 1024 * 1024;

/**
 * Reads the named configuration file, or else the first one that exists in Flyte's search order.
 * A `./config.yaml` without a section of Flyte's belongs to another program and is passed over.
 *
 * @returns undefined when none was named and none exists
 * @throws FlyteError `invalid_config` when a named file is missing, or the file found cannot be
 * read or is not valid
 */
export async function readConfigFile(
  surroundings: Surroundings,
  path?: string,
): Promise<ConfigFile | undefined> {
  if (path !== undefined) return readNamed(expandPath(path, surroundings));
  for (const candidate of await configFileCandidates(surroundings)) {
    if (candidate.named) return readNamed(candidate.path);
    const text = await readText(candidate.path);
    if (text === undefined) continue;
    const parsed = await parse(text, candidate.path);
    if (candidate.shared && !parsed.isFlyte) continue;
    return { path: candidate.path, ...parsed };
  }
  return undefined;
}

/** Loads the YAML parser only for those who have a file. */
async function parse(text: string, path: string): Promise<ParsedConfig> {
  const { parseConfig } = await import("./parse-config.ts");
  return parseConfig(text, path);
}

async function readNamed(path: string): Promise<ConfigFile> {
  const text = await readText(path);
  if (text === undefined) {
    throw new FlyteError(
      "invalid_config",
      `Configuration file ${path} does not exist. Create it, or name another one.`,
    );
  }
  return { path, ...(await parse(text, path)) };
}

/** The file's text; undefined when there is no such file. */
async function readText(path: string): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new FlyteError(
      "invalid_config",
      `Configuration file ${path} cannot be read (${code}). Make it a readable file, or name another one.`,
      { cause },
    );
  }
  if (bytes.length > maxBytes) {
    throw new FlyteError(
      "invalid_config",
      `Configuration file ${path} is larger than 1 MiB. Name another one.`,
    );
  }
  return bytes.toString("utf8");
}

/** The system's code of a failed file operation, for example `EACCES`. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
