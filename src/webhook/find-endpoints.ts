/** Something with an address: an endpoint, or a page of the documentation. */
export interface Addressed {
  readonly method: string;
  readonly path: string;
}

/** Splits first and decodes then, as the router does: a hidden slash parts nothing. */
function matches(template: string, path: string): boolean {
  const parts = template.split("/");
  const segments = path.split("/");
  return (
    parts.length === segments.length &&
    parts.every((part, index) => {
      const segment = segments[index] ?? "";
      return part.startsWith("{") ? segment !== "" : part === decode(segment);
    })
  );
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined; // malformed percent-encoding matches nothing
  }
}

/** All that answer at a request target's path, whatever the method. */
export function findByPath<Item extends Addressed>(
  target: string,
  all: readonly Item[],
): readonly Item[] {
  const path = target.split("?")[0] ?? "";
  return all.filter((item) => matches(item.path, path));
}

/** The target without the slash at the end of its path; undefined when there is none. */
export function withoutTrailingSlash(target: string): string | undefined {
  const [path = "", ...query] = target.split("?");
  if (path.length < 2 || !path.endsWith("/")) return undefined;
  return [path.slice(0, -1), ...query].join("?");
}
