import type { App } from "../../../../src/idl/apps.ts";

/** Replicas there are and may be: `1 of 0–2`. */
export function toReplicasText(app: App): string {
  const { min, max } = toBounds(app);
  const bounds = min === max ? `${max}` : `${min}–${max}`;
  return `${app.status?.currentReplicas ?? 0} of ${bounds}`;
}

/** The fewest and the most replicas; where none are given, as Flyte takes them. */
export function toBounds({ spec }: App): { readonly min: number; readonly max: number } {
  const { min = 0, max = 1 } = spec?.autoscaling?.replicas ?? {};
  return { min, max: Math.max(1, min, max) };
}
