/** The part of a content that an answer brings; both ends are part of it. */
export interface ContentRange {
  readonly first: number;
  readonly last: number;
  /** Undefined where the server does not know it. */
  readonly total: number | undefined;
}

const form = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i;

/** Reads a `Content-Range` of bytes; undefined for anything that is none. */
export function parseContentRange(text: string | null): ContentRange | undefined {
  const match = form.exec(text?.trim() ?? "");
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  const total = match[3] === "*" ? undefined : Number(match[3]);
  if (![first, last, total ?? 0].every(Number.isSafeInteger)) return undefined;
  if (first > last || (total !== undefined && last >= total)) return undefined;
  return { first, last, total };
}
