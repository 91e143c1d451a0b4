import { AppEnvironment } from "../environment/app-environment.ts";
import { invalidConfig, show } from "../environment/invalid-config.ts";

/**
 * The environments and all they depend on, each once and after its dependencies.
 *
 * @throws FlyteError `invalid_config` for dependencies in a circle, and for two apps of one name
 */
export function servingOrder(roots: readonly AppEnvironment[]): readonly AppEnvironment[] {
  const order = new Map<string, AppEnvironment>();
  const visit = (env: AppEnvironment, path: readonly AppEnvironment[]): void => {
    assertEnvironment(env);
    if (path.includes(env)) {
      const circle = [...path.slice(path.indexOf(env)), env].map(({ name }) => name);
      throw invalidConfig(`The apps depend on each other in a circle: ${circle.join(" → ")}.`);
    }
    const known = order.get(env.name);
    if (known === env) return;
    if (known !== undefined) {
      throw invalidConfig(`There are two apps named "${env.name}". Rename one with cloneWith.`);
    }
    for (const dependency of env.dependsOn) visit(dependency, [...path, env]);
    order.set(env.name, env);
  };
  for (const root of roots) visit(root, []);
  return [...order.values()];
}

function assertEnvironment(value: unknown): void {
  if (value instanceof AppEnvironment) return;
  throw invalidConfig(`serve takes an app environment, or a list of them, not ${show(value)}.`);
}
