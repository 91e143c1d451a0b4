import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { AppState } from "../../src/devbox/apps/app-runtime.ts";
import type { AppRow } from "../../src/devbox/store/apps.ts";
import {
  AppSchema,
  Spec_DesiredState,
  type SpecSchema,
  Status_DeploymentStatus,
} from "../../src/idl/apps.ts";
import { substateNames } from "../../src/values/app-fields.ts";

/** What tests say of an app; the rest is as a deploy has it. */
export interface AppUnderTest {
  readonly name?: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly replicas?: readonly [min: number, max: number];
  readonly concurrency?: number;
  readonly requestRate?: number;
  readonly scaledownSeconds?: number;
  readonly secrets?: NonNullable<MessageInitShape<typeof SpecSchema>["securityContext"]>["secrets"];
  readonly stopped?: boolean;
}

/** A row as the store has it. */
export function toAppRow(app: AppUnderTest, revision: number, id: number = 1): AppRow {
  const now = Date.now();
  return {
    ...{ id, project: "flytesnacks", domain: "development", name: app.name ?? "hello", revision },
    ...{ reason: "", created_by: "alice", changed_by: "alice", created_at: now, updated_at: now },
    app: toBinary(AppSchema, create(AppSchema, { spec: toSpec(app) })),
  };
}

/** The last condition as text: `FAILED crash_loop`. */
export function printCondition(state: AppState | undefined): string {
  const last = state?.conditions.at(-1);
  if (last === undefined) return "none";
  return `${Status_DeploymentStatus[last.status]} ${substateNames[last.substate]}`;
}

function toSpec(app: AppUnderTest): MessageInitShape<typeof SpecSchema> {
  const { replicas: [min, max] = [0, 1], concurrency, requestRate, scaledownSeconds } = app;
  const metric = (value: number) => ({ targetValue: value });
  return {
    appPayload: {
      case: "container",
      value: {
        command: [...app.command],
        env: Object.entries(app.env ?? {}).map(([key, value]) => ({ key, value })),
        ports: [{ containerPort: app.port ?? 8080 }],
      },
    },
    autoscaling: {
      replicas: { min, max },
      ...(scaledownSeconds === undefined
        ? {}
        : { scaledownPeriod: { seconds: BigInt(scaledownSeconds) } }),
      ...(concurrency === undefined
        ? {}
        : { scalingMetric: { metric: { case: "concurrency", value: metric(concurrency) } } }),
      ...(requestRate === undefined
        ? {}
        : { scalingMetric: { metric: { case: "requestRate", value: metric(requestRate) } } }),
    },
    securityContext: { secrets: app.secrets ?? [] },
    desiredState: app.stopped === true ? Spec_DesiredState.STOPPED : Spec_DesiredState.ACTIVE,
  };
}
