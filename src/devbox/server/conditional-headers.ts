/** An encoding of a body (RFC 9110, section 8.4.1); `identity` is the body as it is. */
export type Coding = "br" | "gzip" | "identity";

const qualityForm = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * The coding that `Accept-Encoding` prefers of those there are (RFC 9110, section 12.5.3); among those it
 * likes equally the first. Who takes none of them gets `identity`: better than nothing to read.
 *
 * @param available - the smallest first, without `identity`
 */
export function chooseCoding(header: string | undefined, available: readonly Coding[]): Coding {
  const accepted = readQualities(header ?? "");
  const qualityOf = (coding: Coding): number => accepted.get(coding) ?? accepted.get("*") ?? 0;
  // Not named, it is as good as any other coding that is not refused, and larger.
  const identity = accepted.get("identity") ?? 0;
  let best: Coding = "identity";
  let quality = identity;
  for (const coding of available) {
    const its = qualityOf(coding);
    if (its > quality || (its === quality && its > 0 && best === "identity")) {
      best = coding;
      quality = its;
    }
  }
  return best;
}

/** How much each named coding is liked, 0 to 1. What has no valid quality is left out. */
function readQualities(header: string): ReadonlyMap<string, number> {
  const qualities = new Map<string, number>();
  for (const part of header.toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim());
    if (name === "") continue;
    const quality = readQuality(parameters);
    if (quality !== undefined) qualities.set(name, quality);
  }
  return qualities;
}

function readQuality(parameters: readonly string[]): number | undefined {
  const [parameter, ...others] = parameters;
  if (parameter === undefined) return 1;
  const [, digits] = qualityForm.exec(parameter) ?? [];
  return digits === undefined || others.length > 0 ? undefined : Number(digits);
}

/** Whether `If-None-Match` names this tag, so that nothing has to be sent (RFC 9110, section 13.1.2). */
export function isUnchanged(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  // Tags of this server have no comma in them, so that those of others may be split.
  return header.split(",").some((given) => given.trim().replace(/^W\//, "") === etag);
}
