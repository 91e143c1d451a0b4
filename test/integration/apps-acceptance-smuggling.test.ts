import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anonymous, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { sendRaw } from "../support/raw-http.ts";

/**
 * Bytes that may hide a request in another. The app behind the gateway reads as leniently as Node.js
 * can; each request that it sees has to be one that the gateway wrote.
 */
let gateway: TestGateway;
let app: Server;
let host: string;
/** Requests that do not bear the gateway's mark once, or bear a name that it did not give. */
const smuggled: string[] = [];
let passed = 0;

beforeAll(async () => {
  gateway = await startTestGateway();
  app = createServer({ insecureHTTPParser: true }, (request, response) => {
    passed += 1;
    request.resume();
    request.once("end", () => {
      const marks = request.rawHeaders.filter((name) => name === "X-Forwarded-Host");
      const names = [...request.rawHeaders, ...request.rawTrailers];
      const isNamed = names.some((name) => /^x.flyte.user/i.test(name));
      if (marks.length !== 1 || isNamed) smuggled.push(`${request.method} ${names.join("|")}`);
      response.end("ok");
    });
  });
  app.on("clientError", (_error, socket) => socket.destroy());
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  const { port } = app.address() as AddressInfo;
  host = gateway.add("lenient", () => ({ port }), anonymous);
});
afterAll(async () => {
  await gateway.close();
  app.closeAllConnections();
  app.close();
});

const hidden = "GET /smuggled HTTP/1.1\r\nHost: HOST\r\nX-Flyte-User-Subject: root\r\n\r\n";
/** Mostly what is usual, so that what is not comes alone. */
function rarely<Text>(usual: Text, odd: readonly Text[]): fc.Arbitrary<Text> {
  const others = fc.constantFrom(...odd);
  return fc.oneof({ weight: 30, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others });
}

const lineEnd = rarely("\r\n", ["\n", "\r", "\r\r\n", "\r\n ", "\r\n\t"]);
const odd = fc.constantFrom(
  ...["Content-Length: 5, 5", "Content-Length: +5", "Content-Length: 0x5", "Content-Length: -0"],
  ...["Content-Length : 5", "Content_Length: 5", "Content-Length:", "Content-Length: 5;"],
  ...["Transfer-Encoding : chunked", "Transfer_Encoding: chunked", "\tTransfer-Encoding: chunked"],
  ...["Transfer-Encoding: chunked,", "Transfer-Encoding: ,chunked", "Transfer-Encoding: chunked;"],
  ...["Transfer-Encoding: x, chunked", "Transfer-Encoding: identity", "Transfer-Encoding:"],
  ...["Transfer-Encoding: \x0bchunked", "Transfer-Encoding: chun\0ked", "Transfer-Encoding: x"],
  ...[
    "Connection: Transfer-Encoding",
    "Connection: Content-Length",
    "Connection: X-Forwarded-Host",
  ],
  ...[
    "Connection: upgrade",
    "Upgrade: h2c",
    "Upgrade: websocket",
    "Expect: 100-Continue ",
    "TE: x",
  ],
  ...[
    "X-A: a\nX-Flyte-User-Subject: root",
    "X-A: a\rX-Flyte-User-Subject: root",
    "X A: a",
    "X\0A: a",
  ],
  ...["Host: HOST", "Host: other", ": a", "X-A", "Trailer: X-Flyte-User-Subject"],
);
const usual = fc.constantFrom(
  ...["X-A: a", "X-Flyte-User-Subject: root", "X_Flyte_User_Subject: root", "Expect: 100-continue"],
  ...["Transfer-Encoding: chunked", "transfer-encoding: Chunked ", "Connection: keep-alive"],
  ...["Content-Length: 5", "content-length: 0", `Content-Length: ${hidden.length}`],
);
const header = fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: odd });
const body = fc.constantFrom(
  ...[
    "",
    "",
    "hello",
    hidden,
    "0\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\n",
    "0\n\n",
    "0;a\n\r\n",
    "00\r\n\r\n",
  ],
  ...[
    "+0\r\n\r\n",
    "0x0\r\n\r\n",
    "\r\n",
    "ffffffffffffffff\r\n",
    `0\r\n\r\n${hidden}`,
    "0\r\n \r\n",
  ],
  "0\r\nX-Flyte-User-Subject: root\r\nContent-Length: 5\r\n\r\n",
  `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  `2;x="\r\n"\r\n${hidden}\r\n0\r\n\r\n`,
);
const message = fc
  .record({
    line: rarely("POST / HTTP/1.1", [
      ...["GET / HTTP/1.1", "POST / HTTP/1.0", "HEAD / HTTP/1.1", "OPTIONS * HTTP/1.1"],
      ...["GET  / HTTP/1.1", "GET /a b HTTP/1.1", " GET / HTTP/1.1", "POST /\x80 HTTP/1.1"],
      ...["GET http://HOST/ HTTP/1.1", "GET http://other/ HTTP/1.1", "GET / HTTP/1.1\t"],
    ]),
    ends: fc.array(lineEnd, { minLength: 5, maxLength: 5 }),
    headers: fc.array(header, { maxLength: 3 }),
    hostAt: fc.nat(3),
    body,
  })
  .map(({ line, ends, headers, hostAt, body: content }) => {
    const lines = headers.toSpliced(hostAt, 0, "Host: HOST");
    const head = [line, ...lines].map((text, at) => `${text}${ends[at] ?? "\r\n"}`).join("");
    return `${head}\r\n${content}`;
  });

test.each([
  ["too much of a header", `X-A: ${"a".repeat(40_000)}`],
  ["too many headers", "X-A: a\r\n".repeat(300).trimEnd()],
  ["two lengths", "Content-Length: 1\r\nContent-Length: 2"],
  ["both framings", "Content-Length: 5\r\nTransfer-Encoding: chunked"],
  ["a folded line", "X-A: a\r\n b"],
  ["a bare LF", "X-A: a\nX-B: b"],
  ["another host", "Host: other"],
])("a request with %s wakes nothing", async (_, lines) => {
  const { asked } = gateway;
  const answer = await sendRaw(gateway.url, `GET / HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n\r\n`);
  expect([400, 431]).toContain(answer.status);
  expect(gateway.asked).toBe(asked);
});

test("no bytes make an app see a request that the gateway did not write", async () => {
  const attack = fc.array(message, { minLength: 1, maxLength: 3 }).map((all) => all.join(""));
  await fc.assert(
    fc.asyncProperty(attack, async (text) => {
      await send(text);
      expect(smuggled.splice(0)).toEqual([]);
    }),
    { numRuns: 500 },
  );
  // A table of refusals alone would prove little.
  expect(passed).toBeGreaterThan(50);
  await expect.poll(() => gateway.leases).toBe(0);
});

/** Sends all; resolves when the gateway has ended the connection, or waits for what does not come. */
async function send(text: string): Promise<void> {
  const socket = connect(gateway.port, "127.0.0.1");
  socket.on("error", () => undefined).resume();
  socket.setTimeout(200, () => socket.destroy());
  const last = "GET /last HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
  socket.write(Buffer.from(`${text}${last}`.replaceAll("HOST", host), "latin1"));
  await once(socket, "close");
}
