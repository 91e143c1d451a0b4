import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConsole } from "../../src/devbox/server/console-pages.ts";
import { silentLogger } from "../../src/devbox/server/logger.ts";
import {
  createRequestListener,
  type RequestListenerOptions,
} from "../../src/devbox/server/request-listener.ts";
import { type RunningServer, startServer } from "../../src/devbox/server/start-server.ts";
import { sendRaw } from "../support/raw-http.ts";

/** How the devbox serves the console's files, whatever is in them: through sockets, from a folder of the test. */
const page = `<!doctype html><title>Console</title>${"<p>page</p>".repeat(300)}`;
const script = `console.log(${JSON.stringify("script ".repeat(300))})`;
const small = "b{color:red}";

let folder: string;
let server: RunningServer;
let unbuilt: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-console-"));
  const built = join(folder, "built");
  await mkdir(join(built, "assets"), { recursive: true });
  await mkdir(join(built, ".vite"));
  await writeFile(join(folder, "package.json"), "never served");
  await writeFile(join(built, "index.html"), page);
  await writeFile(join(built, "index.html.gz"), gzipSync(page));
  await writeFile(join(built, "assets/app-1.js"), script);
  await writeFile(join(built, "assets/app-1.js.br"), brotliCompressSync(script));
  await writeFile(join(built, "assets/app-1.js.gz"), gzipSync(script));
  await writeFile(join(built, "assets/app-1.js.map"), "never served");
  await writeFile(join(built, "assets/small-1.css"), small);
  await writeFile(join(built, "assets/icon-1.svg"), "<svg/>");
  await writeFile(join(built, ".vite/manifest.js"), "never served");
  await writeFile(join(built, ".vite/license.md"), "never served");
  server = await serve(built);
  unbuilt = await serve(join(folder, "nothing"));
});

afterAll(async () => {
  await server?.close();
  await unbuilt?.close();
  await rm(folder, { recursive: true, force: true });
});

function serve(root: string): Promise<RunningServer> {
  // Nothing but the console is asked for here.
  const others = {} as Omit<RequestListenerOptions, "boundHost" | "rpc" | "console" | "log">;
  const listener = createRequestListener({
    ...others,
    boundHost: "127.0.0.1",
    rpc: () => false,
    console: createConsole(root),
    log: silentLogger,
  });
  return startServer({ host: "127.0.0.1", port: 0, listener, onClosing: () => undefined });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly of?: RunningServer;
}

/** Asks as it is told to, with no header of its own and the path as it stands. */
async function ask(
  path: string,
  { method = "GET", headers = {}, of = server }: Asked = {},
): Promise<Answer> {
  const sent = httpRequest(of.url, {
    path,
    method,
    headers: { ...headers } as Record<string, string>,
  });
  sent.end();
  const [response] = await once(sent, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

const runPage = "/v2/domain/development/project/flytesnacks/runs/r1";
const asset = "/v2/assets/app-1.js";

test.each([
  "/v2",
  "/v2/",
  runPage,
  `${runPage}?tab=logs`,
  "/v2/domain/%2e%2e/project/%00/apps/%F0%9F%98%80",
  "/v2/domain/a/project/b/tasks/<script>alert(1)</script>",
  "/v2/nothing/of/ours",
  "/v2/assets",
  "/v2/index.html",
  "/v2/.vite/license.md",
  "/v2/../package.json",
  "/v2/..%2f..%2fpackage.json",
])("%s is the page", async (path) => {
  const { status, headers, body } = await ask(path);
  expect([status, body.toString()]).toEqual([200, page]);
  expect(headers["cache-control"]).toBe("no-cache");
});

test("the page and its files may do nothing but what they need", async () => {
  const expected = {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join("; "),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
  const etag = (await ask(asset)).headers.etag ?? "";
  for (const answer of [
    await ask(runPage),
    await ask(asset),
    await ask(runPage, { method: "HEAD" }),
    await ask(asset, { headers: { "if-none-match": etag } }),
  ]) {
    expect(answer.headers).toMatchObject(expected);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  }
});

test.each([
  [asset, "text/javascript; charset=utf-8", script],
  ["/v2/assets/small-1.css", "text/css; charset=utf-8", small],
  ["/v2/assets/icon-1.svg", "image/svg+xml", "<svg/>"],
])("%s is kept for ever", async (path, type, text) => {
  const { status, headers, body } = await ask(`${path}?anything`);
  expect([status, body.toString()]).toEqual([200, text]);
  expect(headers).toMatchObject({
    "content-type": type,
    "content-length": String(text.length),
    "cache-control": "public, max-age=31536000, immutable",
    vary: "accept-encoding",
  });
});

test.each([
  "/v2/assets/",
  "/v2/assets/nothing-1.js",
  "/v2/assets/app-1.js.map",
  "/v2/assets/app-1.js.br",
  "/v2/assets/app-1.js.gz",
  "/v2/assets/APP-1.js",
  "/v2/assets/app-1.js/",
  "/v2/assets//app-1.js",
  "/v2/assets/../index.html",
  "/v2/assets/../../package.json",
  "/v2/assets/%2e%2e/%2e%2e/package.json",
  "/v2/assets/..%2f..%2fpackage.json",
  "/v2/assets/..%5c..%5cpackage.json",
  "/v2/assets/..\\..\\package.json",
  "/v2/assets/../.vite/license.md",
  "/v2/assets/../.vite/manifest.js",
  "/v2/assets/app-1.js%00",
  "/v2/assets/%61pp-1.js",
  "/v2/assets/__proto__",
  "/v2/assets/constructor",
  `/v2/assets/${"a/".repeat(4_000)}`,
])("%s is no file", async (path) => {
  const { status, headers, body } = await ask(path);
  expect([status, body.toString()]).toEqual([404, "The console has no such file.\n"]);
  expect(headers["cache-control"]).toBe("no-store");
});

test.each(["//v2/x", "/v2x", "/V2", "/assets/app-1.js", "/"])(
  "%s is not the console's",
  async (path) => {
    expect((await ask(path)).status).toBe(404);
  },
);

const decode = (coding: string | undefined, body: Buffer): string =>
  (coding === "br"
    ? brotliDecompressSync(body)
    : coding === "gzip"
      ? gunzipSync(body)
      : body
  ).toString();

test.each<[string | undefined, string | undefined]>([
  [undefined, undefined],
  ["", undefined],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip", "gzip"],
  ["br;q=0, gzip;q=0.5", "gzip"],
  ["br;q=0, *", "gzip"],
  ["*", "br"],
  ["*;q=0", undefined],
  ["identity", undefined],
  ["identity;q=0", undefined],
  ["identity;q=0, br;q=0.001", "br"],
  ["gzip;q=nonsense", undefined],
  ["gzip;q=99", undefined],
  ["deflate, compress", undefined],
  ["\t,;=,,\"',gzip , ", "gzip"],
  ["x".repeat(10_000), undefined],
  [",".repeat(10_000), undefined],
  [";q=".repeat(3_300), undefined],
  [`${"br;q=0,".repeat(1_400)}gzip`, "gzip"],
])("Accept-Encoding: %.40s is answered in %s", async (header, coding) => {
  const headers = header === undefined ? {} : { "accept-encoding": header };
  const answer = await ask(asset, { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers["content-encoding"]).toBe(coding);
  expect(answer.headers["content-length"]).toBe(String(answer.body.length));
  expect(decode(coding, answer.body)).toBe(script);
});

test("what is not compressed goes as it is, and what came twice counts as one header", async () => {
  const browser = { "accept-encoding": "gzip, br" };
  expect(
    (await ask("/v2/assets/small-1.css", { headers: browser })).headers["content-encoding"],
  ).toBeUndefined();
  // The page is there in gzip alone.
  expect((await ask(runPage, { headers: browser })).headers["content-encoding"]).toBe("gzip");
  const twice = await ask(asset, { headers: { "accept-encoding": ["br;q=0", "gzip"] } });
  expect(twice.headers["content-encoding"]).toBe("gzip");
});

test("headers beyond all bounds are refused, and the server lives on", async () => {
  const line = `GET ${asset} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: ${"a".repeat(40_000)}\r\n\r\n`;
  expect((await sendRaw(server.url, line)).status).toBe(400);
  expect((await ask(asset)).status).toBe(200);
});

describe("a file that is known already is not sent again", () => {
  test.each<[string, (etag: string) => string, number]>([
    ["its tag", (etag) => etag, 304],
    ["its weak tag", (etag) => `W/${etag}`, 304],
    ["a list with it", (etag) => `"other", W/"more" ,${etag}`, 304],
    ["any", () => "*", 304],
    ["another", () => '"other"', 200],
    ["its tag without quotes", (etag) => etag.slice(1, -1), 200],
    ["garbage", () => '",",,W/,"'.repeat(1_000), 200],
  ])("%s", async (_, toHeader, status) => {
    for (const path of [runPage, asset]) {
      const { etag = "" } = (await ask(path)).headers;
      expect(etag).toMatch(/^"[\w-]{22}"$/);
      const answer = await ask(path, { headers: { "if-none-match": toHeader(etag) } });
      expect(answer.status).toBe(status);
      expect(answer.headers.etag).toBe(etag);
      if (status === 304) expect(answer.body).toHaveLength(0);
    }
  });

  test("each coding has a tag of its own", async () => {
    const [plain, br, gzip] = await Promise.all(
      ["identity", "br", "gzip"].map((coding) =>
        ask(asset, { headers: { "accept-encoding": coding } }),
      ),
    );
    const tags = [plain, br, gzip].map((answer) => answer?.headers.etag ?? "");
    expect(new Set(tags).size).toBe(3);
    const stale = { "accept-encoding": "gzip", "if-none-match": tags[1] ?? "" };
    expect((await ask(asset, { headers: stale })).status).toBe(200);
  });
});

test.each([runPage, asset, "/v2/assets/nothing.js"])(
  "HEAD %s is GET without its body",
  async (path) => {
    const headers = { "accept-encoding": "br" };
    const [get, head] = [
      await ask(path, { headers }),
      await ask(path, { method: "HEAD", headers }),
    ];
    expect(head.body).toHaveLength(0);
    expect(head.status).toBe(get.status);
    expect({ ...head.headers, date: "" }).toEqual({ ...get.headers, date: "" });
  },
);

test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])(
  "%s is refused",
  async (method) => {
    for (const of of [server, unbuilt]) {
      const { status, headers } = await ask(runPage, { method, of });
      expect([status, headers.allow]).toEqual([405, "GET, HEAD"]);
    }
  },
);

test("a name that is not of this machine is refused", async () => {
  for (const host of ["evil.example", "localhost.evil.example", "127.1"]) {
    expect((await ask(runPage, { headers: { host } })).status).toBe(421);
  }
  expect((await ask(runPage, { headers: { host: "localhost:1" } })).status).toBe(200);
});

test("HTTP/2 gets the same", async () => {
  const answers: [number, string | undefined, number][] = [];
  for (const of of [server, unbuilt]) {
    const session = connectHttp2(of.url);
    for (const [path, method] of [
      [runPage, "GET"],
      [asset, "GET"],
      [asset, "HEAD"],
      ["/v2/assets/nothing.js", "GET"],
      [runPage, "HEAD"],
      [runPage, "DELETE"],
    ] as const) {
      const stream = session.request({ ":path": path, ":method": method, "accept-encoding": "br" });
      const [headers] = await once(stream, "response");
      let size = 0;
      for await (const chunk of stream) size += chunk.length;
      answers.push([headers[":status"], headers["content-encoding"], size]);
    }
    session.close();
  }
  const compressed = brotliCompressSync(script).length;
  expect(answers.slice(0, 6)).toEqual([
    [200, undefined, page.length],
    [200, "br", compressed],
    [200, "br", 0],
    [404, undefined, 30],
    [200, undefined, 0],
    [405, undefined, expect.any(Number)],
  ]);
  expect(answers.slice(6).map(([status]) => status)).toEqual([200, 200, 200, 200, 200, 405]);
});

test("where it is not built the page says how, and it is served once it is", async () => {
  const later = join(folder, "later");
  await using of = Object.assign(await serve(later), {
    [Symbol.asyncDispose]: async () => undefined,
  });
  for (const method of ["GET", "HEAD"]) {
    const answer = await ask(`${runPage}?<script>`, { of, method });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    if (method === "GET") expect(answer.body.toString()).toContain("npm run console");
    expect(answer.body.toString()).not.toContain("<script>");
  }
  await mkdir(later);
  expect((await ask(runPage, { of })).body.toString()).toContain("npm run console");
  await writeFile(join(later, "index.html"), page);
  expect((await ask(runPage, { of })).body.toString()).toBe(page);
  // It is read once: what becomes of the files later changes nothing.
  await rm(later, { recursive: true });
  expect((await ask(runPage, { of })).body.toString()).toBe(page);
  await of.close();
});
