import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import type { Coding } from "./conditional-headers.ts";

/** A file of the console as it is sent. */
export interface ConsoleFile {
  readonly type: string;
  readonly etag: string;
  /** Whether the name follows from the content, so that it can be kept for ever. */
  readonly isImmutable: boolean;
  readonly plain: Buffer;
  /** The same bytes by their coding, the smallest first; without those that are not worth it. */
  readonly compressed: ReadonlyMap<Coding, Buffer>;
}

const codings: readonly (readonly [coding: Coding, extension: string])[] = [
  ["br", ".br"],
  ["gzip", ".gz"],
];

/** What the build makes; nothing else below its folder is served. */
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The built console by path below its folder; undefined where it is not built. */
export function readConsoleFiles(folder: string): ReadonlyMap<string, ConsoleFile> | undefined {
  const files = new Map<string, ConsoleFile>();
  try {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const path = join(folder, name);
      const type = types[extname(name)];
      if (type === undefined || !statSync(path).isFile()) continue;
      files.set(relative(folder, path).replaceAll(sep, "/"), toConsoleFile(path, name, type));
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  return files.has("index.html") ? files : undefined;
}

function toConsoleFile(path: string, name: string, type: string): ConsoleFile {
  const plain = readFileSync(path);
  const compressed = codings.flatMap(([coding, extension]): [Coding, Buffer][] => {
    const body = readIfThere(`${path}${extension}`);
    return body === undefined ? [] : [[coding, body]];
  });
  return {
    type,
    isImmutable: name.startsWith(`assets${sep}`),
    etag: createHash("sha256").update(plain).digest("base64url").slice(0, 22),
    plain,
    compressed: new Map(compressed),
  };
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
