import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { App, Condition } from "../idl/apps.ts";
import { SourceCodeSchema } from "../idl/tasks.ts";
import {
  readUnknownBytes,
  readUnknownNumber,
  readUnknownText,
  writeUnknownBytes,
  writeUnknownNumber,
  writeUnknownText,
} from "./unknown-fields.ts";

/*
 * Fields of `flyteidl2.app` that came after the IDL package this project is built with. Messages
 * carry them as unknown fields.
 * https://github.com/flyteorg/flyte/blob/master/flyteidl2/app/app_definition.proto
 */

type Meta = NonNullable<App["metadata"]>;

const codeBundleUri = 4;
const sourceCode = 5;
const substate = 6;

/** `flyteidl2.app.Status.Substate` in lower case, at the index of its number. */
export const substateNames = [
  "unspecified",
  "pulling_image",
  "initializing",
  "webhook_error",
  "image_pull_error",
  "secret_mount_error",
  "crash_loop",
  "oom_killed",
  "running",
  "scaled_to_zero",
  "scaling_from_zero",
  "scaling_up",
  "scaling_down",
] as const;

/** A name of a `flyteidl2.app.Status.Substate`. */
export type SubstateName = (typeof substateNames)[number];

/** `Meta.code_bundle_uri`: where the app's code lies. Undefined when it is not told. */
export function readCodeBundleUri(meta: Meta): string | undefined {
  return readUnknownText(meta, codeBundleUri) || undefined;
}

export function writeCodeBundleUri(meta: Meta, uri: string): Meta {
  return writeUnknownText(meta, codeBundleUri, uri);
}

/** `Meta.source_code.link`: where the app's sources can be seen. Undefined when it is not told. */
export function readSourceLink(meta: Meta): string | undefined {
  const bytes = readUnknownBytes(meta, sourceCode);
  if (bytes === undefined) return undefined;
  return fromBinary(SourceCodeSchema, bytes).link || undefined;
}

export function writeSourceLink(meta: Meta, link: string): Meta {
  const message = create(SourceCodeSchema, { link });
  return writeUnknownBytes(meta, sourceCode, toBinary(SourceCodeSchema, message));
}

/** `Condition.substate`; `unspecified` for one this version does not know. */
export function readSubstate(condition: Condition): SubstateName {
  return substateNames[readUnknownNumber(condition, substate)] ?? "unspecified";
}

/** Gives a condition its `substate`, by number. */
export function writeSubstate(condition: Condition, value: number): Condition {
  return writeUnknownNumber(condition, substate, value);
}
