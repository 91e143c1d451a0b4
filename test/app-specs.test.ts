import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toContainerResources } from "../src/app/deploy/container-resources.ts";
import type { DeployOptions } from "../src/app/deploy/deploy-options.ts";
import { toAppSpec } from "../src/app/deploy/to-app-spec.ts";
import {
  AppEnvironment,
  type AppEnvironmentOptions,
} from "../src/app/environment/app-environment.ts";
import { Resources } from "../src/app/environment/resources.ts";
import { AppEndpoint } from "../src/app/parameters/app-endpoint.ts";
import type { MaterializedParameter } from "../src/app/parameters/materialized-parameter.ts";
import type { ControlPlane } from "../src/client/control-plane.ts";
import { expandVariables } from "../src/devbox/apps/expand-variables.ts";
import { FlyteError } from "../src/shared/errors.ts";

/** Nothing here asks it. */
const controlPlane = {} as ControlPlane;

function specOf(
  given: Partial<AppEnvironmentOptions>,
  options: DeployOptions = {},
  parameters: readonly MaterializedParameter[] = [],
) {
  const environment = new AppEnvironment({ name: "app", command: "serve", ...given });
  const code = { kind: "own-command" } as const;
  const image = options.image ?? "img";
  const app = { environment, code, codeUri: undefined, image, parameters, controlPlane, options };
  return toAppSpec(app);
}

test("texts reach the container as they are, variables apart", async () => {
  const text = fc.string({ unit: fc.constantFrom("$", "(", ")", "A", "{", "}", " ") });
  await fc.assert(
    fc.asyncProperty(text, text, async (value, word) => {
      const args = [word.replaceAll("$", "$$$$"), "$WORD"];
      const { container } = await specOf({ envVars: { WORD: value }, args });
      const values = new Map([["A", "wrong"]]);
      const stored = expandVariables(container.env["WORD"] ?? "", values);
      expect(stored).toBe(value);
      const known = new Map([...values, ["WORD", stored]]);
      expect(container.args.map((each) => expandVariables(each, known))).toEqual([word, value]);
    }),
  );
});

test("everything that is said is told, and what is not is left out", async () => {
  const spec = await specOf(
    {
      description: "What it is",
      type: "Dashboard",
      port: { port: 3000, name: "h2c" },
      image: "img",
      scaling: { replicas: [1, 3], metric: { concurrency: 5 }, scaledownAfter: "5m" },
      domain: { subdomain: "sub", customDomain: "a.example.com" },
      requiresAuth: false,
      secrets: ["key", { key: "cert", mount: "/etc/flyte/secrets" }],
      links: [{ path: "/docs", title: "Docs" }],
      timeouts: { request: 90 },
      clusterPool: "gpu",
    },
    { project: "p", domain: "d", version: "v1", envVars: { A: "1" } },
  );
  expect(spec).toMatchObject({
    project: "p",
    domain: "d",
    name: "app",
    type: "Dashboard",
    description: "What it is",
    container: { image: "img", command: ["serve"], env: { A: "1" }, port: 3000, portName: "h2c" },
    replicas: [1, 3],
    metric: { concurrency: 5 },
    scaledownAfterMs: 300_000,
    subdomain: "sub",
    customDomain: "a.example.com",
    requiresAuth: false,
    secrets: [{ key: "key", asEnvVar: "KEY" }, { key: "cert" }],
    links: [{ path: "/docs", title: "Docs", isRelative: true }],
    requestTimeoutMs: 90_000,
    clusterPool: "gpu",
    labels: { version: "v1" },
    inputs: [],
  });
  const plain = await specOf({});
  expect(Object.keys(plain).sort()).toEqual(
    [
      ...["name", "container", "replicas", "requiresAuth", "secrets", "links"],
      ...["clusterPool", "labels", "inputs", "packageVersion"],
    ].sort(),
  );
});

describe("parameters of an app that is a command", () => {
  const parameter: MaterializedParameter = {
    name: "size",
    value: "small",
    envVar: "SIZE",
    download: true,
    mount: undefined,
    ignorePatterns: [],
  };

  test("are variables, and shown", async () => {
    const { container, inputs } = await specOf({}, {}, [parameter]);
    expect(container.env).toEqual({ _RUN_MODE: "remote", SIZE: "small" });
    expect(inputs).toEqual([{ name: "size", value: "small" }]);
  });

  test.each<[string, Partial<MaterializedParameter>, RegExp]>([
    ["without a variable", { envVar: undefined }, /"size" of the app "app" has no envVar/],
    ["of a file to bring along", { value: { file: "s3://b/f" } }, /Give download: false/],
    [
      "of an inner address",
      { value: new AppEndpoint({ appName: "other" }) },
      /Ask for the public one with public: true/,
    ],
  ])("%s are refused", async (_, changes, says) => {
    const refused = specOf({}, {}, [{ ...parameter, ...changes }]);
    await expect(refused).rejects.toThrow(says);
    await expect(refused).rejects.toSatisfy(FlyteError.is);
  });
});

test.each<[ConstructorParameters<typeof Resources>[0], object]>([
  [{}, { requests: {}, limits: {} }],
  [
    { cpu: 1, memory: "1Gi" },
    { requests: { cpu: "1", memory: "1Gi" }, limits: {} },
  ],
  [{ cpu: [1, "2"] }, { requests: { cpu: "1" }, limits: { cpu: "2" } }],
  [
    { gpu: 2, disk: "1Gi" },
    { requests: { gpu: "2", disk: "1Gi" }, limits: { gpu: "2" } },
  ],
  [
    { gpu: "A100:4" },
    { requests: { gpu: "4" }, limits: { gpu: "4" }, gpuDevice: "nvidia-tesla-a100" },
  ],
  [{ gpu: "own" }, { requests: { gpu: "1" }, limits: { gpu: "1" }, gpuDevice: "own" }],
])("resources %j", (given, expected) => {
  expect(toContainerResources(new Resources(given))).toEqual(expected);
});
