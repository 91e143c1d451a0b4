import { type Document, LineCounter, parseDocument } from "yaml";
import { FlyteError } from "../../shared/errors.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import { type Settings, settingNames, settings } from "./settings.ts";

/** What a configuration file says. */
export interface ParsedConfig {
  readonly settings: Settings;
  /** One sentence for each key that looks like a mistyped one. */
  readonly notices: readonly string[];
  /** Whether it has a section of Flyte's at all. */
  readonly isFlyte: boolean;
}

/** Names the place of a position in the text, for example `, line 3`. */
type Locate = (node: { readonly range?: readonly number[] | null } | undefined) => string;

const knownKeys: readonly string[] = [
  ...settingNames.map((name) => settings[name].key),
  "local.persistence",
  "local.tracked",
  "local.tracked_strict",
];

const sections: ReadonlySet<string> = new Set(
  knownKeys.map((key) => key.slice(0, key.indexOf("."))),
);

/**
 * Reads the text of a configuration file. Keys of other programs and versions are left alone.
 *
 * @param path how errors name the file
 * @throws FlyteError `invalid_config` naming file, line and remedy
 */
export function parseConfig(text: string, path: string): ParsedConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw refuse(`${path}, line ${line}, column ${col}: not valid YAML (${broken.code}).`);
  }
  const root = toValue(document, path);
  if (root === null || root === undefined) return { settings: {}, notices: [], isFlyte: false };
  if (!isMap(root)) {
    throw refuse(`${path}: expected sections such as "admin:" and "task:" at the top.`);
  }
  const locate: Locate = (node) =>
    node?.range ? `, line ${lines.linePos(node.range[0] ?? 0).line}` : "";
  return {
    settings: readSettings(root, document, (node) => `${path}${locate(node)}`),
    notices: findTypos(root, path),
    isFlyte: Object.keys(root).some((section) => sections.has(section)),
  };
}

function refuse(message: string): FlyteError {
  return new FlyteError("invalid_config", `${message} Correct it, or name another file.`);
}

function toValue(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // Aliases without an anchor, or that multiply without bound, as an attack would have them.
    const reason = "its aliases are too many, or lead nowhere. Correct it, or name another file.";
    throw new FlyteError("invalid_config", `${path}: ${reason}`, { cause });
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readSettings(
  root: Readonly<Record<string, unknown>>,
  document: Document,
  locate: Locate,
): Settings {
  const found: Record<string, unknown> = {};
  for (const name of settingNames) {
    const { key, kind } = settings[name];
    const [section = "", field = ""] = key.split(".");
    const fields = Object.hasOwn(root, section) ? root[section] : undefined;
    if (!isMap(fields) || !Object.hasOwn(fields, field)) continue;
    const given = fields[field];
    if (given === null || given === "") continue;
    const value = kind.read(given);
    if (value === undefined) {
      // With `keepScalar` the path leads to a node, which knows its position.
      const node = document.getIn([section, field], true) as Parameters<Locate>[0];
      throw new FlyteError(
        "invalid_config",
        `${locate(node)}: ${key} is not valid: expected ${kind.expected}. Correct it or remove it.`,
      );
    }
    found[name] = value;
  }
  // Each value was made by the kind that the table names for it.
  return found as Settings;
}

function findTypos(root: Readonly<Record<string, unknown>>, path: string): readonly string[] {
  const notices: string[] = [];
  for (const [section, fields] of Object.entries(root)) {
    if (!isMap(fields)) continue;
    for (const field of Object.keys(fields)) {
      const key = `${section}.${field}`;
      const meant = knownKeys.includes(key) ? undefined : nearestKey(section, field);
      if (meant !== undefined) notices.push(`${path}: unknown key ${key}; did you mean ${meant}?`);
    }
  }
  return notices;
}

function nearestKey(section: string, field: string): string | undefined {
  const meant = sections.has(section) ? section : nearestName(section, sections);
  if (meant === undefined) return undefined;
  const fields = knownKeys
    .filter((key) => key.startsWith(`${meant}.`))
    .map((key) => key.slice(meant.length + 1));
  const nearest = nearestName(field, fields);
  return nearest && `${meant}.${nearest}`;
}
