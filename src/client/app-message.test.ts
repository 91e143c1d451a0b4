import { equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plainApp as plain } from "../../test/support/app-spec.ts";
import {
  type App,
  AppSchema,
  Resources_ResourceName,
  RuntimeMetadata_RuntimeType,
  Spec_DesiredState,
} from "../idl/apps.ts";
import { Secret_MountType } from "../idl/security.ts";
import { readCodeBundleUri } from "../values/app-fields.ts";
import { toAppMessage } from "./app-message.ts";
import type { AppSpec } from "./app-spec.ts";

const id = { org: "o", project: "p", domain: "d", name: "site" };

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const texts = fc.dictionary(name, text, { maxKeys: 4 });
const target = fc.integer({ min: 1, max: 1_000 });
const delayMs = fc.integer({ min: 0, max: 3_600_000 });
const resources = fc.record(
  { cpu: name, memory: name, gpu: name, disk: name },
  { requiredKeys: [] },
);
const required = ["container", "replicas", "requiresAuth", "secrets", "links"] as const;

const spec = fc.record(
  {
    type: name,
    description: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 100 }),
    container: fc.record(
      {
        image: text,
        command: fc.array(text, { maxLength: 3 }),
        args: fc.array(text, { maxLength: 3 }),
        env: texts,
        port: fc.integer({ min: 1, max: 65_535 }),
        portName: name,
        requests: resources,
        limits: resources,
        gpuDevice: name,
      },
      { requiredKeys: ["image", "command", "args", "env", "port", "requests", "limits"] },
    ),
    replicas: fc.tuple(fc.nat(9), fc.nat(9)),
    metric: fc.oneof(fc.record({ concurrency: target }), fc.record({ requestRate: target })),
    scaledownAfterMs: delayMs,
    subdomain: name,
    customDomain: name,
    requiresAuth: fc.boolean(),
    secrets: fc.array(
      fc.record({ key: name, group: name, asEnvVar: name }, { requiredKeys: ["key"] }),
      { maxLength: 3 },
    ),
    links: fc.array(fc.record({ path: name, title: name, isRelative: fc.boolean() }), {
      maxLength: 3,
    }),
    requestTimeoutMs: delayMs,
    clusterPool: name,
    labels: texts,
    codeBundleUri: name,
    inputs: fc.array(
      fc.oneof(fc.record({ name, value: name }), fc.record({ name: name, app: name })),
      { maxLength: 3 },
    ),
    packageVersion: name,
  },
  { requiredKeys: [...required, "clusterPool", "labels", "inputs"] },
);

test("nothing of a specification is lost on the wire", () => {
  fc.assert(
    fc.property(spec, (given) => {
      const full = { name: "site", ...given } as AppSpec;
      const app = toAppMessage(full, id);
      const received = fromBinary(AppSchema, toBinary(AppSchema, app));
      expect(equals(AppSchema, received, app)).toBe(true);
      expect(readSpec(received)).toEqual(full);
    }),
  );
});

test("an app is to be active, by this SDK, for callers with a credential", () => {
  const { spec: sent, metadata } = toAppMessage(plain, id);
  expect(sent).toMatchObject({
    desiredState: Spec_DesiredState.ACTIVE,
    ingress: { private: false, subdomain: "", cname: "" },
    runtimeMetadata: { type: RuntimeMetadata_RuntimeType.FLYTE_SDK, flavor: "typescript" },
  });
  expect(sent?.securityContext).toBeUndefined();
  expect(metadata?.id).toMatchObject(id);
});

test("a description is cut to what control planes take", () => {
  const description = "🎉".repeat(101);
  const { spec: sent } = toAppMessage({ ...plain, description }, id);
  expect(sent?.profile?.shortDescription).toBe("🎉".repeat(100));
});

/** The specification a message was made of: the conversion once more, the other way round. */
function readSpec({ metadata, spec: sent }: App): AppSpec {
  if (metadata === undefined || sent?.appPayload.case !== "container") throw new Error("no app");
  const { value: container } = sent.appPayload;
  const { autoscaling, ingress, profile, securityContext, timeouts, runtimeMetadata } = sent;
  const metric = autoscaling?.scalingMetric?.metric;
  const [port] = container.ports;
  return {
    ...given("type", profile?.type),
    ...given("description", profile?.shortDescription),
    ...given("subdomain", ingress?.subdomain),
    ...given("customDomain", ingress?.cname),
    ...given("packageVersion", runtimeMetadata?.version),
    ...given("codeBundleUri", readCodeBundleUri(metadata)),
    ...(metric?.case === "concurrency" && { metric: { concurrency: metric.value.targetValue } }),
    ...(metric?.case === "requestRate" && { metric: { requestRate: metric.value.targetValue } }),
    ...(autoscaling?.scaledownPeriod && {
      scaledownAfterMs: durationMs(autoscaling.scaledownPeriod),
    }),
    ...(timeouts?.requestTimeout && { requestTimeoutMs: durationMs(timeouts.requestTimeout) }),
    name: metadata.id?.name ?? "",
    labels: metadata.labels,
    clusterPool: sent.clusterPool,
    replicas: [autoscaling?.replicas?.min ?? 0, autoscaling?.replicas?.max ?? 0],
    requiresAuth: securityContext?.allowAnonymous !== true,
    secrets: (securityContext?.secrets ?? []).map(({ key, group, mountRequirement, envVar }) => ({
      key,
      ...given("group", group),
      ...(mountRequirement === Secret_MountType.ENV_VAR && { asEnvVar: envVar }),
    })),
    links: sent.links.map(({ path, title, isRelative }) => ({ path, title, isRelative })),
    inputs: (sent.inputs?.items ?? []).map(({ name: input, value }) =>
      value.case === "appId"
        ? { name: input, app: value.value.name }
        : { name: input, value: String(value.value) },
    ),
    container: {
      image: container.image,
      command: container.command,
      args: container.args,
      env: Object.fromEntries(container.env.map(({ key, value }) => [key, value])),
      port: port?.containerPort ?? 0,
      ...given("portName", port?.name),
      ...given("gpuDevice", sent.extendedResources?.gpuAccelerator?.device),
      requests: amounts(container.resources?.requests ?? []),
      limits: amounts(container.resources?.limits ?? []),
    },
  };
}

function given(key: string, value: string | undefined): object {
  return value ? { [key]: value } : {};
}

function amounts(entries: readonly { name: Resources_ResourceName; value: string }[]): object {
  const names: Partial<Record<Resources_ResourceName, string>> = {
    [Resources_ResourceName.CPU]: "cpu",
    [Resources_ResourceName.MEMORY]: "memory",
    [Resources_ResourceName.GPU]: "gpu",
    [Resources_ResourceName.EPHEMERAL_STORAGE]: "disk",
  };
  return Object.fromEntries(entries.map(({ name: key, value }) => [names[key], value]));
}
