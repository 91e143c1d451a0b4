import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  type ListAppsRequest,
  type ListAppsResponse,
  ListAppsResponseSchema,
} from "../../idl/app-calls.ts";
import type { App } from "../../idl/apps.ts";
import { ListRequestSchema } from "../../idl/identifiers.ts";
import { FlyteError } from "../../shared/errors.ts";
import { type Caller, callerKey } from "../auth/caller.ts";
import {
  type AppPlace,
  type AppSelection,
  appColumns,
  appScopes,
  selectApps,
} from "../store/app-lists.ts";
import { buildListQuery } from "../store/list-query.ts";
import type { Scope } from "../store/tasks.ts";
import { toApp } from "./app-message.ts";
import { printPlace, readOrder, readPlace } from "./app-pages.ts";
import { isStateFilter, toStateTest } from "./app-state-filters.ts";
import type { AppServiceOptions } from "./find-app.ts";
import { readableScopes, requireCaller } from "./scope.ts";

/** Apps that are read at once. */
const mostAtOnce = 200;

/**
 * `AppService.List`: the apps of a project and domain, or of all that the caller may read. A token is a
 * place in the order and not a count, so that apps which come and go move no other across pages.
 */
export function listApps(
  { request, filterBy }: ListAppsRequest,
  context: HandlerContext,
  options: AppServiceOptions,
): ListAppsResponse {
  const caller = requireCaller(context.values.get(callerKey));
  const filters = request?.filters ?? [];
  const order = readOrder(request);
  const isAsked = toStateTest(filters.filter(isStateFilter));
  const selection: AppSelection = {
    scopes: readableAppScopes(options, caller, filterBy),
    order,
    filters: buildListQuery({
      request: create(ListRequestSchema, {
        filters: filters.filter((filter) => !isStateFilter(filter)),
        rawFilters: request?.rawFilters ?? [],
      }),
      columns: appColumns,
      defaultOrder: "name",
      tieBreak: "id",
    }),
  };
  const limit = request?.limit || Number.POSITIVE_INFINITY;
  const after = readPlace(request?.token ?? "", order);
  const apps: App[] = [];
  let last: AppPlace | undefined;
  for (const { app, place } of appsBehind(options, selection, after, limit + 1)) {
    if (!isAsked(app)) continue;
    if (apps.length === limit) {
      const token = last === undefined ? "" : printPlace(last, order);
      return create(ListAppsResponseSchema, { apps, token });
    }
    apps.push(app);
    last = place;
  }
  return create(ListAppsResponseSchema, { apps });
}

function* appsBehind(
  options: AppServiceOptions,
  selection: AppSelection,
  after: AppPlace | undefined,
  wanted: number,
): Generator<{ readonly app: App; readonly place: AppPlace }, void, undefined> {
  const size = Math.min(wanted, mostAtOnce);
  for (let place = after; ; ) {
    const rows = selectApps(options.database, selection, place, size);
    for (const row of rows) {
      place = { value: row[selection.order.column], id: row.id };
      yield { app: toApp(options, row), place };
    }
    if (rows.length < size) return;
  }
}

/**
 * The scope that is named, or all scopes with apps that the caller may read. The devbox is one
 * organisation and one cluster.
 *
 * @throws FlyteError `permission_denied` for a named scope without the right
 */
export function readableAppScopes(
  { database, authorizer }: AppServiceOptions,
  caller: Caller,
  asked: ListAppsRequest["filterBy"],
): readonly Scope[] {
  if (asked.case === "clusterId") {
    throw new FlyteError("unimplemented", "The devbox has no clusters; name a project instead.");
  }
  const { name: project, domain } = asked.case === "project" ? asked.value : everywhere;
  return readableScopes(authorizer, caller, { project, domain }, () => appScopes(database));
}

const everywhere = { name: "", domain: "" };
