import { FlyteError } from "../../shared/errors.ts";

/** What makes up a segment: no separator, nothing that URIs and file systems read differently. */
const safeSegment = /^[A-Za-z0-9._@+=,~-]{1,255}$/;

/**
 * The segments of a blob's path below the store's root.
 *
 * @throws FlyteError `invalid_input` for a URI of another store, or one with a segment that is
 * empty, `.`, `..`, longer than 255 characters or made of other characters than
 * `A-Z a-z 0-9 . _ @ + = , ~ -`
 */
export function parseBlobUri(root: string, uri: string): readonly string[] {
  const prefix = `${root}/`;
  if (!uri.startsWith(prefix)) {
    throw new FlyteError("invalid_input", `${quote(uri)} is not below ${prefix}.`);
  }
  const segments = uri.slice(prefix.length).split("/");
  const bad = segments.find((segment) => !isBlobSegment(segment));
  if (bad !== undefined) {
    throw new FlyteError("invalid_input", `${quote(bad)} is not allowed in a path of the store.`);
  }
  return segments;
}

/** Whether the text can be one segment of a path in the store. */
export function isBlobSegment(text: string): boolean {
  return safeSegment.test(text) && text !== "." && text !== "..";
}

/** The name with each character the store does not take replaced by `_`. */
export function toBlobSegment(name: string): string {
  const cleaned = name.replace(/[^A-Za-z0-9._@+=,~-]/g, "_").slice(-255);
  return cleaned === "" || cleaned === "." || cleaned === ".." ? "_" : cleaned;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
