import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { WatchAppsRequest } from "../../idl/app-calls.ts";
import { type App, type AppWatchResponse, AppWatchResponseSchema } from "../../idl/apps.ts";
import { callerKey } from "../auth/caller.ts";
import { type AppSelection, selectApps } from "../store/app-lists.ts";
import { type AppRow, findApp, findAppById } from "../store/apps.ts";
import type { Scope } from "../store/tasks.ts";
import { AppFeed } from "./app-feed.ts";
import { readableAppScopes } from "./app-lists.ts";
import { toApp, toWantedApp } from "./app-message.ts";
import { type AppServiceOptions, requireReadableApp } from "./find-app.ts";
import { requireCaller } from "./scope.ts";

/**
 * `AppService.Watch`: every app there is as created and, since clients wait for those alone, as updated;
 * then each change. A reader that is slow is told the present state and not each one before. Never ends
 * by itself: an app that was deleted may be made anew.
 *
 * @throws FlyteError `not_found` when a single app is not there at the beginning
 */
export async function* watchApps(
  { target }: WatchAppsRequest,
  context: HandlerContext,
  options: AppServiceOptions,
): AsyncGenerator<AppWatchResponse, void, undefined> {
  const { database } = options;
  const { concerns, readRows } = readTarget(target, context, options);
  // Listens before it reads, so that no change falls between.
  using feed = new AppFeed(options.appRuntime, concerns, context.signal);
  const known = new Set<number>();
  for (let told = readRows(); ; told = await feed.next()) {
    for (const last of told) {
      const row = findAppById(database, last.id);
      if (row === undefined) {
        if (known.delete(last.id)) yield toEvent("deleteEvent", toWantedApp(last));
        continue;
      }
      if (!known.has(row.id)) {
        known.add(row.id);
        yield toEvent("createEvent", toApp(options, row));
      }
      yield toUpdate(toApp(options, row));
    }
  }
}

/** Which apps are watched, and those that are there. */
interface WatchedApps {
  readonly concerns: (row: AppRow) => boolean;
  readonly readRows: () => readonly AppRow[];
}

function readTarget(
  target: WatchAppsRequest["target"],
  context: HandlerContext,
  options: AppServiceOptions,
): WatchedApps {
  if (target.case === "appId") {
    const { project, domain, name } = requireReadableApp(options, target.value, "app_id", context);
    return {
      concerns: (row) => row.name === name && row.project === project && row.domain === domain,
      readRows: () =>
        [findApp(options.database, { project, domain, name })].flatMap((row) => row ?? []),
    };
  }
  const caller = requireCaller(context.values.get(callerKey));
  const scopes = readableAppScopes(options, caller, target);
  const asked = target.case === "project" ? target.value : { name: "", domain: "" };
  return {
    concerns: (row) =>
      (asked.name === "" || row.project === asked.name) &&
      (asked.domain === "" || row.domain === asked.domain) &&
      options.authorizer.allows(caller, "read", row),
    readRows: () => selectApps(options.database, everything(scopes), undefined, noLimit),
  };
}

/** SQLite takes a negative limit for none. */
const noLimit = -1;

function everything(scopes: readonly Scope[]): AppSelection {
  return {
    scopes,
    filters: { where: "1", parameters: [] },
    order: { column: "name", isDescending: false },
  };
}

function toEvent(kind: "createEvent" | "deleteEvent", app: App): AppWatchResponse {
  return create(AppWatchResponseSchema, { event: { case: kind, value: { app } } });
}

function toUpdate(updatedApp: App): AppWatchResponse {
  return create(AppWatchResponseSchema, { event: { case: "updateEvent", value: { updatedApp } } });
}
