import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type AppLogsService,
  type TailAppLogsRequest,
  type TailAppLogsResponse,
  TailAppLogsResponseSchema,
} from "../../idl/app-logs.ts";
import { LogLineOriginator } from "../../idl/logs.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { AppLine } from "../apps/app-runtime.ts";
import type { AppKey, AppRow } from "../store/apps.ts";
import { AppFollower } from "./app-follower.ts";
import { type AppServiceOptions, requireReadableApp } from "./find-app.ts";
import { required, requiredText } from "./scope.ts";

/** Lines in one message. */
const batchSize = 500;

/**
 * `flyteidl2.app.AppLogsService`: which replicas there are, what they have written, and what they write
 * until the client leaves or the app is deleted. A replica that starts meanwhile is announced.
 */
export function createAppLogsService(
  options: AppServiceOptions,
): ServiceImpl<typeof AppLogsService> {
  return { tailLogs: (request, context) => tailAppLogs(request, context, options) };
}

async function* tailAppLogs(
  { target }: TailAppLogsRequest,
  context: HandlerContext,
  options: AppServiceOptions,
): AsyncGenerator<TailAppLogsResponse, void, undefined> {
  const { row, replica } = readTarget(target, context, options);
  const { appRuntime } = options;
  await using follower = new AppFollower(appRuntime, row.id, replica, context.signal);
  for (let batch: readonly AppLine[] | undefined = []; batch !== undefined; ) {
    const replicas = follower.newReplicas();
    if (replicas !== undefined) yield toReplicas(row, replicas);
    for (let at = 0; at < batch.length; at += batchSize) {
      yield toBatches(row, batch.slice(at, at + batchSize));
    }
    batch = await follower.next();
  }
}

function readTarget(
  target: TailAppLogsRequest["target"],
  context: HandlerContext,
  options: AppServiceOptions,
): { readonly row: AppRow; readonly replica: string | undefined } {
  if (target.case !== "replicaId") {
    const row = requireReadableApp(options, target.value, "app_id", context);
    return { row, replica: undefined };
  }
  const { appId, name } = target.value;
  const replica = requiredText(name, "replica_id.name", 255);
  const row = requireReadableApp(
    options,
    required(appId, "replica_id.app_id"),
    "replica_id.app_id",
    context,
  );
  if (options.appRuntime.logs.replicas(row.id).includes(replica)) return { row, replica };
  throw new FlyteError(
    "not_found",
    `replica ${JSON.stringify(replica)} of app ${JSON.stringify(row.name)} has no log`,
  );
}

function toReplicas(app: AppKey, names: readonly string[]): TailAppLogsResponse {
  return create(TailAppLogsResponseSchema, {
    resp: {
      case: "replicas",
      value: { replicas: names.map((name) => ({ appId: toAppId(app), name })) },
    },
  });
}

/** The lines of a replica stay in their order. */
function toBatches(app: AppKey, lines: readonly AppLine[]): TailAppLogsResponse {
  const byReplica = new Map<string, AppLine[]>();
  for (const line of lines) {
    const others = byReplica.get(line.replica);
    if (others === undefined) byReplica.set(line.replica, [line]);
    else others.push(line);
  }
  const logs = [...byReplica].map(([name, its]) => ({
    replicaId: { appId: toAppId(app), name },
    structuredLines: its.map(({ time, message }) => ({
      timestamp: timestampFromDate(time),
      message,
      originator: LogLineOriginator.USER,
    })),
    // For clients from before there were structured lines.
    lines: its.map(({ message }) => message),
  }));
  return create(TailAppLogsResponseSchema, { resp: { case: "batches", value: { logs } } });
}

function toAppId({ project, domain, name }: AppKey): AppKey {
  return { project, domain, name };
}
