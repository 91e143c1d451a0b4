import { clone, create, fromBinary } from "@bufbuild/protobuf";
import {
  type App,
  AppIdentifierSchema,
  AppMetaSchema,
  AppSchema,
  type Spec,
  Spec_DesiredState,
} from "../../idl/apps.ts";
import type { AppKey, AppRow } from "../store/apps.ts";
import { toAppStatus } from "./app-status.ts";
import { toDeterministicBytes } from "./deterministic-bytes.ts";
import type { AppServiceOptions } from "./find-app.ts";

/** A stored app as it is told, with how it is doing. */
export function toApp(options: AppServiceOptions, row: AppRow): App {
  const app = toWantedApp(row);
  const desired = app.spec?.desiredState ?? Spec_DesiredState.UNSPECIFIED;
  app.status = toAppStatus(options, row, desired, options.appRuntime.state(row.id));
  return app;
}

/** A stored app without how it is doing. */
export function toWantedApp(row: AppRow): App {
  const app = fromBinary(AppSchema, row.app);
  if (app.metadata !== undefined) app.metadata.revision = BigInt(row.revision);
  return app;
}

/**
 * The bytes of an app as it is stored: with the fields that this version does not know, without what
 * the control plane itself tells of it. Equal for equal wishes.
 */
export function toStoredApp(app: App, key: AppKey, creator: Spec["creator"]): Uint8Array {
  const stored = clone(AppSchema, app);
  stored.metadata ??= create(AppMetaSchema);
  stored.metadata.id = create(AppIdentifierSchema, { ...key });
  stored.metadata.revision = 0n;
  delete stored.status;
  if (stored.spec !== undefined) {
    if (creator === undefined) delete stored.spec.creator;
    else stored.spec.creator = creator;
  }
  return toDeterministicBytes(AppSchema, stored);
}

/** Whether two stored apps differ in nothing but their desired state. */
export function isOnlySwitched(before: Uint8Array, after: Uint8Array): boolean {
  const [left, right] = [before, after].map((bytes) => {
    const app = fromBinary(AppSchema, bytes);
    if (app.spec !== undefined) app.spec.desiredState = Spec_DesiredState.UNSPECIFIED;
    return toDeterministicBytes(AppSchema, app);
  });
  return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0;
}
