import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type App,
  AppSchema,
  Resources_ResourceName,
  RuntimeMetadata_RuntimeType,
  type ScalingMetricSchema,
  Spec_DesiredState,
  type SpecSchema,
} from "../idl/apps.ts";
import { Secret_MountType, type SecretSchema } from "../idl/security.ts";
import type { ContainerSchema } from "../idl/tasks.ts";
import { writeCodeBundleUri, writeSourceLink } from "../values/app-fields.ts";
import type { AppContainer, AppInput, AppResources, AppSecret, AppSpec } from "./app-spec.ts";

type SpecInit = MessageInitShape<typeof SpecSchema>;

/** A `flyteidl2.app.Identifier`. */
export interface AppId {
  readonly org: string;
  readonly project: string;
  readonly domain: string;
  readonly name: string;
}

/** What `flyteidl2.app.Profile` allows. */
const longestDescription = 100;

/** The app as `AppService.Create` takes it: to be active, in the words of the wire. */
export function toAppMessage(spec: AppSpec, id: AppId): App {
  const app = create(AppSchema, {
    metadata: { id, labels: { ...spec.labels } },
    spec: toSpec(spec, id),
  });
  const { metadata } = app;
  if (metadata === undefined) return app;
  if (spec.codeBundleUri !== undefined) writeCodeBundleUri(metadata, spec.codeBundleUri);
  if (spec.sourceLink !== undefined) writeSourceLink(metadata, spec.sourceLink);
  return app;
}

function toSpec(spec: AppSpec, id: AppId): SpecInit {
  const { container, replicas, requestTimeoutMs, type = "", description = "" } = spec;
  const [min, max] = replicas;
  const security = toSecurityContext(spec);
  return {
    appPayload: { case: "container", value: toContainer(container) },
    autoscaling: {
      replicas: { min, max },
      ...(spec.scaledownAfterMs !== undefined && {
        scaledownPeriod: durationFromMs(spec.scaledownAfterMs),
      }),
      ...(spec.metric !== undefined && { scalingMetric: toMetric(spec.metric) }),
    },
    ingress: { private: false, subdomain: spec.subdomain ?? "", cname: spec.customDomain ?? "" },
    desiredState: Spec_DesiredState.ACTIVE,
    clusterPool: spec.clusterPool,
    ...(security !== undefined && { securityContext: security }),
    ...(container.gpuDevice !== undefined && {
      extendedResources: { gpuAccelerator: { device: container.gpuDevice } },
    }),
    runtimeMetadata: {
      type: RuntimeMetadata_RuntimeType.FLYTE_SDK,
      version: spec.packageVersion ?? "",
      flavor: "typescript",
    },
    profile: {
      type,
      shortDescription: [...description].slice(0, longestDescription).join(""),
    },
    links: spec.links.map(({ path, title, isRelative }) => ({ path, title, isRelative })),
    inputs: { items: spec.inputs.map((input) => toInput(input, id)) },
    ...(requestTimeoutMs !== undefined && {
      timeouts: { requestTimeout: durationFromMs(requestTimeoutMs) },
    }),
  };
}

function toContainer(container: AppContainer): MessageInitShape<typeof ContainerSchema> {
  const { image, command, args, env, port, portName = "" } = container;
  return {
    image,
    command: [...command],
    args: [...args],
    resources: {
      requests: toResourceEntries(container.requests),
      limits: toResourceEntries(container.limits),
    },
    env: Object.entries(env).map(([key, value]) => ({ key, value })),
    ports: [{ containerPort: port, name: portName }],
  };
}

const resourceNames: Readonly<Record<keyof AppResources, Resources_ResourceName>> = {
  cpu: Resources_ResourceName.CPU,
  memory: Resources_ResourceName.MEMORY,
  gpu: Resources_ResourceName.GPU,
  disk: Resources_ResourceName.EPHEMERAL_STORAGE,
};

function toResourceEntries(
  resources: AppResources,
): { name: Resources_ResourceName; value: string }[] {
  const names = Object.keys(resourceNames) as (keyof AppResources)[]; // All keys of a literal.
  return names.flatMap((name) => {
    const value = resources[name];
    return value === undefined ? [] : [{ name: resourceNames[name], value }];
  });
}

/** Absent where there is nothing to say, as the Python SDK leaves it out. */
function toSecurityContext({
  secrets,
  requiresAuth,
}: AppSpec): SpecInit["securityContext"] | undefined {
  if (secrets.length === 0 && requiresAuth) return undefined;
  return { secrets: secrets.map(toSecret), allowAnonymous: !requiresAuth };
}

function toSecret({ key, group = "", asEnvVar }: AppSecret): MessageInitShape<typeof SecretSchema> {
  return {
    key,
    group,
    mountRequirement: asEnvVar === undefined ? Secret_MountType.FILE : Secret_MountType.ENV_VAR,
    envVar: asEnvVar ?? "",
  };
}

function toMetric(
  metric: NonNullable<AppSpec["metric"]>,
): MessageInitShape<typeof ScalingMetricSchema> {
  return {
    metric:
      "concurrency" in metric
        ? { case: "concurrency", value: { targetValue: metric.concurrency } }
        : { case: "requestRate", value: { targetValue: metric.requestRate } },
  };
}

function toInput(input: AppInput, { org, project, domain }: AppId) {
  const { name } = input;
  return "app" in input
    ? { name, value: { case: "appId" as const, value: { org, project, domain, name: input.app } } }
    : { name, value: { case: "stringValue" as const, value: input.value } };
}
