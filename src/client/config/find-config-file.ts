import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Environment, readVariable } from "./environment.ts";
import { configFileVariables } from "./settings.ts";

/** What a search for configuration depends on, so that a test can hold all of it. */
export interface Surroundings {
  readonly env: Environment;
  /** The working directory. */
  readonly cwd: string;
  /** The user's home directory. */
  readonly home: string;
}

/** A place where a configuration file may be. */
export interface ConfigFileCandidate {
  readonly path: string;
  /** Whether the user named this file: then it must exist. */
  readonly named: boolean;
  /** Whether other programs use this file name too, so that a foreign file is passed over. */
  readonly shared: boolean;
}

/**
 * The places of a configuration file in the order of Flyte: `./config.yaml`,
 * `./.flyte/config.yaml`, `.flyte/config.yaml` at the git root, `$UCTL_CONFIG`,
 * `$FLYTECTL_CONFIG`, `~/.union/config.yaml`, `~/.flyte/config.yaml`.
 */
export async function configFileCandidates(
  surroundings: Surroundings,
): Promise<readonly ConfigFileCandidate[]> {
  const { env, cwd, home } = surroundings;
  const found = (path: string, shared = false): ConfigFileCandidate => ({
    path,
    named: false,
    shared,
  });
  const candidates = [
    found(join(cwd, "config.yaml"), true),
    found(join(cwd, ".flyte", "config.yaml")),
  ];
  const root = await gitRoot(cwd);
  if (root !== undefined && root !== cwd) candidates.push(found(join(root, ".flyte/config.yaml")));
  for (const name of configFileVariables) {
    const path = readVariable(env, name);
    if (path !== undefined) {
      candidates.push({ path: expandPath(path, surroundings), named: true, shared: false });
    }
  }
  candidates.push(found(join(home, ".union/config.yaml")), found(join(home, ".flyte/config.yaml")));
  return candidates;
}

/** An absolute path: `~` is the home directory, anything relative starts at the working directory. */
export function expandPath(path: string, surroundings: Pick<Surroundings, "cwd" | "home">): string {
  if (path === "~") return surroundings.home;
  if (path.startsWith("~/")) return join(surroundings.home, path.slice(2));
  return resolve(surroundings.cwd, path);
}

async function gitRoot(cwd: string): Promise<string | undefined> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (await exists(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Absent or unreachable: either way it marks no root for us.
    return false;
  }
}
