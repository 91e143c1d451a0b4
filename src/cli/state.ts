import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { FlyteError } from "../shared/errors.ts";

/** Where the devbox keeps its state unless `--state` says otherwise. */
export function defaultState(): string {
  return join(homedir(), ".flyte-webhook", "devbox");
}

/** The file in which a running devbox leaves its address for the other commands. */
const addressFile = "address";

/** Publishes the address of a running devbox; nothing for one without a folder. */
export async function writeAddress(state: string, url: string): Promise<void> {
  if (state === "memory") return;
  await mkdir(state, { recursive: true });
  await writeFile(join(state, addressFile), `${url}\n`);
}

export async function removeAddress(state: string): Promise<void> {
  if (state !== "memory") await rm(join(state, addressFile), { force: true });
}

/** A devbox of this user, as its state folder tells of it. */
export interface LocalDevbox {
  /** Undefined while it is not running. */
  readonly url: string | undefined;
  /** Whose keys are kept. */
  readonly users: readonly string[];
  /** The key of the asked user. */
  readonly key: string | undefined;
}

/**
 * The devbox that keeps its state in `state`; undefined when none was ever started there.
 *
 * @throws FlyteError `invalid_config` when the folder cannot be read
 */
export async function readLocalDevbox(
  state: string,
  user: string,
): Promise<LocalDevbox | undefined> {
  try {
    const users = await readdir(join(state, "keys")).catch(ignoreAbsent);
    if (users === undefined) return undefined;
    const key = users.includes(user) ? await readText(join(state, "keys", user)) : undefined;
    return { url: await readText(join(state, addressFile)), users: users.sort(), key };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new FlyteError(
      "invalid_config",
      `The devbox folder ${state} cannot be read (${reason}). Choose another with --state, or name a control plane with --endpoint.`,
      { cause: error },
    );
  }
}

async function readText(file: string): Promise<string | undefined> {
  return (await readFile(file, "utf8").catch(ignoreAbsent))?.trim();
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}
