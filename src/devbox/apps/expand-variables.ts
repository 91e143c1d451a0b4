const REFERENCE = /\$(?:\$|\(([^)]*)\))/g;

/**
 * Replaces `$(NAME)` by a variable's value, as Kubernetes does in a container's command, args and
 * env: `$$` stands for one `$`, so `$$(NAME)` is not a reference; names that are unknown stay as they
 * are; what was put in is not looked at again.
 *
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function expandVariables(text: string, values: ReadonlyMap<string, string>): string {
  if (!text.includes("$")) return text;
  return text.replace(REFERENCE, (whole, name?: string) => {
    if (name === undefined) return "$";
    return values.get(name) ?? whole;
  });
}

/**
 * Adds variables to others, in order. A value may refer to those before it. A name that comes again
 * gets its last value.
 */
export function addVariables(
  values: Map<string, string>,
  added: Iterable<readonly [name: string, value: string]>,
): void {
  for (const [name, value] of added) values.set(name, expandVariables(value, values));
}
