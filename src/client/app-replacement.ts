import { clone, equals } from "@bufbuild/protobuf";
import { type App, AppSchema, type Spec, Spec_DesiredState, SpecSchema } from "../idl/apps.ts";
import { readCodeBundleUri } from "../values/app-fields.ts";

/**
 * What an app that exists is to be replaced with, by a new description of it: its creator, its
 * address and its labels stay where the new one has none. Undefined when it is so already.
 */
export function toReplacement(existing: App, wanted: App): App | undefined {
  const next = clone(AppSchema, wanted);
  const { spec, metadata } = next;
  if (spec === undefined || metadata === undefined) return next;
  const { spec: oldSpec, metadata: oldMetadata, status } = clone(AppSchema, existing);
  if (oldSpec?.creator !== undefined) spec.creator = oldSpec.creator;
  if (oldSpec?.ingress !== undefined && !namesAddress(spec)) spec.ingress = oldSpec.ingress;
  if (oldMetadata !== undefined) {
    metadata.revision = oldMetadata.revision;
    if (oldMetadata.id !== undefined) metadata.id = oldMetadata.id;
    if (Object.keys(metadata.labels).length === 0) metadata.labels = oldMetadata.labels;
  }
  if (status !== undefined) next.status = status;
  return isSame(existing, next) ? undefined : next;
}

function namesAddress({ ingress }: Spec): boolean {
  return ingress !== undefined && (ingress.subdomain !== "" || ingress.cname !== "");
}

/** Fields that this version does not know do not count: control planes of a later one fill them in. */
function isSame({ metadata, spec }: App, next: App): boolean {
  if (metadata === undefined || next.metadata === undefined) return false;
  if (spec === undefined || next.spec === undefined) return false;
  const bundle = readCodeBundleUri(metadata);
  return (
    equals(SpecSchema, toComparable(spec), toComparable(next.spec)) &&
    isSameRecord(metadata.labels, next.metadata.labels) &&
    // Not all control planes keep it; the arguments of the app name it too.
    (bundle === undefined || bundle === readCodeBundleUri(next.metadata))
  );
}

/** STARTED is the older name of ACTIVE, which activating an app leaves behind. */
function toComparable(spec: Spec): Spec {
  if (spec.desiredState !== Spec_DesiredState.STARTED) return spec;
  return { ...spec, desiredState: Spec_DesiredState.ACTIVE };
}

function isSameRecord(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  );
}
