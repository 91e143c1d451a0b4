import { type CallContext, startCall } from "./call-context.ts";
import type { Scope } from "./control-plane.ts";
import { findEarlierRun } from "./create-once.ts";
import { startImageBuild } from "./image-builder.ts";
import type { BuildOptions, ImageCalls, ImagePlan, ImageSpec } from "./image-calls.ts";
import { checkImage } from "./image-faults.ts";
import { findImage } from "./image-lookup.ts";
import { type LoadedImage, loadImage } from "./image-sources.ts";
import { isBaseImage, toImageId, toImageName } from "./image-tag.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";
import type { TaskCache } from "./task-cache.ts";

/** The calls about images. */
export function createImageCalls(session: Session, cache: TaskCache): ImageCalls {
  return {
    async build(spec, options = {}) {
      const call = startCall(options, session.options.timeoutMs);
      const { image, scope, force, found } = await prepareBuild(session, spec, options, call);
      const { name, uri, existing } = found;
      if (existing !== undefined) return { name, uri, run: { ...existing, existed: true } };
      if (uri !== undefined) return { name, uri, run: undefined };
      const run = await startImageBuild(session, cache, { image, scope, force, options }, call);
      return { name, uri, run };
    },

    async plan(spec, options = {}) {
      const call = startCall(options, session.options.timeoutMs);
      return (await prepareBuild(session, spec, options, call)).found;
    },
  };
}

/** An image that is checked, and looked for. */
interface PreparedBuild {
  readonly image: LoadedImage;
  readonly scope: Scope;
  readonly force: boolean;
  readonly found: ImagePlan;
}

async function prepareBuild(
  session: Session,
  spec: ImageSpec,
  options: BuildOptions,
  call: CallContext,
): Promise<PreparedBuild> {
  checkImage(spec);
  const image = loadImage(spec);
  const name = toImageName(image);
  const isBase = isBaseImage(image);
  const { force = false, fingerprint } = options;
  // A base image needs nothing of the control plane, not even a place.
  const scope = isBase && fingerprint === undefined ? noScope : toScope(session, options);
  if (options.name !== undefined) toIdentifier("run name", options.name);
  const prepared = { image, scope, force };
  if (fingerprint !== undefined) {
    const sought = { scope, options, known: undefined };
    const existing = await findEarlierRun(session, sought, call);
    if (existing) return { ...prepared, found: { name, uri: undefined, existing } };
  }
  if (isBase) return { ...prepared, found: { name, uri: name, existing: undefined } };
  const uri = force ? undefined : await findImage(session, toImageId(image), scope, call);
  return { ...prepared, found: { name, uri, existing: undefined } };
}

const noScope: Scope = { project: "", domain: "" };
