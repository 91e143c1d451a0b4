import type { HandlerContext } from "@connectrpc/connect";
import type { AppIdentifier } from "../../idl/apps.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { AppRoutes } from "../apps/app-routes.ts";
import type { AppRuntime } from "../apps/app-runtime.ts";
import { type Authorizer, callerKey } from "../auth/caller.ts";
import { type AppKey, type AppRow, findApp } from "../store/apps.ts";
import type { Database } from "../store/database.ts";
import { required, requiredText } from "./scope.ts";

/** What the services of apps work on. */
export interface AppServiceOptions {
  readonly database: Database;
  readonly authorizer: Authorizer;
  readonly appRuntime: AppRuntime;
  readonly routes: AppRoutes;
}

/** An app's identity without the organisation, which is not kept. @throws FlyteError `invalid_input` */
export function readAppId(id: AppIdentifier | undefined, path: string): AppKey {
  const { project, domain, name } = required(id, path);
  return {
    project: requiredText(project, `${path}.project`, 63),
    domain: requiredText(domain, `${path}.domain`, 63),
    name: requiredText(name, `${path}.name`, 63),
  };
}

/**
 * A stored app that the caller may read.
 *
 * @throws FlyteError `invalid_input` for an incomplete id, `permission_denied`, `not_found`
 */
export function requireReadableApp(
  { database, authorizer }: AppServiceOptions,
  id: AppIdentifier | undefined,
  path: string,
  context: HandlerContext,
): AppRow {
  const key = readAppId(id, path);
  authorizer.require(context.values.get(callerKey), "read", key);
  return findApp(database, key) ?? appNotFound(key);
}

export function appNotFound({ project, domain, name }: AppKey): never {
  throw new FlyteError(
    "not_found",
    `app ${JSON.stringify(name)} not found in ${JSON.stringify(`${project}/${domain}`)}`,
  );
}
