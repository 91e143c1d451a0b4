import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createSecretMounter } from "../../src/devbox/secrets/create-secret-mounter.ts";
import { ask, jsonApp, lastMessage, script, startRuntime } from "../support/app-runtime.ts";
import { openStore } from "../support/engine.ts";
import { withEnoughTime } from "../support/enough-time.ts";
import { unusedPort } from "../support/unused-port.ts";

test("a replica gets Flyte's variables and its own, and nothing else of the devbox", async () => {
  const { deploy, reach, acquire, stateDir } = await startRuntime({
    hostEnv: { PATH: process.env["PATH"], LANG: "C", SECRET_OF_THE_DEVBOX: "x" },
    launchers: { "my-launcher": { argv: [process.execPath, ...jsonApp.slice(1), "--"] } },
  });
  const row = deploy({
    command: [
      "my-launcher",
      "--port=$(PORT)",
      "$(MISSING)",
      "$$(PORT)",
      "{{.rawOutputDataPrefix}}",
    ],
    env: { URL: "http://localhost:$(PORT)" },
  });
  await reach(row, "ACTIVE running");
  const lease = await acquire(row);
  const { env, argv, cwd } = await ask(lease);
  const { PATH, FLYTE_WEBHOOK_PROCESS, ...rest } = env;
  expect([PATH, FLYTE_WEBHOOK_PROCESS]).toEqual([process.env["PATH"], expect.any(String)]);
  expect(rest).toEqual({
    LANG: "C",
    PORT: String(lease.port),
    URL: `http://localhost:${lease.port}`,
    FLYTE_APP_HOST: "127.0.0.1",
    FLYTE_INTERNAL_EXECUTION_PROJECT: "flytesnacks",
    FLYTE_INTERNAL_EXECUTION_DOMAIN: "development",
    INTERNAL_APP_ENDPOINT_PATTERN: "http://{app_fqdn}-flytesnacks-development.localhost",
    _U_EP_OVERRIDE: "127.0.0.1:30080",
    _U_INSECURE: "true",
    _U_ORG_NAME: "local",
  });
  expect(argv).toEqual([
    `--port=${lease.port}`,
    "$(MISSING)",
    "$(PORT)",
    `file://${stateDir}/raw-data/flytesnacks/development/hello`,
  ]);
  expect(cwd.startsWith(stateDir)).toBe(true);
});

test("a program that does not exist is a failure at once", async () => {
  const { deploy, reach, acquire } = await startRuntime();
  const row = deploy({ command: ["no-such-program-anywhere"] });
  const waiting = acquire(row);
  const failed = expect(waiting).rejects.toMatchObject({ code: "app_failed" });
  expect(lastMessage(await reach(row, "FAILED crash_loop"))).toBe(
    `The app's command "no-such-program-anywhere" was not found on the PATH; install it where the devbox runs, or change the app's command.`,
  );
  await failed;
  deploy({ command: jsonApp });
  await reach(row, "ACTIVE running");
});

test("a crash loop tells how the last start ended and what it wrote", async () => {
  const { deploy, reach } = await startRuntime();
  const row = deploy({
    command: script("console.log('about to fail'); console.error('no database'); process.exit(7)"),
  });
  const message = lastMessage(await reach(row, "FAILED crash_loop"));
  expect(message).toMatch(
    /^Replica hello-00001-[0-9a-f]{8} ended with exit code 7 before it listened on the port in PORT\. Its last output:\n/,
  );
  expect(message.split("\n").slice(1).sort()).toEqual(["about to fail", "no database"]);
});

test("an app that never listens fails after the deadline, and is ended", async () => {
  await withEnoughTime(1500, async (startDeadlineMs) => {
    const { deploy, reach, runtime } = await startRuntime({ limits: { startDeadlineMs } });
    const row = deploy({ command: script("console.log('idle'); setInterval(() => {}, 1000)") });
    const message = lastMessage(await reach(row, "FAILED unspecified"));
    expect(message.replace(/^Replica \S+ did/, "It did")).toBe(
      `It did not listen on the port in PORT within ${startDeadlineMs / 1000} s. Make the app listen on the port in the environment variable PORT. Its last output:\nidle`,
    );
    expect(runtime.state(row.id)?.currentReplicas).toBe(0);
  });
});

test("a missing secret is named, and the start is tried again when the app is applied", async () => {
  const database = openStore();
  const secrets = createSecretMounter({ database, secretKey: new Uint8Array(32) });
  const { deploy, reach } = await startRuntime({ database, secrets });
  const row = deploy({ command: jsonApp, secrets: [{ key: "API_KEY" }] });
  expect(lastMessage(await reach(row, "FAILED secret_mount_error"))).toContain('"API_KEY"');
  deploy({ command: jsonApp });
  await reach(row, "ACTIVE running");
});

test("secrets reach the process and no message", async () => {
  const mounted = { env: { API_KEY: "hush-hush" }, values: ["hush-hush"] };
  let unmounted = 0;
  const { deploy, reach } = await startRuntime({
    secrets: { mount: async () => ({ ...mounted, unmount: async () => void unmounted++ }) },
  });
  const code = "console.error('key', process.env.API_KEY, process.argv[1]); process.exit(1)";
  const row = deploy({ command: [...script(code), "$(API_KEY)"] });
  const message = lastMessage(await reach(row, "FAILED crash_loop"));
  expect(message.split("\n").at(-1)).toBe("key *** ***");
  expect(unmounted).toBe(3);
});

test("an app that minds its declared port alone is found there, with one replica", async () => {
  const port = await unusedPort();
  const { deploy, reach, acquire } = await startRuntime();
  const code = (text: string) =>
    `require("http").createServer((q, r) => r.end(JSON.stringify({ argv: ["${text}"] }))).listen(${port})`;
  const row = deploy({ command: script(code("one")), port, replicas: [2, 3] });
  const state = await reach(row, "ACTIVE running");
  expect(state.currentReplicas).toBe(1);
  const lease = await acquire(row);
  expect(lease.port).toBe(port);
  expect((await ask(lease)).argv).toEqual(["one"]);
  lease.release();
  deploy({ command: script(code("two")), port, replicas: [2, 3] });
  const newer = await acquire(row);
  expect((await ask(newer)).argv).toEqual(["two"]);
  newer.release();
});

test("requests never reach another's process on the declared port", async () => {
  const foreign = createServer((socket) => socket.destroy()).listen(0);
  await once(foreign, "listening");
  onTestFinished(() => void foreign.close());
  const address = foreign.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const { deploy, reach } = await startRuntime({ limits: { startDeadlineMs: 1500 } });
  const row = deploy({ command: script("setInterval(() => {}, 1000)"), port });
  expect(lastMessage(await reach(row, "FAILED unspecified"))).toContain(
    `Its declared port ${port} was in use by another process.`,
  );
});

test("nor a process that takes the port after the start", async () => {
  const port = await unusedPort();
  const { deploy, reach, runtime } = await startRuntime({ limits: { startDeadlineMs: 2500 } });
  const row = deploy({ command: script("console.log('up'); setInterval(() => {}, 1000)"), port });
  await expect.poll(() => runtime.logs.replicas(row.id)).toHaveLength(1);
  for await (const lines of runtime.logs.tail(row.id, undefined, AbortSignal.timeout(60_000))) {
    if (lines.some(({ message }) => message === "up")) break;
  }
  const foreign = createServer((socket) => socket.destroy()).listen(port);
  await once(foreign, "listening");
  onTestFinished(() => void foreign.close());
  await reach(row, "FAILED unspecified");
});

test("an app may listen on IPv6 alone", async () => {
  const { deploy, reach, acquire } = await startRuntime();
  const row = deploy({
    command: script(
      `require("http").createServer((q, r) => r.end("{}")).listen(process.env.PORT, "::1")`,
    ),
  });
  await reach(row, "ACTIVE running");
  const lease = await acquire(row);
  expect(lease.host).toBe("::1");
  expect(await ask(lease)).toEqual({});
});
