import type { MessageInitShape } from "@bufbuild/protobuf";
import { AppService } from "../idl/apps.ts";
import {
  Filter_Function,
  type FilterSchema,
  Sort_Direction,
  type SortSchema,
} from "../idl/identifiers.ts";
import type { AppStatus, ListAppsOptions } from "./app-calls.ts";
import { toAppStatus } from "./app-status.ts";
import { type CallContext, withTimeLimit } from "./call-context.ts";
import type { Scope } from "./control-plane.ts";
import { checkListLimit, type Page, type PageAsked } from "./list-pages.ts";
import { type Session, toProjectId } from "./session.ts";

const pageSize = 100;

/** The apps of a project and domain, as many as are asked for. */
export async function* listApps(
  session: Session,
  scope: Scope,
  options: ListAppsOptions,
  call: CallContext,
): AsyncGenerator<AppStatus, void, undefined> {
  const { timeoutMs } = session.options;
  let left = checkListLimit(options.limit);
  let token = "";
  do {
    const listing = { scope, options, limit: Math.min(pageSize, left), token };
    const page = await readAppPage(session, listing, withTimeLimit(call, timeoutMs));
    for (const app of page.items) {
      yield app;
      left -= 1;
      if (left === 0) return;
    }
    // A token that stands still would be followed for ever.
    if (page.token === token || page.told === 0) return;
    token = page.token;
  } while (token !== "");
}

interface AppListing extends PageAsked {
  readonly scope: Scope;
  readonly options: ListAppsOptions;
}

/** One page of the apps of a project and domain. */
export async function readAppPage(
  session: Session,
  { scope, options, limit, token }: AppListing,
  call: CallContext,
): Promise<Page<AppStatus> & { /** How many there were before the filters. */ told: number }> {
  const { org, consoleUrl } = session.options;
  const asked = { ...scope, org, name: "", consoleUrl };
  const page = await session.channel.unary(
    AppService.method.list,
    {
      filterBy: { case: "project", value: toProjectId(session, scope) },
      request: { limit, token, sortBy: toSort(options), filters: toFilters(options) },
    },
    call,
  );
  const apps = page.apps.map((app) => toAppStatus(app, asked));
  const items = apps.filter((app) => matches(app, options));
  return { items, token: page.token, told: apps.length };
}

function toSort({ sort }: ListAppsOptions): MessageInitShape<typeof SortSchema> {
  const { by, order } = sort ?? { by: "created_at", order: "descending" };
  const direction = order === "ascending" ? Sort_Direction.ASCENDING : Sort_Direction.DESCENDING;
  return { key: by, direction };
}

function toFilters({ phases, creator }: ListAppsOptions): MessageInitShape<typeof FilterSchema>[] {
  const filters = [];
  if (phases !== undefined) {
    // By the names of the statuses, not their numbers.
    const values = phases.map((phase) => `DEPLOYMENT_STATUS_${phase.toUpperCase()}`);
    const { EQUAL, VALUE_IN } = Filter_Function;
    filters.push({
      function: values.length === 1 ? EQUAL : VALUE_IN,
      field: "status_phase",
      values,
    });
  }
  if (creator !== undefined) {
    filters.push({ function: Filter_Function.EQUAL, field: "created_by", values: [creator] });
  }
  return filters;
}

/** Not all control planes heed the filters. */
function matches({ phase, creator }: AppStatus, wanted: ListAppsOptions): boolean {
  if (wanted.phases !== undefined && !wanted.phases.includes(phase)) return false;
  return wanted.creator === undefined || creator === undefined || creator === wanted.creator;
}
