import type { App, AppWatchResponse } from "../../../../src/idl/apps.ts";

/** What became known of the apps of a scope. */
export type AppListChange =
  | { readonly kind: "all"; readonly apps: readonly App[] }
  | { readonly kind: "told"; readonly app: App }
  | { readonly kind: "deleted"; readonly name: string };

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

/** What an event of `AppService.Watch` tells. */
export function toChange({ event }: AppWatchResponse): AppListChange | undefined {
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
