/**
 * The exports of a package that was imported when it was needed. Those of CommonJS packages are members of `default`
 * alone in a bundle, and elsewhere where Node.js does not find their names.
 *
 * @param name one of them
 */
export function exportsOf<Module extends object>(imported: Module, name: keyof Module): Module {
  if (name in imported) return imported;
  return (imported as { readonly default: Module }).default;
}
