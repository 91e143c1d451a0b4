import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

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

/** A devbox of this user, and the key of one of its users. */
export interface LocalDevbox {
  readonly url: string;
  readonly key: string;
}

/** The address and the key of the devbox that keeps its state in `state`, if it was started. */
export async function readLocalDevbox(
  state: string,
  user: string,
): Promise<LocalDevbox | undefined> {
  try {
    const [url, key] = await Promise.all([
      readFile(join(state, addressFile), "utf8"),
      readFile(join(state, "keys", user), "utf8"),
    ]);
    return { url: url.trim(), key: key.trim() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
