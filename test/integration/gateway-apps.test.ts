import { once } from "node:events";
import { Agent, request as createRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { Spec_DesiredState } from "../../src/idl/apps.ts";
import { isRunning } from "../support/app-runtime.ts";
import { type AppOptions, appId, appNamed, connectApps, statusOf } from "../support/devbox-apps.ts";

const { ACTIVE, STOPPED } = Spec_DesiredState;

/**
 * Says which process and which version answered. `/wait?N` answers in two halves, N ms apart,
 * `/exit` takes the process down, and `/deaf` ends its server alone.
 */
const script = `
  const { createServer } = require("node:http");
  const mark = process.env.MARK ?? "";
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const [path, wait] = request.url.split("?");
    if (path === "/exit") process.exit(1);
    if (path === "/deaf") {
      server.close();
      response.setHeader("connection", "close");
    }
    if (path === "/wait") {
      response.write("begun ");
      await new Promise((resolve) => setTimeout(resolve, Number(wait)));
    }
    const subject = request.headers["x-flyte-user-subject"];
    response.end(JSON.stringify({ pid: process.pid, mark, body, subject }));
  }).listen(process.env.PORT);
  setInterval(() => undefined, 60_000);`;

/** An app that strangers may call, at most one replica of it. */
function app(mark: string, options: AppOptions = {}): AppOptions {
  return {
    command: [process.execPath, "-e", script],
    env: { MARK: mark },
    state: ACTIVE,
    ...options,
    spec: {
      securityContext: { allowAnonymous: true },
      autoscaling: { replicas: { min: 0, max: 1 } },
      ...options.spec,
    },
  };
}

let devbox: Devbox;
let agent: Agent;
beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  agent = new Agent({ keepAlive: true, maxSockets: 16 });
});
afterAll(async () => {
  agent?.destroy();
  await devbox?.close();
});

const apps = () => connectApps(devbox, "alice").apps;

/** Creates an app, or a further revision of it; gives its `Host`. */
async function deploy(name: string, options: AppOptions): Promise<string> {
  const wanted = appNamed(name, options);
  const identifier = { case: "appId", value: appId(name) } as const;
  const exists = await apps()
    .get({ identifier })
    .then(
      () => true,
      () => false,
    );
  const answer = exists
    ? await apps().update({ app: wanted, reason: "test" })
    : await apps().create({ app: wanted });
  // A stopped app tells no address.
  const { publicUrl = "" } = answer.app?.status?.ingress ?? {};
  const { port } = new URL(devbox.gatewayUrl);
  const host = `${name}-flytesnacks-development.localhost:${port}`;
  if (options.state !== STOPPED) expect(publicUrl).toBe(`http://${host}`);
  return host;
}

async function reach(name: string, status: string): Promise<void> {
  const identifier = { case: "appId", value: appId(name) } as const;
  await expect.poll(async () => statusOf((await apps().get({ identifier })).app)).toBe(status);
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask(
  host: string,
  path = "/",
  {
    method = "GET",
    key,
    body = "",
  }: { method?: string; key?: string | undefined; body?: string } = {},
): Promise<Answer> {
  const request = createRequest({
    agent,
    host: "127.0.0.1",
    port: new URL(devbox.gatewayUrl).port,
    path,
    method,
    headers: { host, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
  });
  request.end(body);
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}

test("200 requests at once to a sleeping app start it once and are all answered", async () => {
  const host = await deploy("sleeper", app("one"));
  const wide = new Agent({ maxSockets: 200 });
  const answers = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const { port } = new URL(devbox.gatewayUrl);
      const request = createRequest({ agent: wide, host: "127.0.0.1", port, headers: { host } });
      const [answer] = (await once(request.end(), "response")) as [IncomingMessage];
      return { status: answer.statusCode, body: JSON.parse(await text(answer)) };
    }),
  );
  wide.destroy();
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ body }) => body.pid)).size).toBe(1);
});

test("a redeploy under load fails no request, and running ones end where they began", async () => {
  const host = await deploy(
    "steady",
    app("0", { spec: { autoscaling: { replicas: { min: 1, max: 2 } } } }),
  );
  expect((await ask(host)).status).toBe(200);
  const marks = new Map<string, number>();
  const failures: unknown[] = [];
  let isOver = false;
  let sent = 0;
  const drive = async (index: number): Promise<void> => {
    while (!isOver) {
      sent += 1;
      const isPost = (sent + index) % 2 === 0;
      const body = isPost ? `body-${sent}` : "";
      const answer = await ask(host, "/", { method: isPost ? "POST" : "GET", body }).catch(
        (error: unknown) => ({ status: 0, body: String(error) }),
      );
      const said = answer.status === 200 ? JSON.parse(answer.body) : undefined;
      if (said?.body !== body) failures.push(answer);
      else marks.set(said.mark, (marks.get(said.mark) ?? 0) + 1);
    }
  };
  const drivers = Array.from({ length: 12 }, (_, index) => drive(index));
  for (const mark of ["1", "2", "3"]) {
    const slow = ask(host, "/wait?400");
    const before = marks.get(mark) ?? 0;
    await deploy("steady", app(mark, { spec: { autoscaling: { replicas: { min: 1, max: 2 } } } }));
    await expect.poll(() => marks.get(mark) ?? 0).toBeGreaterThan(before + 50);
    expect((await slow).body).toMatch(/^begun \{.*\}$/);
  }
  await expect.poll(() => sent).toBeGreaterThan(3_000);
  isOver = true;
  await Promise.all(drivers);
  expect(failures).toEqual([]);
  expect([...marks.keys()].sort()).toEqual(["0", "1", "2", "3"]);
});

test("after the death of a replica the next request is served by another", async () => {
  const host = await deploy(
    "mortal",
    app("m", { spec: { autoscaling: { replicas: { min: 1, max: 1 } } } }),
  );
  const first = JSON.parse((await ask(host)).body);
  process.kill(first.pid, "SIGKILL");
  const second = await ask(host);
  expect(second.status).toBe(200);
  expect(JSON.parse(second.body).pid).not.toBe(first.pid);
});

test("a replica that dies of a request is a 502 for that request, and not asked again", async () => {
  const host = await deploy("fragile", app("f"));
  expect((await ask(host, "/exit", { method: "POST", body: "x" })).status).toBe(502);
  expect((await ask(host)).status).toBe(200);
});

test("a replica that lives and listens no more is replaced, and the next request answered", async () => {
  const host = await deploy("deaf", app("d"));
  const first = JSON.parse((await ask(host, "/deaf")).body);
  const second = await ask(host, "/", { method: "POST", body: "x" });
  expect(second.status).toBe(200);
  expect(JSON.parse(second.body).pid).not.toBe(first.pid);
  // The first one has ended, not being needed any more.
  await expect.poll(() => isRunning(first.pid)).toBe(false);
});

test("a stopped app says how to activate it to those who may read it, and is served afterwards", async () => {
  const options = app("s", {
    state: STOPPED,
    spec: { securityContext: { allowAnonymous: false } },
  });
  const host = await deploy("stopped", options);
  const key = devbox.keys["bob"];
  expect((await ask(host)).status).toBe(401);
  const refused = await ask(host, "/", { key });
  expect(refused.status).toBe(503);
  expect(JSON.parse(refused.body).detail).toMatch(/stopped.*activate/i);
  await deploy("stopped", { ...options, state: ACTIVE });
  const served = await ask(host, "/", { key });
  expect(JSON.parse(served.body)).toMatchObject({ mark: "s", subject: "bob" });
});

test("an app that cannot start is a 503 that tells why only to those who may read it", async () => {
  const host = await deploy("broken", app("", { command: ["no-such-program"], args: [] }));
  const stranger = await ask(host);
  const reader = await ask(host, "/", { key: devbox.keys["bob"] });
  expect([stranger.status, reader.status]).toEqual([503, 503]);
  expect(reader.body).toContain("no-such-program");
  expect(stranger.body).not.toContain("no-such-program");
  await reach("broken", "FAILED");
});

describe("addresses", () => {
  test("a subdomain and a custom domain lead to the app; one that is taken is refused", async () => {
    const ingress = { subdomain: "greetings", cname: "greet.example.com" };
    const host = await deploy("named", app("n", { spec: { ingress } }));
    for (const name of [host, "greetings.localhost:30081", "GREET.example.com"]) {
      expect(JSON.parse((await ask(name)).body).mark).toBe("n");
    }
    const thief = appNamed("thief", app("t", { spec: { ingress: { subdomain: "greetings" } } }));
    await expect(apps().create({ app: thief })).rejects.toThrow(/greetings/);
  });

  test("a deleted app leaves nothing at its address", async () => {
    const host = await deploy("leaving", app("l"));
    expect((await ask(host)).status).toBe(200);
    await apps().delete({ appId: appId("leaving") });
    expect((await ask(host)).status).toBe(404);
  });
});

test("a WebSocket wakes an app and holds its replica until it ends", async () => {
  const code = `
    const { createServer } = require("node:http");
    const { createHash } = require("node:crypto");
    createServer((_, response) => response.end("plain")).on("upgrade", (request, socket) => {
      const key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
      const accept = createHash("sha1").update(key).digest("base64");
      socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " + accept + "\\r\\n\\r\\n");
      socket.write(Buffer.from([0x81, 2, 0x68, 0x69]));
    }).listen(process.env.PORT);`;
  const host = await deploy("sockets", app("", { command: [process.execPath, "-e", code] }));
  const socket = new WebSocket(devbox.gatewayUrl.replace("http://localhost", "ws://127.0.0.1"), {
    headers: { host },
  });
  const [message] = (await once(socket, "message")) as [Buffer];
  expect(message.toString()).toBe("hi");
  socket.terminate();
});
