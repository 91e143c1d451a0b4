import type { RunOptions } from "../../client/control-plane.ts";

/** The annotation that names the webhook that started a run, by its name as an app. */
export const originAnnotation = "flyte-webhook/webhook";

/** Options of a run that say which webhook starts it: control planes have no word of their own for that. */
export function withOrigin(options: RunOptions, webhook: string): RunOptions {
  return { ...options, annotations: { ...options.annotations, [originAnnotation]: webhook } };
}
