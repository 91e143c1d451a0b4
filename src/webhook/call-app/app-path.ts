/** Text that still decodes to something else after that is meant to deceive. */
const maxDecodings = 5;

/**
 * The rule that the path of a request to an app breaks, if any. A query may be part of it.
 *
 * Apps, and the proxies before them, decode and normalise paths each in their own way; a path that
 * one of them could read as another one is refused, not repaired.
 */
export function appPathFault(given: string): string | undefined {
  if (/[\p{Cc}\p{Cs}]/u.test(given)) return "must not hold control characters";
  if (given.includes("#")) return "must not hold a #; write %23 for one in a name";
  if (/^[/\\]{2}/.test(given)) return "must not begin with two slashes";
  const [path = ""] = given.split("?", 1);
  if (!isEncoded(path)) return "must be valid percent-encoding";
  let text = path;
  for (let decodings = 0; decodings <= maxDecodings; decodings += 1) {
    const fault = plainFault(text);
    if (fault !== undefined) return fault;
    const decoded = decodeAscii(text);
    if (decoded === text) return undefined;
    text = decoded;
  }
  return "must not be percent-encoded again and again";
}

function plainFault(path: string): string | undefined {
  if (path.includes("\\")) return "must not hold a backslash";
  if (/\p{Cc}/u.test(path)) return "must not hold control characters";
  // Some servers leave out what follows a semicolon, and spaces at the ends.
  const segments = path.split("/").map((segment) => segment.split(";", 1)[0]?.trim());
  return segments.some((segment) => segment === "." || segment === "..")
    ? "must not hold the segments . and .."
    : undefined;
}

function isEncoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Decodes what could have a meaning in a path, and leaves all else. */
function decodeAscii(text: string): string {
  return text.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
