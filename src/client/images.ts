import { startCall } from "./call-context.ts";
import { findEarlierRun } from "./create-once.ts";
import { startImageBuild } from "./image-builder.ts";
import type { ImageCalls } from "./image-calls.ts";
import { checkImage } from "./image-faults.ts";
import { findImage } from "./image-lookup.ts";
import { loadImage } from "./image-sources.ts";
import { isBaseImage, toImageId, toImageName } from "./image-tag.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";
import type { TaskCache } from "./task-cache.ts";

/** The calls about images. */
export function createImageCalls(session: Session, cache: TaskCache): ImageCalls {
  return {
    async build(spec, options = {}) {
      const call = startCall(options, session.options.timeoutMs);
      checkImage(spec);
      const image = loadImage(spec);
      const name = toImageName(image);
      const isBase = isBaseImage(image);
      const base = { name, uri: name, run: undefined };
      if (isBase && options.fingerprint === undefined) return base;
      const scope = toScope(session, options);
      const { force = false } = options;
      if (options.name !== undefined) toIdentifier("run name", options.name);
      if (options.fingerprint !== undefined) {
        const sought = { scope, options, known: undefined };
        const earlier = await findEarlierRun(session, sought, call);
        if (earlier) return { name, uri: undefined, run: { ...earlier, existed: true } };
      }
      if (isBase) return base;
      if (!force) {
        const uri = await findImage(session, toImageId(image), scope, call);
        if (uri !== undefined) return { name, uri, run: undefined };
      }
      const run = await startImageBuild(session, cache, { image, scope, force, options }, call);
      return { name, uri: undefined, run };
    },
  };
}
