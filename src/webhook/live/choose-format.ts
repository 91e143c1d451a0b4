import type { Problem } from "../problem.ts";
import type { LiveFormat } from "./live-format.ts";

/** One media range of an `Accept` header. */
interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

const range = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)\s*((?:;[^;]*)*)$/i;
const quality = /^\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*$/i;

/**
 * The media ranges of an `Accept` header (RFC 9110, 12.5.1). What is none is passed over, and so are parameters but the
 * quality; no media type here has any that count.
 */
function readAccept(header: string): readonly MediaRange[] {
  return header.split(",").flatMap((element) => {
    const [, type, parameters = ""] = range.exec(element) ?? [];
    if (type === undefined) return [];
    const [, q = "1"] =
      parameters
        .split(";")
        .map((parameter) => quality.exec(parameter))
        .find((found) => found !== null) ?? [];
    return [{ type: type.toLowerCase(), quality: Number(q) }];
  });
}

/** How well a media type is liked: the most specific range decides (RFC 9110, 12.5.1). */
function qualityOf(mediaType: string, ranges: readonly MediaRange[]): number {
  const [main] = mediaType.split("/");
  for (const type of [mediaType, `${main}/*`, "*/*"]) {
    const found = ranges.filter((one) => one.type === type);
    if (found.length > 0) return Math.max(...found.map((one) => one.quality));
  }
  return 0;
}

/**
 * The format that is asked for: by its name, else by `Accept`. The first of those offered is for readers who
 * say nothing, and for whom all are alike.
 */
export function chooseFormat(
  offered: readonly LiveFormat[],
  asked: { readonly name: string | undefined; readonly accept: string | undefined },
): { readonly format: LiveFormat } | { readonly problem: Problem } {
  const names = offered.map(({ name }) => name).join(", ");
  if (asked.name !== undefined) {
    const format = offered.find(({ name }) => name === asked.name);
    if (format !== undefined) return { format };
    const fault = { path: ["query", "format"], message: `is none of: ${names}` };
    const detail = `query.format ${fault.message}`;
    return { problem: { code: "invalid_request", detail, faults: [fault] } };
  }
  const [first] = offered;
  const ranges = readAccept(asked.accept ?? "");
  if (ranges.length === 0 && first !== undefined) return { format: first };
  const liked = offered
    .map((format) => ({ format, quality: qualityOf(format.mediaType, ranges) }))
    .filter((one) => one.quality > 0)
    .sort((left, right) => right.quality - left.quality);
  const best = liked[0];
  if (best !== undefined) return { format: best.format };
  const types = offered.map(({ mediaType }) => mediaType).join(", ");
  const detail = `The accept header fits none of what is offered here: ${types}. Send one of them, */*, or ?format= with one of ${names}.`;
  return { problem: { code: "not_acceptable", detail } };
}
