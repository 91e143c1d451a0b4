import { UserError } from "../../tasks/task-errors.ts";

/** How a file's content is proved: `sha256` of its bytes, or the name git gives a blob of them. */
export type HashAlgorithm = "sha256" | "git-sha1";

/** A file of a model at one commit. */
export interface ModelFile {
  /** Below the repository, with slashes. */
  readonly path: string;
  readonly size: number;
  readonly algorithm: HashAlgorithm;
  /** In lower-case hexadecimal digits. */
  readonly digest: string;
}

/** An entry of a hub's list of files, as far as it is looked at. */
export interface TreeEntry {
  readonly type?: unknown;
  readonly path?: unknown;
  readonly size?: unknown;
  readonly oid?: unknown;
  readonly lfs?: unknown;
}

/** Name of the file that says a folder is whole. No repository may bring one of its own. */
export const manifestName = ".flyte-model.json";

/**
 * The files of a repository out of what a hub lists, checked: every path stays inside of a folder, none
 * comes twice or is a folder as well, every size and hash is there.
 *
 * @throws UserError `UnsafeFileName` or `HubAnswerInvalid`
 */
export function toModelFiles(entries: Iterable<TreeEntry>): readonly ModelFile[] {
  const files = new Map<string, ModelFile>();
  for (const entry of entries) {
    if (entry.type === "directory") continue;
    const file = toModelFile(entry);
    if (files.has(file.path)) throw unsafe(file.path, "is listed twice");
    files.set(file.path, file);
  }
  for (const path of files.keys()) {
    const folder = foldersOf(path).find((name) => files.has(name));
    if (folder !== undefined) throw unsafe(folder, "is a file and a folder");
  }
  return [...files.values()];
}

function toModelFile({ path, size, oid, lfs }: TreeEntry): ModelFile {
  if (typeof path !== "string") throw invalid("lists a file without a path");
  const fault = pathFault(path);
  if (fault !== undefined) throw unsafe(path, fault);
  const large = toLarge(lfs);
  if (large !== undefined) return { path, ...large, algorithm: "sha256" };
  if (lfs !== undefined && lfs !== null) throw invalid(`does not say what ${showPath(path)} holds`);
  if (isSize(size) && isHex(oid, 40)) return { path, size, algorithm: "git-sha1", digest: oid };
  throw invalid(`lists ${showPath(path)} without a size or hash`);
}

function toLarge(lfs: unknown): Pick<ModelFile, "size" | "digest"> | undefined {
  if (typeof lfs !== "object" || lfs === null) return undefined;
  const { oid, size } = lfs as { readonly oid?: unknown; readonly size?: unknown };
  const digest = typeof oid === "string" ? oid.replace(/^sha256:/, "") : undefined;
  return isSize(size) && isHex(digest, 64) ? { size, digest } : undefined;
}

/** Why a path cannot be one below a folder of any machine; undefined for one that can. */
export function pathFault(path: string): string | undefined {
  if (path.length === 0 || path.length > 1024) return "has no or too many characters";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\u0000-\u001f\u007f\\]/.test(path)) return "has a backslash or control character";
  if (/\p{Surrogate}/u.test(path)) return "is no text";
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return "leaves the folder of the model";
  }
  if (parts.some((part) => Buffer.byteLength(part) > 255)) return "has a part that is too long";
  return path === manifestName ? "is the name of the folder's own manifest" : undefined;
}

/** `a/b/c` is below `a/b` and `a`. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isHex(value: unknown, digits: number): value is string {
  return typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value);
}

function unsafe(path: string, fault: string): UserError {
  return new UserError(
    `The file name ${showPath(path)} of the repository ${fault}. It was not fetched.`,
    {
      code: "UnsafeFileName",
      retryable: false,
    },
  );
}

function invalid(what: string): UserError {
  return new UserError(`The hub ${what}.`, { code: "HubAnswerInvalid" });
}

/** A path for messages. */
export function showPath(path: string): string {
  return JSON.stringify(path.slice(0, 200));
}
