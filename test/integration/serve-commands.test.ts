import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  AppEnvironment,
  type AppEnvironmentOptions,
} from "../../src/app/environment/app-environment.ts";
import { serve } from "../../src/app/serve/serve.ts";
import { init } from "../../src/client/init.ts";
import { closeControlPlane } from "../../src/client/init-current.ts";
import { withEnoughTime } from "../support/enough-time.ts";
import { answers, isAlive, rejection, served, textOf } from "../support/served.ts";

/** Collects what children write, which would go to standard error. */
function collect(): { readonly onOutput: (chunk: Uint8Array) => void; text(): string } {
  let text = "";
  return {
    onOutput: (chunk) => {
      text += Buffer.from(chunk).toString();
    },
    text: () => text,
  };
}

/** An app that is a small Node.js program. */
function script(code: string, options: Partial<AppEnvironmentOptions> = {}): AppEnvironment {
  return new AppEnvironment({ name: "child", command: [process.execPath, "-e", code], ...options });
}

/** Answers with what the expression gives, asked anew for each request. */
const answering = (expression: string) =>
  `require("node:http").createServer((request, response) => response.end(JSON.stringify(${expression}))).listen(process.env.PORT, "127.0.0.1");`;

async function jsonOf(url: string): Promise<Record<string, unknown>> {
  return JSON.parse(await textOf(url));
}

describe("an app of a command", () => {
  test("runs in a process group of its own, on the port it is told", async () => {
    const app = await served(script(answering("{ pid: process.pid, port: process.env.PORT }")));
    const { pid, port } = await jsonOf(app.endpoint);
    expect(port).toBe(new URL(app.endpoint).port);
    expect(pid).not.toBe(process.pid);
    expect(isAlive(-Number(pid))).toBe(true);
    await app.deactivate();
    expect(isAlive(-Number(pid))).toBe(false);
    expect(await app.isDeactivated()).toBe(true);
  });

  test("is started anew at the same address", async () => {
    const app = await served(script(answering("process.pid")));
    const first = await textOf(app.endpoint);
    await app.deactivate();
    expect(await answers(app.endpoint)).toBe(false);
    await app.activate();
    expect(await textOf(app.endpoint)).not.toBe(first);
  });

  test("has variables of its own on top of this process's, and this process none of them", async () => {
    vi.stubEnv("SERVE_TEST_SHARED", "shared");
    vi.stubEnv("SERVE_TEST_KEY", "s3cret");
    onTestFinished(() => void vi.unstubAllEnvs());
    const before = { ...process.env };
    const app = await served(
      script(answering("process.env"), {
        envVars: { SERVE_TEST_OWN: "own", SERVE_TEST_SHARED: "changed" },
        secrets: [{ key: "key", asEnvVar: "SERVE_TEST_KEY" }],
      }),
    );
    expect(await jsonOf(app.endpoint)).toMatchObject({
      SERVE_TEST_OWN: "own",
      SERVE_TEST_SHARED: "changed",
      SERVE_TEST_KEY: "s3cret",
      _RUN_MODE: "local",
      PATH: process.env["PATH"],
    });
    expect(process.env).toEqual(before);
  });

  test("finds the control plane that this process is connected to", async () => {
    const surroundings = { env: {}, cwd: "/", home: "/nonexistent" };
    await init({
      endpoint: "http://127.0.0.1:1",
      org: "acme",
      project: "ml",
      domain: "staging",
      apiKey: "token",
      configFile: false,
      surroundings,
    });
    onTestFinished(closeControlPlane);
    const app = await served(script(answering("process.env")));
    expect(await jsonOf(app.endpoint)).toMatchObject({
      _U_EP_OVERRIDE: "http://127.0.0.1:1",
      _U_INSECURE: "true",
      _U_ORG_NAME: "acme",
      FLYTE_INTERNAL_EXECUTION_PROJECT: "ml",
      FLYTE_INTERNAL_EXECUTION_DOMAIN: "staging",
    });
  });

  test("may be arguments alone, split like a shell's", async () => {
    const code = answering("process.argv.slice(1)");
    const args = `${process.execPath} -e '${code}' one "two words"`;
    const app = await served(new AppEnvironment({ name: "child", args }));
    expect(await jsonOf(app.endpoint)).toEqual(["one", "two words"]);
  });

  test("gets no shell", async () => {
    const app = await served(
      script(answering("process.argv.slice(1)"), { args: ["$$HOME", ";ls", "*"] }),
    );
    expect(await jsonOf(app.endpoint)).toEqual(["$HOME", ";ls", "*"]);
  });

  test("hands its output on", async () => {
    const output = collect();
    const code = `console.log("to stdout"); console.error("to stderr"); ${answering("1")}`;
    const app = await served(script(code), { onOutput: output.onOutput });
    await app.deactivate();
    expect(output.text()).toContain("to stdout");
    expect(output.text()).toContain("to stderr");
  });

  test("is killed when it does not end in time, with what it has started", async () => {
    const code = `
      process.on("SIGTERM", () => {});
      const { pid } = require("node:child_process").spawn(process.execPath, ["-e",
        "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: "ignore" });
      ${answering("[process.pid, pid]")}`;
    const app = await served(script(code), { deactivateTimeoutMs: 50 });
    const pids = JSON.parse(await textOf(app.endpoint)) as readonly number[];
    await app.deactivate();
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    expect(await answers(app.endpoint)).toBe(false);
  });
});

test("what an app has started goes with it, although it ends in time itself", async () => {
  const code = `
    const { pid } = require("node:child_process").spawn(process.execPath, ["-e",
      "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)"],
      { stdio: ["ignore", "inherit", "ignore"] });
    ${answering("pid")}`;
  const output = collect();
  const app = await served(script(code), { onOutput: output.onOutput });
  const pid = Number(await textOf(app.endpoint));
  await expect.poll(() => output.text()).toContain("up");
  await app.deactivate();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

describe("an app of a command that ends", () => {
  test("while it starts fails with what it wrote last, secrets apart", async () => {
    vi.stubEnv("SERVE_TEST_KEY", "s3cret");
    onTestFinished(() => void vi.unstubAllEnvs());
    const env = script(`console.error("bad key " + process.env.SERVE_TEST_KEY); process.exit(3)`, {
      secrets: [{ key: "key", asEnvVar: "SERVE_TEST_KEY" }],
    });
    const error = await rejection(serve(env, { port: 0, onOutput: collect().onOutput }));
    expect(error).toMatchObject({
      code: "app_failed",
      message: 'The app "child" ended with exit code 3. It wrote last:\nbad key ***',
    });
  });

  test("by a signal while it starts is told as that", async () => {
    const env = script('process.kill(process.pid, "SIGKILL")');
    expect(await rejection(serve(env, { port: 0 }))).toMatchObject({
      message: 'The app "child" ended with signal SIGKILL and wrote nothing.',
    });
  });

  test("with much output shows the end of it", async () => {
    const env = script(
      `process.stdout.write("x".repeat(100_000) + "the end"); process.exitCode = 1;`,
    );
    const { message } = (await rejection(
      serve(env, { port: 0, onOutput: collect().onOutput }),
    )) as Error;
    expect(message).toMatch(/xthe end$/);
    expect(message.length).toBeLessThan(2200);
  });

  test("later is not active any more, and can be started again", async () => {
    const app = await served(
      script(`${answering("process.pid")} process.on("SIGUSR2", () => process.exit(1))`),
    );
    const pid = Number(await textOf(app.endpoint));
    process.kill(pid, "SIGUSR2");
    await expect.poll(() => app.isDeactivated()).toBe(true);
    expect(await app.isActive()).toBe(false);
    await app.activate();
    expect(await app.isActive()).toBe(true);
  });

  test("because there is no such program says so", async () => {
    const env = new AppEnvironment({ name: "child", command: ["no-such program"] });
    expect(await rejection(serve(env, { port: 0 }))).toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(
        /command 'no-such program' of the app "child".*no such program/,
      ),
    });
  });

  test("not, but does not listen, is stopped and told where it should", async () => {
    const command = ["sh", "-c", "echo $$; exec sleep 1000"];
    const env = new AppEnvironment({ name: "child", command });
    await withEnoughTime(500, async (activateTimeoutMs) => {
      const { onOutput, text } = collect();
      const options = { port: 0, activateTimeoutMs, probeIntervalMs: 10, onOutput };
      expect(await rejection(serve(env, options))).toMatchObject({
        code: "deadline_exceeded",
        message: expect.stringMatching(/gave ECONNREFUSED.*listens on the port in PORT/),
      });
      expect(text()).toMatch(/^\d+\n$/);
      expect(isAlive(Number(text()))).toBe(false);
    });
  });
});
