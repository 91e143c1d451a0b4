import { createHash } from "node:crypto";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { AppSchema, type Spec, Spec_DesiredState } from "../../idl/apps.ts";
import { type Secret, SecretSchema } from "../../idl/security.ts";
import type { AppKey, AppRow } from "../store/apps.ts";

/** What an app's stored row asks for, in the words of this machine. */
export interface AppPlan extends AppKey {
  readonly org: string;
  readonly revision: number;
  /** False for an app that is stopped. */
  readonly wanted: boolean;
  /** `container.command` followed by `container.args`, nothing expanded yet. */
  readonly argv: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  /** The port that the container says it listens on. */
  readonly declaredPort: number | undefined;
  readonly secrets: readonly Secret[];
  readonly scaling: Scaling;
  /** Why no process can be started for it; undefined when one can. */
  readonly fault: string | undefined;
  /** Equal for plans whose processes need not be told apart. */
  readonly digest: string;
}

/** How many replicas an app may have, and when. */
export interface Scaling {
  readonly min: number;
  /** At least 1, and at least `min`. */
  readonly max: number;
  readonly metric: "concurrency" | "request_rate";
  /** Requests at a time, or requests a second, that one replica is meant to bear. */
  readonly target: number;
  /** How long less must be asked for before replicas end. */
  readonly scaledownMs: number;
}

const DEFAULT_TARGET = 100;
const DEFAULT_SCALEDOWN_MS = 5 * 60_000;

/** Reads a stored row. Never throws: what cannot be run is a fault of the plan. */
export function readPlan(row: AppRow): AppPlan {
  const app = fromBinary(AppSchema, row.app);
  const { spec } = app;
  const { project, domain, name, revision } = row;
  const container = spec?.appPayload.case === "container" ? spec.appPayload.value : undefined;
  const run = {
    argv: [...(container?.command ?? []), ...(container?.args ?? [])],
    env: (container?.env ?? []).map(({ key, value }) => [key, value] as const),
    declaredPort: container?.ports[0]?.containerPort || undefined,
  };
  const secrets = spec?.securityContext?.secrets ?? [];
  return {
    ...run,
    ...{ project, domain, name, revision, secrets },
    org: app.metadata?.id?.org ?? "",
    wanted: spec?.desiredState !== Spec_DesiredState.STOPPED,
    scaling: readScaling(spec?.autoscaling),
    fault: faultOf(container !== undefined, run.argv),
    digest: digest([run, secrets.map((secret) => toJson(SecretSchema, secret))]),
  };
}

function readScaling(autoscaling: Spec["autoscaling"]): Scaling {
  const min = autoscaling?.replicas?.min ?? 0;
  const metric = autoscaling?.scalingMetric?.metric;
  const { seconds = 0n, nanos = 0 } = autoscaling?.scaledownPeriod ?? {};
  return {
    min,
    max: Math.max(1, min, autoscaling?.replicas?.max ?? 1),
    metric: metric?.case === "requestRate" ? "request_rate" : "concurrency",
    target: metric?.value?.targetValue || DEFAULT_TARGET,
    scaledownMs:
      autoscaling?.scaledownPeriod === undefined
        ? DEFAULT_SCALEDOWN_MS
        : Math.max(0, Number(seconds) * 1000 + nanos / 1e6),
  };
}

function faultOf(hasContainer: boolean, [command]: readonly string[]): string | undefined {
  if (!hasContainer) return "The devbox runs apps of one container; give the app a container.";
  if (command === undefined || command === "") {
    return "The app has no container command; the devbox has no images, so give its command or args.";
  }
  return undefined;
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
