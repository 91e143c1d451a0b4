import { FlyteError } from "../shared/errors.ts";
import { identifierFault } from "./path-parameters.ts";

/**
 * Decides on an identifier given as its segments, the outermost first: domain, project and name of
 * a task or an app; domain, project, task name and trigger name of a trigger.
 */
export type Matcher = (...segments: readonly string[]) => boolean;

const forms = {
  task: ["name", "project/name", "domain/project/name"],
  app: ["name", "project/name", "domain/project/name"],
  trigger: [
    "trigger_name",
    "task_name/trigger_name",
    "project/task_name/trigger_name",
    "domain/project/task_name/trigger_name",
  ],
} as const;

function parseEntry(kind: keyof typeof forms, entry: unknown): readonly string[] {
  const refuse = (rule: string): never => {
    throw new FlyteError(
      "invalid_config",
      `The ${kind} allowlist entry ${JSON.stringify(entry)} ${rule}. Write ${forms[kind].join(", ")}.`,
    );
  };
  if (typeof entry !== "string") return refuse("is not a text");
  const segments = entry.split("/");
  if (segments.length > forms[kind].length) return refuse("has too many slashes");
  for (const segment of segments) {
    const fault = identifierFault(segment);
    if (fault !== undefined) return refuse(`has a part that ${fault}`);
  }
  return segments;
}

/**
 * Compiles an allowlist. Without one everything is allowed; an empty one allows nothing.
 *
 * An entry has as many segments as its author cared to give: the last is the name, and an entry
 * matches when its segments equal the last ones of the identifier. Comparison is exact, segment by
 * segment, so no value with a slash in it can stand for two segments.
 *
 * @throws FlyteError `invalid_config` for an entry with too many slashes, an empty segment or a
 * character that no identifier may have
 */
export function compileAllowlist(
  kind: keyof typeof forms,
  entries: readonly string[] | undefined,
): Matcher {
  if (entries === undefined) return () => true;
  const byName = new Map<string, (readonly string[])[]>();
  for (const entry of entries) {
    const segments = parseEntry(kind, entry);
    const name = segments.at(-1) ?? "";
    byName.set(name, [...(byName.get(name) ?? []), segments]);
  }
  const depth = forms[kind].length;
  return (...identifier) => {
    if (identifier.length !== depth) return false;
    const candidates = byName.get(identifier.at(-1) ?? "") ?? [];
    return candidates.some((segments) =>
      segments.every((segment, index) => segment === identifier[depth - segments.length + index]),
    );
  };
}

/** The last segments of an allowlist: the names of what it may allow. Undefined where everything is allowed. */
export function allowedNames(
  entries: readonly string[] | undefined,
): readonly string[] | undefined {
  if (entries === undefined) return undefined;
  return [...new Set(entries.map((entry) => entry.slice(entry.lastIndexOf("/") + 1)))];
}
