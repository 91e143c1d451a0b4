import { createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { AppLogsService } from "../../src/idl/app-logs.ts";
import { AppService } from "../../src/idl/apps.ts";
import { RunService } from "../../src/idl/runs.ts";
import { appId, appNamed, connectApps, servingApp, statusOf } from "../support/devbox-apps.ts";
import { codeOf, connect } from "../support/devbox-client.ts";
import { createCaller } from "../support/http.ts";

/** A stream ends before the first message that comes after its caller's key was revoked. */
let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
});

afterAll(() => devbox?.close());

/** A viewer with a key of their own, and what takes it away. */
async function openViewer(user: string) {
  const admin = createCaller(devbox.url, devbox.keys["alice"]);
  const wanted = { name: "test", user, role: "viewer" };
  const { body } = await admin.post("/devbox/v1/api-keys", wanted);
  return {
    key: String(body.key),
    async revoke() {
      const headers = { authorization: `Bearer ${devbox.keys["alice"]}` };
      const url = `${devbox.url}/devbox/v1/api-keys/${body.id}`;
      expect((await fetch(url, { method: "DELETE", headers })).status).toBe(200);
    },
  };
}

const alice = () => connectApps(devbox, "alice").apps;

async function makeApp(name: string): Promise<void> {
  await alice().create({ app: appNamed(name, servingApp("first line")) });
  const identifier = { case: "appId", value: appId(name) } as const;
  await expect.poll(async () => statusOf((await alice().get({ identifier })).app)).toBe("ACTIVE");
}

const changeApp = (name: string) => alice().update({ app: appNamed(name) });

interface Options {
  readonly baseUrl: string;
  readonly interceptors: Interceptor[];
}

const ways: readonly (readonly [name: string, createTransport: (options: Options) => Transport])[] =
  [
    ["own", (options) => createConnectTransport({ ...options, httpVersion: "1.1" })],
    ["stock", (options) => createGrpcTransport(options)],
  ];

type Open = (transport: Transport, signal: AbortSignal) => AsyncIterable<unknown>;

describe.each(ways)("by the %s handler", (way, createTransport) => {
  /** Opens a stream as a viewer whose key is revoked once a message has come. */
  async function cutOff(
    name: string,
    open: Open,
    cause: () => Promise<unknown>,
  ): Promise<{ readonly code: string; readonly tellsAfter: number }> {
    const viewer = await openViewer(`${name}-${way}`);
    const transport = createTransport({
      baseUrl: devbox.url,
      interceptors: [
        (next) => (request) => {
          request.header.set("authorization", `Bearer ${viewer.key}`);
          return next(request);
        },
      ],
    });
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    let told = 0;
    const ended = codeOf(
      (async () => {
        for await (const _ of open(transport, leaving.signal)) told += 1;
      })(),
    );
    await expect.poll(() => told).toBeGreaterThan(0);
    await viewer.revoke();
    const before = told;
    await cause();
    return { code: await ended, tellsAfter: told - before };
  }

  const cut = { code: "Unauthenticated", tellsAfter: 0 };

  test("a watch of apps ends", async () => {
    const name = `watched-${way}`;
    await makeApp(name);
    const open: Open = (transport, signal) =>
      createClient(AppService, transport).watch(
        { target: { case: "appId", value: appId(name) } },
        { signal },
      );
    expect(await cutOff("watch", open, () => changeApp(name))).toEqual(cut);
  });

  test("the log of an app ends", async () => {
    const name = `logged-${way}`;
    await makeApp(name);
    const open: Open = (transport, signal) =>
      createClient(AppLogsService, transport).tailLogs(
        { target: { case: "appId", value: appId(name) } },
        { signal },
      );
    const again = () => alice().update({ app: appNamed(name, servingApp("another line")) });
    expect(await cutOff("logs", open, again)).toEqual(cut);
  });

  test("a watch of runs ends", async () => {
    const client = connect(devbox, "alice");
    const task = await client.deployScript(`streams.${way}`, "true");
    const open: Open = (transport, signal) =>
      createClient(RunService, transport).watchRuns(
        { target: { case: "projectId", value: { name: task.project, domain: task.domain } } },
        { signal },
      );
    expect(await cutOff("runs", open, () => client.start(task))).toEqual(cut);
  });
});
