import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  CreateAppResponseSchema,
  DeleteAppResponseSchema,
  type GetAppRequest,
  GetAppResponseSchema,
  UpdateAppResponseSchema,
} from "../../idl/app-calls.ts";
import type { AppService } from "../../idl/apps.ts";
import { FlyteError } from "../../shared/errors.ts";
import { callerKey } from "../auth/caller.ts";
import { type AppRow, findAppById } from "../store/apps.ts";
import { createAppChanges } from "./app-changes.ts";
import { listApps } from "./app-lists.ts";
import { toApp } from "./app-message.ts";
import { watchApps } from "./app-watch.ts";
import { type AppServiceOptions, readAppId, requireReadableApp } from "./find-app.ts";
import { requireCaller } from "./scope.ts";

/** `flyteidl2.app.AppService`. Leases and reports of state are for clusters, and stay unimplemented. */
export function createAppService(
  options: AppServiceOptions,
): Partial<ServiceImpl<typeof AppService>> {
  const changes = createAppChanges(options);
  return {
    create: async ({ app }, context) => {
      const row = await changes.create(app, context.values.get(callerKey));
      return create(CreateAppResponseSchema, { app: toApp(options, row) });
    },
    get: ({ identifier }, context) => {
      const row = findAskedApp(options, identifier, context);
      return create(GetAppResponseSchema, { app: toApp(options, row) });
    },
    update: async ({ app, reason }, context) => {
      const row = await changes.update(app, reason, context.values.get(callerKey));
      return create(UpdateAppResponseSchema, { app: toApp(options, row) });
    },
    delete: async ({ appId }, context) => {
      await changes.delete(readAppId(appId, "app_id"), context.values.get(callerKey));
      return create(DeleteAppResponseSchema);
    },
    list: (request, context) => listApps(request, context, options),
    watch: (request, context) => watchApps(request, context, options),
  };
}

function findAskedApp(
  options: AppServiceOptions,
  identifier: GetAppRequest["identifier"],
  context: HandlerContext,
): AppRow {
  if (identifier.case === "ingress") {
    return findAppByAddress(options, identifier.value.publicUrl, context);
  }
  return requireReadableApp(options, identifier.value, "app_id", context);
}

/** Strangers are not told which addresses there are. */
function findAppByAddress(
  { database, authorizer, routes }: AppServiceOptions,
  address: string,
  context: HandlerContext,
): AppRow {
  const caller = requireCaller(context.values.get(callerKey));
  const host = URL.canParse(address) ? new URL(address).hostname : "";
  const routed = routes.find(host);
  const row = routed && findAppById(database, routed.id);
  if (row !== undefined && authorizer.allows(caller, "read", row)) return row;
  throw new FlyteError(
    "not_found",
    `no app has the address ${JSON.stringify(address.slice(0, 300))}`,
  );
}
