/** Every place where a module may name the package, in whatever way. */
const mention = /["'`]flyte-webhook["'`]/g;
/** What a bundler writes for an import of names. */
const namedImport = /\bimport\s*\{([^{}]*)\}\s*from\s*["']flyte-webhook["']/g;

/**
 * The names that a bundled module imports from `flyte-webhook`. Undefined when it may be more than what
 * is named: when the package is imported whole or while the module runs, or when the text is there for
 * another reason.
 */
export function importedNames(module: string): ReadonlySet<string> | undefined {
  const imports = [...module.matchAll(namedImport)];
  if (imports.length < (module.match(mention) ?? []).length) return undefined;
  const names = imports.flatMap(([, list = ""]) => list.split(","));
  return new Set(
    names.map((name) => name.trim().replace(/\s+as\s.*$/s, "")).filter((name) => name !== ""),
  );
}
