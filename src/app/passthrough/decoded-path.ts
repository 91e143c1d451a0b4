/**
 * The decoded path of a request target, without its query; undefined when it is not an absolute
 * path or not decodable. Only the target the socket delivered counts, no forwarded header.
 */
export function decodedPath(target: string): string | undefined {
  if (!target.startsWith("/")) return undefined;
  const end = target.indexOf("?");
  const path = end === -1 ? target : target.slice(0, end);
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined; // malformed percent-encoding: no path at all
  }
}
