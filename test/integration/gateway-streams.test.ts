import { once } from "node:events";
import {
  Agent,
  request as createRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import {
  anonymous,
  httpApp,
  rawApp,
  startTestGateway,
  useTestGateway,
} from "../support/gateway.ts";

const gateway = useTestGateway();

/** An app that sends each message back, as it came. */
async function echoApp(): Promise<{ port: number; sockets: WebSocketServer }> {
  const app = await httpApp((_request, response) => response.end("http"));
  const sockets = new WebSocketServer({ server: app.server });
  sockets.on("connection", (socket, request) => {
    socket.send(`hello ${request.headers["x-flyte-user-subject"]} ${request.url}`);
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return { port: app.port, sockets };
}

function open(host: string, path: string, headers: Record<string, string> = {}): WebSocket {
  return new WebSocket(`${gateway.url.replace("http", "ws")}${path}`, {
    headers: { host, ...headers },
  });
}

test("a WebSocket carries big and fragmented messages both ways, and its end", async () => {
  const app = await echoApp();
  const host = gateway.add("ws", () => app);
  const socket = open(host, "/live?x=1", { authorization: `Bearer ${gateway.keys["alice"]}` });
  const [greeting] = (await once(socket, "message")) as [Buffer];
  expect(greeting.toString()).toBe("hello alice /live?x=1");
  expect(gateway.leases).toBe(1);
  const big = Buffer.alloc(8 * 1024 * 1024, "0123456789");
  socket.send(big);
  const [same] = (await once(socket, "message")) as [Buffer];
  expect(same.equals(big)).toBe(true);
  socket.send("one ", { fin: false });
  socket.send("two ", { fin: false });
  socket.send("three", { fin: true });
  const [joined] = (await once(socket, "message")) as [Buffer];
  expect(joined.toString()).toBe("one two three");
  socket.close(4001, "enough");
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([4001, "enough"]);
  await expect.poll(() => gateway.leases).toBe(0);
});

test("an app that ends a WebSocket ends it for the client", async () => {
  const app = await echoApp();
  const socket = open(
    gateway.add("ws-end", () => app, anonymous),
    "/",
  );
  await once(socket, "message");
  for (const one of app.sockets.clients) one.terminate();
  const [code] = (await once(socket, "close")) as [number];
  expect(code).toBe(1006);
  await expect.poll(() => gateway.leases).toBe(0);
});

test("an upgrade that the app refuses is an answer like any other", async () => {
  const app = await httpApp(() => undefined);
  app.server.on("upgrade", (_request, socket: Socket) => {
    socket.end("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 4\r\nX-Mine: a\r\n\r\nwhat");
  });
  const socket = open(
    gateway.add("ws-refused", () => app, anonymous),
    "/",
  );
  const [, answer] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  expect(answer).toMatchObject({ statusCode: 426 });
  expect(answer.headers).toMatchObject({ "x-mine": "a", connection: "close" });
  answer.resume();
  await expect.poll(() => gateway.leases).toBe(0);
});

test("what a client says before the app agrees does not become a request to it", async () => {
  const seen: string[] = [];
  const app = await httpApp((request, response) => {
    seen.push(String(request.url));
    response.end("no");
  });
  const host = gateway.add("ws-ignored", () => app, anonymous);
  const socket = connect(gateway.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk.toString();
  });
  socket.write(
    `GET /1 HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET /2 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  );
  await once(socket, "close");
  expect(seen).toEqual(["/1"]);
  expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*no$/);
});

test.each(["h2c", "HTTP/2.0", "TLS/1.0", "websocket, h2c"])(
  "an upgrade to %s, in which requests would pass unseen, is taken for a plain request",
  async (protocol) => {
    let upgrade: string | undefined;
    const app = await httpApp((request, response) => {
      upgrade = request.headers.upgrade;
      response.end("plain");
    });
    const host = gateway.add(`h2c-${protocol.length}`, () => app, anonymous);
    const request = createRequest(gateway.url, {
      agent: false,
      headers: {
        host,
        connection: "Upgrade, HTTP2-Settings",
        upgrade: protocol,
        "http2-settings": "AAMA",
      },
    }).end();
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    answer.resume();
    expect(upgrade).toBeUndefined();
  },
);

test("each direction of another protocol ends by itself", async () => {
  const app = await rawApp((socket) => {
    let heard = "";
    socket.on("data", (chunk) => {
      heard += chunk.toString();
      if (!heard.endsWith("\r\n\r\n")) return;
      heard = "";
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
      );
    });
    // It answers only when the other side has ended.
    socket.on("end", () => socket.end(`heard ${heard}`));
  });
  app.server.on("connection", (socket: Socket) => {
    socket.allowHalfOpen = true;
  });
  const host = gateway.add("echo-protocol", () => app, anonymous);
  const request = createRequest(gateway.url, {
    headers: { host, connection: "Upgrade", upgrade: "echo" },
    createConnection: () => connect({ host: "127.0.0.1", port: gateway.port, allowHalfOpen: true }),
  }).end();
  const [answer, socket] = (await once(request, "upgrade")) as [IncomingMessage, Socket];
  expect(answer.headers.upgrade).toBe("echo");
  socket.end("all of it");
  const [heard] = (await once(socket, "data")) as [Buffer];
  expect(heard.toString()).toBe("heard all of it");
  await once(socket, "close");
  await expect.poll(() => gateway.leases).toBe(0);
});

test("events arrive one by one, as they are sent", async () => {
  let answering: ServerResponse | undefined;
  const app = await httpApp((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    answering = response;
  });
  const host = gateway.add("events", () => app, anonymous);
  const request = createRequest(gateway.url, { agent: false, headers: { host } }).end();
  // The head comes before there is an event.
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  expect(answer.headers["content-type"]).toBe("text/event-stream");
  for (let event = 0; event < 5; event += 1) {
    answering?.write(`data: ${event}\n\n`);
    const [chunk] = (await once(answer, "data")) as [Buffer];
    expect(chunk.toString()).toBe(`data: ${event}\n\n`);
  }
  answer.destroy();
  await expect.poll(() => gateway.leases).toBe(0);
});

const bytes = 50 * 1024 * 1024;

test("50 MB pass in each direction without being held, whoever is slow", async () => {
  const app = await httpApp((request, response) => {
    let received = 0;
    request.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    request.on("end", () => {
      response.setHeader("x-received", received);
      Readable.from(pieces(bytes)).pipe(response);
    });
  });
  const host = gateway.add("big", () => app, anonymous);
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  const request = createRequest(gateway.url, { agent: false, method: "POST", headers: { host } });
  Readable.from(pieces(bytes)).pipe(request);
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  expect(answer.headers["x-received"]).toBe(String(bytes));
  let received = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    received += chunk.length;
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
  }
  expect(received).toBe(bytes);
  // Client, gateway and app are one process here; what is not collected yet counts, too.
  expect(peak).toBeLessThan(bytes);
});

test("an app is not read further than its client reads", async () => {
  let written = 0;
  const app = await httpApp((_request, response) => {
    const write = (): void => {
      while (written < 1e9) {
        written += 65_536;
        if (!response.write(Buffer.alloc(65_536))) {
          response.once("drain", write);
          return;
        }
      }
    };
    write();
  });
  const host = gateway.add("drip", () => app, anonymous);
  const request = createRequest(gateway.url, { agent: false, headers: { host } }).end();
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  answer.pause();
  let last = -1;
  await expect
    .poll(
      () => {
        const isStill = written === last;
        last = written;
        return isStill;
      },
      { interval: 200 },
    )
    .toBe(true);
  expect(written).toBeLessThan(64 * 1024 * 1024);
  answer.destroy();
  await expect.poll(() => gateway.leases).toBe(0);
});

test("an answer that comes before the body is through reaches the client, which may go on", async () => {
  const app = await httpApp((_request, response) => {
    response.writeHead(413).end("too much");
  });
  const host = gateway.add("early", () => app, anonymous);
  const agent = new Agent({ keepAlive: true });
  const request = createRequest(gateway.url, { agent, method: "POST", headers: { host } });
  request.on("error", () => undefined);
  request.write("x".repeat(1_000_000));
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  expect(answer.statusCode).toBe(413);
  answer.resume();
  request.end();
  await expect.poll(() => gateway.leases).toBe(0);
  agent.destroy();
});

test("200 requests at once over one app are all answered", async () => {
  const app = await httpApp((request, response) => response.end(request.url));
  const host = gateway.add("many", () => app, anonymous);
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const request = createRequest(`${gateway.url}/${index}`, { agent: false, headers: { host } });
      const [answer] = (await once(request.end(), "response")) as [IncomingMessage];
      const [body] = (await once(answer, "data")) as [Buffer];
      return body.toString();
    }),
  );
  expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => `/${index}`));
});

test("closing lets running requests end and cuts tunnels", async () => {
  const closing = await startTestGateway();
  let answering: ServerResponse | undefined;
  const app = await httpApp((_request, response) => {
    response.write("begun ");
    answering = response;
  });
  new WebSocketServer({ server: app.server });
  const host = closing.add("closing", () => app, anonymous);
  const socket = new WebSocket(closing.url.replace("http", "ws"), { headers: { host } });
  await once(socket, "open");
  const request = createRequest(closing.url, { agent: false, headers: { host } }).end();
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  const closed = closing.close();
  await once(socket, "close");
  answering?.end("ended");
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe("begun ended");
  await closed;
});

function* pieces(total: number): Iterable<Buffer> {
  for (let left = total; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536));
}
