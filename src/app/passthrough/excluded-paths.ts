import { FlyteError } from "../../shared/errors.ts";

/**
 * A path that needs no credential: the whole path as people read it (`/health`, `/größe`), or all
 * paths below a prefix. Prefixes end at a segment: `{ prefix: "/public" }` is `/public` and
 * `/public/logo.png`, never `/publicity`; `{ prefix: "/public/" }` is what lies below alone.
 */
export type ExcludedPath = string | { readonly prefix: string };

/** Whether a request target, with its query, may pass without a credential. */
export type PathMatcher = (target: string) => boolean;

/** What every router reads alike: no encoded ASCII but the space, no `;`, `\`, `//`, `.` or `..`. */
const plainPath = /^(?:\/(?!\.{0,2}(?:\/|$))(?:[\w.~!$&'()*+,=:@-]|%(?:20|[89A-F][0-9A-F]))+)*\/?$/;

/**
 * A path in the one spelling that browsers send; undefined for what two programs could read as two
 * different paths.
 */
function plainSpelling(path: string): string | undefined {
  const spelled = path.includes("%")
    ? path.replace(/%[0-9a-f]{2}/gi, (octet) => octet.toUpperCase())
    : path;
  if (!plainPath.test(spelled)) return undefined;
  if (!spelled.includes("%")) return spelled;
  try {
    return /\p{C}/u.test(decodeURIComponent(spelled)) ? undefined : spelled;
  } catch {
    return undefined; // not UTF-8
  }
}

function withoutQuery(target: string): string {
  const end = target.indexOf("?");
  return end === -1 ? target : target.slice(0, end);
}

function spell(path: string): string | undefined {
  try {
    return path.includes("%") ? undefined : plainSpelling(encodeURI(path));
  } catch {
    return undefined; // half of a character
  }
}

function checkedPath(path: unknown, place: string): string {
  const spelled = typeof path === "string" ? spell(path) : undefined;
  if (spelled?.startsWith("/") === true) return spelled;
  throw new FlyteError(
    "invalid_config",
    `${JSON.stringify(path)} in ${place} is no path that can be recognised safely. Begin with "/", write letters as they are rather than percent-encoded, and leave out empty segments, ".", "..", ";", "\\", a query and other special characters.`,
  );
}

function checkedPrefix(prefix: unknown): string {
  const path = checkedPath(prefix, "a prefix of excludedPaths");
  if (path !== "/") return path;
  throw new FlyteError(
    "invalid_config",
    'The prefix "/" in excludedPaths would let every request pass without a credential. Name a folder.',
  );
}

/**
 * Compiles the paths that need no credential. Only the target as the socket delivered it counts:
 * no forwarded header, no query, and no other spelling of a path than the usual one.
 *
 * @throws FlyteError `invalid_config` for a path that cannot be recognised safely
 */
export function compileExcludedPaths(paths: readonly ExcludedPath[] = []): PathMatcher {
  const exact = new Set<string>();
  const prefixes: string[] = [];
  for (const path of paths) {
    if (typeof path === "string") exact.add(checkedPath(path, "excludedPaths"));
    else prefixes.push(checkedPrefix(path?.prefix));
  }
  const folders = prefixes.map((prefix) => (prefix.endsWith("/") ? prefix : `${prefix}/`));
  for (const prefix of prefixes) exact.add(prefix);
  return (target) => {
    const path = withoutQuery(target);
    if (exact.has(path)) return true;
    if (prefixes.length === 0 && !path.includes("%")) return false;
    const spelled = plainSpelling(path);
    if (spelled === undefined) return false;
    return exact.has(spelled) || folders.some((folder) => spelled.startsWith(folder));
  };
}
