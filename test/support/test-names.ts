import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** A test as its file declares it; `%s` and `${…}` in a part stand for what is not written there. */
export interface DeclaredTest {
  /** Names of the describes around it and its own, outermost first. */
  readonly path: readonly string[];
}

const declaration =
  /^( *)(describe|test)(?:\.concurrent)?(?:\.(?:each|skipIf|runIf)\b[\s\S]*?\)\(|\()\s*("(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)/gm;

/**
 * Every test of a formatted source, in its order. A test lies in the describes that are indented
 * less; `test.skip` and `test.todo` are none, nor is what stands in a comment.
 */
export function declaredTests(source: string): readonly DeclaredTest[] {
  const tests: DeclaredTest[] = [];
  const around: { readonly indent: number; readonly name: string }[] = [];
  for (const [, spaces = "", kind, literal = ""] of source.matchAll(declaration)) {
    while ((around.at(-1)?.indent ?? -1) >= spaces.length) around.pop();
    const name = unquote(literal);
    if (kind === "describe") around.push({ indent: spaces.length, name });
    else tests.push({ path: [...around.map((part) => part.name), name] });
  }
  return tests;
}

function unquote(literal: string): string {
  return literal.slice(1, -1).replaceAll(/\\(.)/g, "$1");
}

const placeholder = /\$\{[^}]*\}|%[sdifjoO#]/g;

/**
 * What stands for the placeholders of a declared name in a given one, nothing when it is given as
 * it is declared; undefined when the two are not the same name.
 */
export function readName(declared: string, given: string): readonly string[] | undefined {
  if (declared === given) return [];
  const written = [...declared.matchAll(placeholder)].map(
    ([text]) => alternatives(text) ?? "(.+?)",
  );
  const fixed = declared.split(placeholder).map(escapePattern);
  const pattern = fixed.map((text, index) => text + (written[index] ?? "")).join("");
  return new RegExp(`^${pattern}$`).exec(given)?.slice(1);
}

/** The two texts of `${… ? "one" : "other"}`. */
function alternatives(text: string): string | undefined {
  const [, one, other] = /\? "([^"]*)" : "([^"]*)"\}$/.exec(text) ?? [];
  if (one === undefined || other === undefined) return undefined;
  return `(?:${escapePattern(one)}|${escapePattern(other)})`;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** The text of a file and of all it imports by a relative path, directly or not. */
export function textsOf(
  file: string,
  texts: Map<string, string> = new Map(),
): ReadonlyMap<string, string> {
  if (texts.has(file) || !existsSync(file)) return texts;
  const text = readFileSync(file, "utf8");
  texts.set(file, text);
  for (const [, specifier = ""] of text.matchAll(/\bfrom\s*"(\.[^"]+\.ts)"/g)) {
    textsOf(resolve(dirname(file), specifier), texts);
  }
  return texts;
}
