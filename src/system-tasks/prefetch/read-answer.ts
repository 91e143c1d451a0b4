import { parseContentRange } from "./content-range.ts";

/** What was asked for: the rest of a content from an offset on. */
export interface Asked {
  readonly offset: number;
  /** Bytes of the whole content. */
  readonly size: number;
  /** The tag of what is there already, where the server gave one. */
  readonly etag: string | undefined;
}

/** What to do with the body of an answer. */
export type Answered =
  /** It goes on where the part ends. */
  | { readonly kind: "append" }
  /** It begins at the beginning: the part is of no use. */
  | { readonly kind: "restart" }
  /** It is not of this content. */
  | { readonly kind: "useless"; readonly reason: string };

/** Decides about an answer with status 200, 206 or 416, by its headers alone. */
export function readAnswer(
  { status, headers }: Pick<Response, "status" | "headers">,
  { offset, size, etag }: Asked,
): Answered {
  if (status === 416) return offset > 0 ? { kind: "restart" } : useless("has no such part");
  if (status === 206) {
    const range = parseContentRange(headers.get("content-range"));
    if (range === undefined) return useless("does not say which part it is");
    if (range.total !== undefined && range.total !== size) {
      return useless(`is of ${range.total} bytes where ${size} are listed`);
    }
    if (range.first !== offset) return useless(`begins at ${range.first} and not at ${offset}`);
    const now = strongTag(headers);
    if (offset > 0 && etag !== undefined && now !== undefined && now !== etag) {
      return { kind: "restart" };
    }
    return { kind: "append" };
  }
  const length = headers.get("content-length");
  if (length !== null && headers.get("content-encoding") === null && Number(length) !== size) {
    return useless(`has ${length} bytes where ${size} are listed`);
  }
  return offset === 0 ? { kind: "append" } : { kind: "restart" };
}

function useless(reason: string): Answered {
  return { kind: "useless", reason };
}

/** Only strong tags say that all bytes are the same. */
export function strongTag(headers: Headers): string | undefined {
  const tag = headers.get("etag")?.trim();
  return tag !== undefined && /^"[\x21\x23-\x7e]{1,200}"$/.test(tag) ? tag : undefined;
}
