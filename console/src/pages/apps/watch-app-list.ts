import type { App, AppWatchResponse } from "../../../../src/idl/apps.ts";
import { apps } from "../../control-plane/clients.ts";
import type { Scope } from "../../scope.ts";

/** What became known of the apps of a scope. */
export type AppListChange =
  | { readonly kind: "all"; readonly apps: readonly App[] }
  | { readonly kind: "told"; readonly app: App }
  | { readonly kind: "deleted"; readonly name: string };

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

function toChange({ event }: AppWatchResponse): AppListChange | undefined {
  switch (event.case) {
    case "createEvent":
      return event.value.app && { kind: "told", app: event.value.app };
    case "updateEvent":
      return event.value.updatedApp && { kind: "told", app: event.value.updatedApp };
    case "deleteEvent":
      return { kind: "deleted", name: toAppName(event.value.app) };
    default:
      return undefined;
  }
}

export function toAppName(app: App | undefined): string {
  return app?.metadata?.id?.name ?? "";
}

/** The apps by name after a change. */
export function applyChange(
  before: ReadonlyMap<string, App> | undefined,
  change: AppListChange,
): ReadonlyMap<string, App> {
  if (change.kind === "all") return new Map(change.apps.map((app) => [toAppName(app), app]));
  const after = new Map(before);
  if (change.kind === "deleted") after.delete(change.name);
  else after.set(toAppName(change.app), change.app);
  return after;
}
