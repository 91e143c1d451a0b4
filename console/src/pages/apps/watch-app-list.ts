import { apps } from "../../control-plane/clients.ts";
import type { Scope } from "../../scope.ts";
import { type AppListChange, toChange } from "./app-list.ts";

/**
 * All apps of a project and domain, then each change. The list is read beside the stream, which does not
 * say when it has told all there are, nor that there are none.
 */
export async function* watchAppList(
  { project, domain }: Scope,
  signal: AbortSignal,
): AsyncGenerator<AppListChange, void, undefined> {
  const value = { name: project, domain };
  const changes = apps.watch({ target: { case: "project", value } }, { signal });
  const stream = changes[Symbol.asyncIterator]();
  // Opened before the list is read, so that no change falls between.
  const first = stream.next();
  first.catch(() => undefined);
  const { apps: all } = await apps.list({ filterBy: { case: "project", value } }, { signal });
  yield { kind: "all", apps: all };
  for (let next = await first; next.done !== true; next = await stream.next()) {
    const change = toChange(next.value);
    if (change !== undefined) yield change;
  }
}
