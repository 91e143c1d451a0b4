import type { ImageCalls } from "./image-calls.ts";
import type { Session } from "./session.ts";
import type { TaskCache } from "./task-cache.ts";

/** The calls about images. */
export function createImageCalls(_session: Session, _cache: TaskCache): ImageCalls {
  return {} as never;
}
