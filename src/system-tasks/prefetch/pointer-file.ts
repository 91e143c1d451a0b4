/** What git keeps in place of a large file. */
export interface PointerFile {
  /** Sha256 of the large file. */
  readonly digest: string;
  readonly size: number;
}

/** The longest that a pointer may be. */
export const longestPointer = 1024;

/**
 * Reads a pointer of Git LFS; undefined for anything else. A store that has one in place of the file
 * holds no model.
 */
export function parsePointer(bytes: Uint8Array): PointerFile | undefined {
  if (bytes.length > longestPointer) return undefined;
  const [version, ...rest] = Buffer.from(bytes).toString("utf8").split("\n");
  if (
    !/^version https:\/\/(?:git-lfs\.github\.com\/spec|hawser\.github\.com\/spec)\/v1$/.test(
      version ?? "",
    )
  ) {
    return undefined;
  }
  const fields = new Map(
    rest.map((line) => {
      const space = line.indexOf(" ");
      return [line.slice(0, space), line.slice(space + 1)];
    }),
  );
  const digest = /^sha256:([0-9a-f]{64})$/.exec(fields.get("oid") ?? "")?.[1];
  const size = /^\d{1,16}$/.test(fields.get("size") ?? "")
    ? Number(fields.get("size"))
    : Number.NaN;
  return digest === undefined || !Number.isSafeInteger(size) ? undefined : { digest, size };
}
