import fc from "fast-check";
import Fastify from "fastify";
import { describe, expect, test } from "vitest";
import { FlyteError } from "../../shared/errors.ts";
import { AppEnvironment, type AppEnvironmentOptions } from "./app-environment.ts";
import { FastifyAppEnvironment } from "./fastify-app-environment.ts";
import { Scaling } from "./scaling.ts";

/** What plain JavaScript may hand over: no type has seen it. */
const given = (value: unknown): never => value as never;

function refusal(make: () => unknown): FlyteError {
  try {
    make();
  } catch (error) {
    if (FlyteError.is(error)) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

test("a name alone makes an environment with every default", () => {
  expect({ ...new AppEnvironment({ name: "app" }) }).toMatchObject({
    name: "app",
    port: { port: 8080, name: undefined },
    command: undefined,
    args: undefined,
    requiresAuth: true,
    scaling: { replicas: [0, 1] },
    timeouts: { requestMs: undefined },
    secrets: [],
    envVars: {},
    dependsOn: [],
    links: [],
    include: [],
    parameters: [],
    clusterPool: "default",
    server: undefined,
  });
});

test("plain objects and texts become the values they stand for", () => {
  const env = new AppEnvironment({
    name: "app",
    port: 3000,
    command: "node 'my server.js'",
    args: ["--verbose"],
    resources: { cpu: 1, memory: "512Mi" },
    scaling: { replicas: 2 },
    secrets: ["api-key", { key: "token", group: "ci" }],
    domain: { subdomain: "app" },
    links: [{ path: "/docs", title: "Docs" }],
    timeouts: { request: 60 },
    requiresAuth: false,
  });
  expect(env).toMatchObject({
    port: { port: 3000 },
    command: ["node", "my server.js"],
    args: ["--verbose"],
    resources: { cpu: 1, memory: "512Mi" },
    scaling: { replicas: [2, 2] },
    secrets: [{ asEnvVar: "API_KEY" }, { asEnvVar: "CI_TOKEN" }],
    domain: { subdomain: "app" },
    links: [{ path: "/docs", isRelative: true }],
    timeouts: { requestMs: 60_000 },
    requiresAuth: false,
  });
  expect(env.scaling).toBeInstanceOf(Scaling);
});

describe("a name", () => {
  test.each(["my-webhook", "webhook123", "a-b-c", "test", "a", "0", "a".repeat(63)])(
    "%s is accepted",
    (name) => {
      expect(new AppEnvironment({ name }).name).toBe(name);
    },
  );

  test.each([
    "My-Webhook",
    "webhook_123",
    "-webhook",
    "webhook-",
    "",
    "a.b",
    "a b",
    "a\n",
    "ä",
    "a".repeat(64),
    undefined,
    null,
    5,
  ])("%j is refused", (name) => {
    const { code, message } = refusal(() => new AppEnvironment({ name: given(name) }));
    expect({ code, message }).toEqual({
      code: "invalid_config",
      message: expect.stringContaining("must consist of lower case"),
    });
  });

  test("is accepted exactly when it is a label of a host name", () => {
    const letters = fc.constantFrom("a", "z", "0", "9", "-", "A", "_", ".");
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 70 }), (name) => {
        const inner = [...name].every((letter) => "az09-".includes(letter));
        const ends = !name.startsWith("-") && !name.endsWith("-");
        const valid = inner && ends && name.length >= 1 && name.length <= 63;
        if (valid) expect(new AppEnvironment({ name }).name).toBe(name);
        else expect(() => new AppEnvironment({ name })).toThrow("must consist of lower case");
      }),
    );
  });
});

const other = new AppEnvironment({ name: "other" });

test.each<[object, RegExp]>([
  [{ requireAuth: false }, /no option "requireAuth"\. Did you mean "requiresAuth"\?/],
  [{ app: () => undefined }, /no option "app"/],
  [{ requiresAuth: "no" }, /requiresAuth must be true or false, not "no"/],
  [{ port: 9090 }, /port 9090 is not allowed/],
  [{ port: "80" }, /port "80"/],
  [{ command: "" }, /command must name a program/],
  [{ command: [] }, /command must name a program/],
  [{ command: "node 'x" }, /not closed/],
  [{ args: [1] }, /args must be a list of texts/],
  [{ args: ["a\0b"] }, /without NUL/],
  [{ image: "" }, /image ""/],
  [{ image: {} }, /name of an image/],
  [{ resources: { memory: 5 } }, /memory 5/],
  [{ scaling: { replicas: -1 } }, /replicas -1/],
  [{ secrets: "api-key" }, /secrets must be a list/],
  [{ secrets: ["api-key", "API_KEY"] }, /Two secrets have the variable API_KEY/],
  [{ secrets: ["a"], envVars: { A: "1" } }, /A is both in envVars and the variable of a secret/],
  [{ envVars: { "A-B": "1" } }, /The name "A-B" in envVars/],
  [{ envVars: { PORT: "1" } }, /envVars must not set PORT.*option port/],
  [{ envVars: { A: 1 } }, /The value of A in envVars must be a text/],
  [{ envVars: ["A=1"] }, /envVars must be an object/],
  [{ dependsOn: other }, /dependsOn must be a list/],
  [{ dependsOn: ["other"] }, /must list app environments, not "other"\. Tasks are deployed/],
  [{ links: {} }, /links must be a list/],
  [{ links: [{ path: "x", title: "X" }] }, /an address/],
  [{ timeouts: { request: 3601 } }, /above one hour/],
  [{ include: "x" }, /include must be a list/],
  [{ include: ["/etc/passwd"] }, /"\/etc\/passwd" in include must be a path below the folder/],
  [{ include: ["../secret"] }, /"\.\.\/secret" in include/],
  [{ include: ["a/../../b"] }, /must be a path below/],
  [{ include: ["C:\\data"] }, /must be a path below/],
  [{ include: ["a\\b"] }, /must be a path below/],
  [{ include: ["~/data"] }, /must be a path below/],
  [{ include: [" "] }, /must be a path below/],
  [{ server: "x" }, /server of "app" must be a function, not "x"/],
  [{ server: () => 1, command: "node" }, /has both server and command\. Keep one/],
  [{ server: () => 1, args: ["a"] }, /has both server and args/],
  [{ onStartup: () => 1 }, /onStartup of "app" goes with server/],
  [{ command: "node", onShutdown: () => 1 }, /onShutdown of "app" goes with server/],
  [{ server: () => 1, onShutdown: 5 }, /onShutdown of "app" must be a function, not 5/],
  [{ onStart: () => 1 }, /Did you mean "onStartup"/],
  [{ parameters: [{ name: "p", envVar: "" }] }, /envVar "" of parameter "p"/],
  [{ description: 5 }, /description must be a text/],
])("%j is refused", (options, says) => {
  const error = refusal(() => new AppEnvironment({ name: "app", ...(options as object) }));
  expect(error.code).toBe("invalid_config");
  expect(error.message).toMatch(says);
});

test("no message shows a value of envVars", () => {
  const make = () => new AppEnvironment({ name: "app", envVars: { A: "hunter2\0" } });
  expect(refusal(make).message).not.toContain("hunter2");
});

test("a list that changes later changes no environment", () => {
  const dependsOn: AppEnvironment[] = [];
  const env = new AppEnvironment({ name: "app", dependsOn });
  dependsOn.push(other);
  expect(env.dependsOn).toEqual([]);
});

describe("a clone", () => {
  const options: AppEnvironmentOptions = {
    name: "one",
    port: 3000,
    args: "serve",
    envVars: { A: "1" },
  };

  test("is the same but for its name and what is overridden", () => {
    const one = new AppEnvironment(options);
    const two = one.cloneWith("two", { port: 4000 });
    expect(two).toBeInstanceOf(AppEnvironment);
    expect(two).toMatchObject({ name: "two", port: { port: 4000 }, args: ["serve"] });
    expect(two.envVars).toEqual({ A: "1" });
    expect(one).toMatchObject({ name: "one", port: { port: 3000 } });
  });

  test("is checked like a new one", () => {
    const one = new AppEnvironment(options);
    expect(() => one.cloneWith("Two")).toThrow("must consist of lower case");
    expect(() => one.cloneWith("two", given({ prot: 1 }))).toThrow('Did you mean "port"?');
  });

  test("of a Fastify app is one, with its app", () => {
    const app = () => Fastify();
    const two = new FastifyAppEnvironment({ name: "one", app }).cloneWith("two", { port: 4000 });
    expect(two).toBeInstanceOf(FastifyAppEnvironment);
    expect(two).toMatchObject({ name: "two", app, type: "Fastify", port: { port: 4000 } });
  });
});

test.each<[object, RegExp]>([
  [{}, /app undefined of "app" must be a Fastify app/],
  [{ app: {} }, /must be a Fastify app/],
  [{ app: () => Fastify(), command: "node" }, /no option "command"/],
  [{ app: () => Fastify(), onStartup: "x" }, /onStartup of "app" must be a function/],
  [{ app: () => Fastify(), onStart: () => 1 }, /Did you mean "onStartup"/],
])("a Fastify app of %o is refused", (options, says) => {
  const make = () => new FastifyAppEnvironment({ name: "app", ...options } as never);
  expect(refusal(make).message).toMatch(says);
});

test("a mistyped option is a compile error", () => {
  // @ts-expect-error the option is requiresAuth
  expect(() => new AppEnvironment({ name: "app", requireAuth: true })).toThrow();
  // @ts-expect-error the name is missing
  expect(() => new AppEnvironment({})).toThrow();
  // @ts-expect-error a Fastify app is its server itself
  expect(() => new FastifyAppEnvironment({ name: "a", app: Fastify(), server: () => 1 })).toThrow();
  // @ts-expect-error a Fastify app has no command
  expect(() => new FastifyAppEnvironment({ name: "a", app: Fastify(), command: "x" })).toThrow();
});
