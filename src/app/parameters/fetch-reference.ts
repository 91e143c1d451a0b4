import { createWriteStream } from "node:fs";
import { cp, mkdir, rm, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { FlyteError } from "../../shared/errors.ts";
import { matchesGlob } from "../../shared/glob.ts";
import { invalidConfig, show } from "../environment/invalid-config.ts";
import type { MaterializedParameter } from "./materialized-parameter.ts";
import type { DirectoryReference, FileReference } from "./parameter-value.ts";

export interface FetchedParameter extends MaterializedParameter {
  readonly value: FileReference | DirectoryReference;
}

export interface FetchPlace {
  /** Gets what has no `mount`. */
  readonly folder: string;
  readonly signal?: AbortSignal;
}

/**
 * Brings a file or directory to where the app runs, and tells its path. What is on this machine
 * already is used where it is, unless it is to be elsewhere or without some of its files.
 *
 * @throws FlyteError `invalid_config` for what is not there and for addresses that cannot be read
 * from here, `unavailable` when a server does not give it
 */
export async function fetchReference(
  { name, value, mount, ignorePatterns }: FetchedParameter,
  place: FetchPlace,
): Promise<string> {
  const isFile = "file" in value;
  const address = isFile ? value.file : value.directory;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase() ?? "file";
  if (isFile && (scheme === "https" || scheme === "http")) {
    const folder = mount === undefined ? ownFolder(place, name) : mount;
    return download(new URL(address), resolve(folder), place.signal);
  }
  if (scheme !== "file") {
    const kind = isFile ? "files" : "directories";
    throw invalidConfig(
      `${kind} of ${scheme}:// cannot be downloaded here. Give download: false, and the app gets the address.`,
    );
  }
  const source = toPath(address);
  await assertThere(source, isFile);
  if (mount === undefined && ignorePatterns.length === 0) return source;
  const folder = resolve(mount ?? ownFolder(place, name));
  if (!isFile) {
    await copyDirectory(source, folder, ignorePatterns);
    return folder;
  }
  const target = join(folder, basename(source));
  await mkdir(folder, { recursive: true });
  if (target !== source) await cp(source, target);
  return target;
}

function ownFolder({ folder }: FetchPlace, name: string): string {
  return join(folder, `parameter-${encodeURIComponent(name)}`);
}

function toPath(address: string): string {
  if (!/^file:/i.test(address)) return resolve(address);
  try {
    return resolve(fileURLToPath(address));
  } catch {
    throw invalidConfig(`${show(address)} is not the address of a file on this machine.`);
  }
}

async function assertThere(path: string, isFile: boolean): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && (isFile ? found.isFile() : found.isDirectory())) return;
  const kind = isFile ? "file" : "directory";
  throw invalidConfig(`there is no ${kind} ${path}. Correct the address.`);
}

async function copyDirectory(
  source: string,
  target: string,
  ignorePatterns: readonly string[],
): Promise<void> {
  if (target === source || target.startsWith(`${source}${sep}`)) {
    throw invalidConfig(`mount ${show(target)} is inside the directory itself. Give another one.`);
  }
  await cp(source, target, {
    recursive: true,
    filter: (path) => {
      const inside = relative(source, path).split(sep).join("/");
      return inside === "" || !ignorePatterns.some((pattern) => matchesGlob(pattern, inside));
    },
  });
}

/** The address without its query, which may be a signature. */
const shown = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

async function download(url: URL, folder: string, signal?: AbortSignal): Promise<string> {
  const answer = await fetch(url, signal ? { signal } : {}).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new FlyteError("unavailable", `${shown(url)} cannot be reached. Try again later.`, {
      cause,
    });
  });
  if (!answer.ok || answer.body === null) {
    await answer.body?.cancel();
    throw new FlyteError(
      "unavailable",
      `${shown(url)} answered with status ${answer.status}. Correct the address, or try again later.`,
    );
  }
  const target = join(folder, nameOf(url));
  await mkdir(folder, { recursive: true });
  try {
    await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(target), { signal });
  } catch (cause) {
    await rm(target, { force: true });
    signal?.throwIfAborted();
    throw new FlyteError("unavailable", `${shown(url)} ended in between. Try again.`, { cause });
  }
  return target;
}

/** The last part of a path, as far as it can be the name of a file. */
function nameOf({ pathname }: URL): string {
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  return last === "" || /^\.\.?$/.test(last) ? "file" : last;
}
