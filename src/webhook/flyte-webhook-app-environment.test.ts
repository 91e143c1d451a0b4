import { describe, expect, onTestFinished, test } from "vitest";
import { FastifyAppEnvironment } from "../app/environment/fastify-app-environment.ts";
import { Resources } from "../app/environment/resources.ts";
import { Scaling } from "../app/environment/scaling.ts";
import type { ControlPlane } from "../client/control-plane.ts";
import { createControlPlane } from "../client/create-control-plane.ts";
import { Image } from "../client/image.ts";
import { FlyteError } from "../shared/errors.ts";
import {
  FlyteWebhookAppEnvironment,
  type FlyteWebhookAppEnvironmentOptions,
} from "./flyte-webhook-app-environment.ts";
import { github } from "./hooks/providers/github.ts";

type Options = Omit<FlyteWebhookAppEnvironmentOptions, "name">;

const make = (options: Options = {}, name = "test-webhook") =>
  new FlyteWebhookAppEnvironment({ name, ...options });

/** A control plane that no test calls. */
function nowhere(): ControlPlane {
  const controlPlane = createControlPlane({
    endpoint: "http://127.0.0.1:1",
    project: "flytesnacks",
    domain: "development",
  });
  onTestFinished(() => controlPlane.close());
  return controlPlane;
}

/** Answers of the assembled webhook, without a socket. */
function open(env: FlyteWebhookAppEnvironment) {
  const app = env.createApp(nowhere());
  onTestFinished(() => app.close());
  return async (url: string) => {
    const { statusCode, body, headers } = await app.inject({ url, headers: { host: "x" } });
    const json = String(headers["content-type"]).includes("json");
    return { status: statusCode, body: json ? JSON.parse(body) : body };
  };
}

async function pathsOf(env: FlyteWebhookAppEnvironment): Promise<readonly string[]> {
  return Object.keys((await open(env)("/openapi.json")).body.paths);
}

const allPaths = [
  "/health",
  "/me",
  "/run-task/{domain}/{project}/{name}",
  "/task/{domain}/{project}/{name}",
  "/run/{name}",
  "/run/{name}/io",
  "/run/{name}/abort",
  "/app/{name}",
  "/app/{name}/activate",
  "/app/{name}/deactivate",
  "/app/{name}/call",
  "/trigger/{task_name}/{trigger_name}/activate",
  "/trigger/{task_name}/{trigger_name}/deactivate",
  "/build-image",
  "/prefetch/hf-model",
  "/prefetch/hf-model/{run_name}",
  "/prefetch/hf-model/{run_name}/io",
  "/prefetch/hf-model/{run_name}/abort",
];

describe("construction", () => {
  test("needs a name alone", () => {
    const env = make();
    expect(env).toBeInstanceOf(FastifyAppEnvironment);
    expect(env).toMatchObject({
      name: "test-webhook",
      type: "FlyteWebhookApp",
      title: "Flyte Webhook: test-webhook",
      description: "A webhook service for Flyte operations",
      port: { port: 8080 },
      requiresAuth: true,
      endpointGroups: undefined,
      taskAllowlist: undefined,
      appAllowlist: undefined,
      triggerAllowlist: undefined,
      buildAllowlist: undefined,
      prefetchAllowlist: undefined,
      runScope: "webhook",
      compat: undefined,
      docs: "public",
    });
    expect(env.endpoints).toHaveLength(18);
    expect(env.image).toBeInstanceOf(Image);
    expect(env.image).toEqual(Image.fromDebianBase());
  });

  test("keeps image, resources, scaling, domain and the need of a credential", () => {
    const image = Image.fromDebianBase({ name: "mine" }).withPipPackages("httpx");
    const resources = new Resources({ cpu: 2, memory: "1Gi" });
    const scaling = new Scaling({ replicas: [1, 5], metric: { concurrency: 10 } });
    const domain = { subdomain: "my-hook", customDomain: "hooks.example.com" };
    const env = make({ image, resources, scaling, domain, requiresAuth: false, port: 9000 });
    expect(env).toMatchObject({ domain, requiresAuth: false, port: { port: 9000 } });
    expect(env.image).toBe(image);
    expect(env.resources).toBe(resources);
    expect(env.scaling).toBe(scaling);
  });

  test("tells the documentation what the webhook is called", async () => {
    const { body } = await open(make())("/openapi.json");
    expect(body.info).toMatchObject({
      title: "Flyte Webhook: test-webhook",
      description: "A webhook service for Flyte operations",
    });
    const custom = make({ title: "Mine", description: "Does it all" });
    expect((await open(custom)("/openapi.json")).body.info).toMatchObject({
      title: "Mine",
      description: "Does it all",
    });
  });

  test("links to the documentation, before other links, and not where there is none", () => {
    const docs = { path: "/docs", title: "OpenAPI Docs", isRelative: true };
    const home = { path: "https://example.com", title: "Home" };
    expect(make({ links: [home] }).links).toMatchObject([docs, home]);
    expect(make({ docs: "off" }).links).toEqual([]);
  });

  test.each(["my-webhook", "webhook123", "a-b-c", "test"])("accepts the name %s", (name) => {
    expect(make({}, name).name).toBe(name);
  });

  test.each(["My-Webhook", "webhook_123", "-webhook", "webhook-"])(
    "refuses the name %s",
    (name) => {
      expect(() => make({}, name)).toThrow("must consist of lower case");
    },
  );

  test.each([8012, 8022, 8112, 9090, 9091])("refuses the reserved port %i", (port) => {
    expect(() => make({ port })).toThrow("is not allowed");
  });
});

describe("what is served", () => {
  test("is all eighteen endpoints by default", async () => {
    expect((await pathsOf(make())).toSorted()).toEqual(allPaths.toSorted());
  });

  test.each<[Options, readonly string[]]>([
    [{ endpointGroups: ["core"] }, allPaths.slice(0, 2)],
    [{ endpointGroups: ["core", "task"] }, allPaths.slice(0, 4)],
    [{ endpointGroups: ["core", "task", "run"] }, allPaths.slice(0, 7)],
    [{ endpointGroups: ["all"] }, allPaths],
    [{ endpointGroups: [] }, []],
    [{ endpoints: [] }, []],
    [
      { endpoints: ["health", "run_task", "get_run"] },
      ["/health", "/run-task/{domain}/{project}/{name}", "/run/{name}"],
    ],
  ])("is what %j says", async (options, paths) => {
    const env = make(options);
    expect(env.endpoints).toHaveLength(paths.length);
    expect((await pathsOf(env)).toSorted()).toEqual(paths.toSorted());
  });

  test("needs a credential but for health and documentation", async () => {
    const get = open(make());
    expect(await get("/health")).toEqual({ status: 200, body: { status: "healthy" } });
    for (const page of ["/docs", "/redoc", "/openapi.json"]) {
      expect(await get(page)).toMatchObject({ status: 200 });
    }
    expect(await get("/me")).toMatchObject({ status: 401 });
  });

  test("is assembled anew each time", async () => {
    const env = make();
    const controlPlane = nowhere();
    const [one, two] = [env.createApp(controlPlane), env.createApp(controlPlane)];
    await one.close();
    expect((await two.inject({ url: "/health" })).statusCode).toBe(200);
    await two.close();
  });
});

/** What plain JavaScript may hand over: no type has seen it. */
test.each<[object, RegExp]>([
  [{ endpoints: [], endpointGroups: [] }, /Cannot specify both/],
  [{ endpoints: ["health"], endpointGroups: ["core"] }, /Cannot specify both/],
  [{ endpointGroups: ["tsk"] }, /no endpoint group "tsk"\. Did you mean "task"/],
  [{ endpoints: ["run_tsk"] }, /no endpoint "run_tsk"\. Did you mean "run_task"/],
  [{ taskAllowlist: ["a/b/c/d"] }, /too many slashes/],
  [{ taskAllowlist: [5] }, /entry 5 is not a text/],
  [{ appAllowlist: ["a/b/c/d"] }, /too many slashes/],
  [{ triggerAllowlist: [""] }, /trigger allowlist entry ""/],
  [{ prefetchAllowlist: ["a/b/c"] }, /prefetch allowlist entry "a\/b\/c" is none\. Write ORG/],
  [{ buildAllowlist: ["pandas"] }, /build allowlist entry "pandas" is none\. Write base:IMAGE/],
  [{ taskAllowList: [] }, /Did you mean "taskAllowlist"/],
  [{ alowAnonymous: true }, /Did you mean "allowAnonymous"/],
  [{ command: "node" }, /no option "command"/],
  [{ args: [] }, /no option "args"/],
  [{ app: () => undefined }, /no option "app"/],
  [{ controlPlane: {} }, /no option "controlPlane"/],
  [{ docs: "private" }, /docs cannot be "private".*public, protected, off/],
  [{ compat: "upstrem" }, /Did you mean "upstream"/],
  [{ runScope: "tasks" }, /Did you mean "task"/],
  [{ bodyLimitBytes: 0 }, /bodyLimitBytes must be a whole number/],
  [{ corsOrigins: ["*"] }, /\*/],
  [{ trustedProxies: ["x"] }, /x/],
  [{ title: 5 }, /title must be a text/],
  [{ description: 5 }, /description must be a text/],
  [{ typedOperations: "yes" }, /typedOperations must be true or false/],
  [{ allowAnonymous: "yes" }, /allowAnonymous must be true or false/],
  [{ scaling: { replicas: [2, 1] } }, /not below min/],
  [{ timeouts: { request: -1 } }, /from 0/],
])("%j is refused", (options, says) => {
  let refusal: unknown;
  try {
    make(options);
  } catch (error) {
    refusal = error;
  }
  expect(FlyteError.is(refusal) && refusal.code).toBe("invalid_config");
  expect(String(refusal)).toMatch(says);
});

test("no option at all is refused in a sentence", () => {
  expect(() => new FlyteWebhookAppEnvironment(undefined as never)).toThrow(/takes an object/);
});

describe("a clone", () => {
  const env = make({ endpointGroups: ["core"], taskAllowlist: ["a.b"], port: 9000 });

  test("keeps the options of the webhook and has a title of its own", () => {
    const clone = env.cloneWith("two", { taskAllowlist: [] });
    expect(clone).toBeInstanceOf(FlyteWebhookAppEnvironment);
    expect(clone).toMatchObject({
      name: "two",
      title: "Flyte Webhook: two",
      endpointGroups: ["core"],
      taskAllowlist: [],
      port: { port: 9000 },
    });
    expect(clone.links).toHaveLength(1);
    expect(env.taskAllowlist).toEqual(["a.b"]);
  });

  test("may choose single endpoints in place of groups, and groups in their place", () => {
    const single = env.cloneWith("two", { endpoints: ["health"] });
    expect(single).toMatchObject({ endpointGroups: undefined, endpoints: ["health"] });
    expect(single.cloneWith("three", { endpointGroups: ["core"] }).endpoints).toHaveLength(2);
  });
});

describe("with hooks", () => {
  const start = () => undefined;
  const hook = () => github({ secret: "signed-with-this-one", runAs: { token: "a-key" }, start });

  test("it says whether the platform lets deliveries in", () => {
    expect(() => make({ hooks: [hook()] })).toThrow(/requiresAuth .* has to be given/);
    for (const requiresAuth of [true, false]) {
      expect(make({ hooks: [hook()], requiresAuth })).toMatchObject({ requiresAuth });
    }
  });

  test("hooks in a list are checked at once, those of a function where it is started", () => {
    const late = make({ hooks: () => [hook(), hook()], requiresAuth: false });
    expect(() => late.createApp(nowhere())).toThrow('The hook "github" is there twice');
    expect(() => make({ hooks: [hook(), hook()], requiresAuth: false })).toThrow("is there twice");
  });

  test("it is deployed with its code, as no argument can say what a hook starts", () => {
    expect(make({ hooks: [hook()], requiresAuth: false }).deployedCommand()).toBeUndefined();
    expect(
      make({ onStartup: () => undefined, hooks: () => [], requiresAuth: false }).deployedCommand(),
    ).toBeUndefined();
  });

  test("its clones have them, too", async () => {
    const clone = make({ hooks: () => [hook()], requiresAuth: false }).cloneWith("other");
    const app = clone.createApp(nowhere());
    onTestFinished(() => app.close());
    expect((await app.inject({ method: "POST", url: "/hooks/github" })).statusCode).toBe(401);
  });
});

test("a mistyped option is a compile error", () => {
  // @ts-expect-error there is no such group
  expect(() => make({ endpointGroups: ["tasks"] })).toThrow();
  // @ts-expect-error there is no such endpoint
  expect(() => make({ endpoints: ["run-task"] })).toThrow();
  // @ts-expect-error the option is taskAllowlist
  expect(() => make({ taskAllowList: [] })).toThrow();
  // @ts-expect-error a webhook has no command
  expect(() => make({ command: "node" })).toThrow();
  // @ts-expect-error the control plane comes later
  expect(() => make({ controlPlane: undefined })).toThrow();
  // @ts-expect-error documentation is public, protected or off
  expect(() => make({ docs: "private" })).toThrow();
});
