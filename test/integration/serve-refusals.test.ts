import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { AppEnvironment } from "../../src/app/environment/app-environment.ts";
import type { AppContext } from "../../src/app/environment/app-server.ts";
import { FastifyAppEnvironment } from "../../src/app/environment/fastify-app-environment.ts";
import { Secret } from "../../src/app/environment/secret.ts";
import { serve } from "../../src/app/serve/serve.ts";
import { FlyteError } from "../../src/shared/errors.ts";
import { named, plainApp, rejection, served, takenPort } from "../support/served.ts";
import { unusedPort } from "../support/unused-port.ts";

describe("what keeps an app from being served", () => {
  test("is a taken port, named at once and before anything is started", async () => {
    const port = await takenPort();
    const started = vi.fn(() => named("first"));
    const first = new FastifyAppEnvironment({
      name: "first",
      app: started,
      port: await unusedPort(),
    });
    const error = await rejection(serve(plainApp("app", { port, dependsOn: [first] })));
    expect(error).toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(
        new RegExp(
          `"app" cannot be served: port ${port} on 127\\.0\\.0\\.1 is in use.*0 for a free`,
        ),
      ),
    });
    expect(started).not.toHaveBeenCalled();
  });

  test("is a port that two of them have", async () => {
    const port = await unusedPort();
    const envs = [plainApp("one", { port }), plainApp("two", { port })];
    expect(await rejection(serve(envs))).toMatchObject({
      message: expect.stringMatching(/"one" and "two" both have port \d+/),
    });
  });

  test("is an app of its name that is served already", async () => {
    const env = plainApp("app");
    const app = await served(env);
    for (const again of [env, plainApp("app")]) {
      expect(await rejection(serve(again, { port: 0 }))).toMatchObject({
        code: "conflict",
        message: expect.stringContaining(`"app" is served already, at ${app.endpoint}`),
      });
    }
    await app.deactivate();
    const second = await served(env);
    expect(await rejection(app.activate())).toMatchObject({ code: "conflict" });
    expect(await second.isActive()).toBe(true);
  });

  test("is a file in include that there is not, which a deployed app would miss", async () => {
    const include = ["served.ts", "no-such-folder/**"];
    const error = await rejection(serve(plainApp("app", { include }), { port: 0 }));
    expect(error).toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(/^"no-such-folder\/\*\*" in include means no file beside/),
    });
    const env = new AppEnvironment({ name: "app", command: "true", include: ["served.ts"] });
    expect(await rejection(serve(env, { port: 0 }))).toMatchObject({ code: "invalid_config" });
  });

  test("is an environment without a server", async () => {
    const error = await rejection(serve(new AppEnvironment({ name: "empty" })));
    expect(error).toMatchObject({
      code: "invalid_config",
      message:
        'AppEnvironment "empty" has no server function, command or args. Give it one to serve it here.',
    });
  });

  test.each<[object, RegExp]>([
    [{ prot: 1 }, /serve has no option "prot"\. Did you mean "port"/],
    [{ port: -1 }, /port -1/],
    [{ port: 65_536 }, /port 65536/],
    [{ healthPath: "health" }, /healthPath "health" must be a path/],
    [{ activateTimeoutMs: 0 }, /activateTimeoutMs 0/],
    [{ probeIntervalMs: 0.5 }, /probeIntervalMs 0\.5/],
    [{ host: "192.0.2.1" }, /192\.0\.2\.1 is not an address of this machine/],
  ])("are the options %j", async (options, says) => {
    const error = await rejection(serve(plainApp("app"), options));
    expect(FlyteError.is(error) && error.code).toBe("invalid_config");
    expect(String(error)).toMatch(says);
  });

  test("is something else than an environment", async () => {
    const error = await rejection(serve({ name: "app" } as never));
    expect(String(error)).toMatch(/serve takes an app environment.*not \{"name":"app"\}/);
  });
});

describe("variables and secrets", () => {
  test("reach the app by its context and leave this process as it is", async () => {
    let context: AppContext | undefined;
    const env = new FastifyAppEnvironment({
      name: "app",
      envVars: { SERVE_TEST_OWN: "mine" },
      app: (given) => {
        context = given;
        return named("app");
      },
    });
    await served(env);
    expect(context?.env).toMatchObject({
      SERVE_TEST_OWN: "mine",
      _RUN_MODE: "local",
      PATH: process.env["PATH"],
    });
    expect(process.env).not.toHaveProperty("SERVE_TEST_OWN");
    expect(process.env).not.toHaveProperty("_RUN_MODE");
  });

  test("cannot reach an app that is ready, unless this process has them too", async () => {
    const env = () =>
      new FastifyAppEnvironment({
        name: "app",
        envVars: { SERVE_TEST_OWN: "mine" },
        app: named("app"),
      });
    expect(await rejection(serve(env(), { port: 0 }))).toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(/made already and cannot get SERVE_TEST_OWN.*context\.env/),
    });
    vi.stubEnv("SERVE_TEST_OWN", "mine");
    onTestFinished(() => void vi.unstubAllEnvs());
    await served(env());
  });

  test.each([
    [new Secret({ key: "api-key", asEnvVar: "SERVE_TEST_KEY" }), /"api-key".*SERVE_TEST_KEY/],
    [new Secret({ key: "k", group: "g" }), /"k" of group "g": set the environment variable G_K/],
    [new Secret({ key: "no-file", mount: "/etc/flyte/secrets" }), /secrets\/no-file/],
  ])("a missing secret is named", async (secret, says) => {
    const app = vi.fn(() => named("app"));
    const env = new FastifyAppEnvironment({ name: "app", app, secrets: [secret] });
    const error = await rejection(serve(env, { port: 0 }));
    expect(String(error)).toMatch(says);
    expect(app).not.toHaveBeenCalled();
  });

  test("a secret in this process's environment is there", async () => {
    vi.stubEnv("SERVE_TEST_KEY", "s3cret");
    onTestFinished(() => void vi.unstubAllEnvs());
    const secrets = [new Secret({ key: "api-key", asEnvVar: "SERVE_TEST_KEY" })];
    await served(new FastifyAppEnvironment({ name: "app", app: () => named("app"), secrets }));
  });

  test("a secret in the file .env is there, where the environment does not have it, and nothing else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "flyte-serve-env-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(
      join(folder, ".env"),
      "# kept out of git\nSERVE_TEST_A='from file'\nexport SERVE_TEST_B=file\nSERVE_TEST_C=other\n",
    );
    vi.spyOn(process, "cwd").mockReturnValue(folder);
    onTestFinished(() => void vi.restoreAllMocks());
    vi.stubEnv("SERVE_TEST_B", "from environment");
    onTestFinished(() => void vi.unstubAllEnvs());
    const secrets = ["A", "B"].map(
      (letter) => new Secret({ key: letter, asEnvVar: `SERVE_TEST_${letter}` }),
    );
    const app = vi.fn((_: AppContext) => named("app"));
    await served(new FastifyAppEnvironment({ name: "app", app, secrets }));
    const { env } = app.mock.calls[0]?.[0] ?? {};
    expect([env?.["SERVE_TEST_A"], env?.["SERVE_TEST_B"], env?.["SERVE_TEST_C"]]).toEqual([
      "from file",
      "from environment",
      undefined,
    ]);
    expect(process.env["SERVE_TEST_A"]).toBeUndefined();
    const made = new FastifyAppEnvironment({ name: "made", app: named("made"), secrets });
    expect(await rejection(serve(made, { port: 0 }))).toMatchObject({
      message: expect.stringMatching(/cannot get SERVE_TEST_A from the file \.env/),
    });
  });

  test("a file .env that cannot be read is told, when a secret is missing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "flyte-serve-env-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, ".env"));
    vi.spyOn(process, "cwd").mockReturnValue(folder);
    onTestFinished(() => void vi.restoreAllMocks());
    const secrets = [new Secret({ key: "k", asEnvVar: "SERVE_TEST_KEY" })];
    const env = new FastifyAppEnvironment({ name: "app", app: () => named("app"), secrets });
    expect(await rejection(serve(env, { port: 0 }))).toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(/\.env.*EISDIR/),
    });
  });
});
