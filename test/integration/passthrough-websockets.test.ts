import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import type { CredentialFunction } from "../../src/app/passthrough/credential-extractor.ts";
import { authorizationExtractor } from "../../src/app/passthrough/extractors.ts";
import { socketFrameworks, startSocketApp } from "../support/passthrough-sockets.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";

async function open(url: string, headers: Readonly<Record<string, string>>): Promise<WebSocket> {
  const socket = new WebSocket(url.replace("http", "ws"), { headers: { ...headers } });
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  return socket;
}

/** Sends messages, all at once, and reads an answer for each. */
async function ask(socket: WebSocket, count = 1): Promise<readonly string[]> {
  const answers: string[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on("message", (data) => {
      answers.push(String(data));
      if (answers.length === count) resolve();
    });
  });
  for (let index = 0; index < count; index += 1) socket.send("x".repeat(50_000));
  await all;
  return answers;
}

/** An upgrade that asks for the connection to be kept, unlike what it will get. */
const upgradeRequest = (path: string, headers: readonly string[]): string =>
  rawRequest(`GET ${path}`, [
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  ]).replace("connection: close", "connection: Upgrade");

describe.each(Object.keys(socketFrameworks))("%s", (framework) => {
  test("knows who sent each of many messages on many connections, compressed or not", async () => {
    await using app = await startSocketApp(framework);
    const keys = Array.from({ length: 30 }, (_, index) => `Bearer key-${index}`);
    await Promise.all(
      keys.map(async (authorization) => {
        const socket = await open(`${app.url}/socket`, { authorization });
        expect(new Set(await ask(socket, 10))).toEqual(new Set([authorization]));
      }),
    );
    const sent = app.stub.calls.map(({ authorization }) => authorization);
    expect(sent).toHaveLength(300);
    for (const key of keys) expect(sent.filter((value) => value === key)).toHaveLength(10);
  });

  test("has nothing bound on excluded paths", async () => {
    await using app = await startSocketApp(framework);
    const caller = await open(`${app.url}/socket`, { authorization: "Bearer a" });
    const anyone = await open(`${app.url}/health`, { authorization: "Bearer b" });
    expect(await Promise.all([ask(caller, 5), ask(anyone, 5)])).toEqual([
      Array(5).fill("Bearer a"),
      Array(5).fill(""),
    ]);
  });

  test.each([
    ["without a credential", 401, []],
    ["with an empty one", 401, ["authorization: Bearer"]],
    ["with two", 400, ["authorization: Bearer a", "authorization: Bearer b"]],
    ["with one beyond ASCII", 400, ["authorization: Bearer \xe9"]],
  ] as const)("answers an upgrade %s with %i, and closes", async (_, status, headers) => {
    await using app = await startSocketApp(framework);
    // Read until the connection has been closed.
    const answer = await sendRaw(
      app.url,
      Buffer.from(upgradeRequest("/socket", headers), "latin1"),
    );
    expect(answer.status).toBe(status);
    expect(/^www-authenticate: Bearer\r?$/im.test(answer.head)).toBe(status === 401);
    expect(answer.head).toMatch(/^content-type: application\/problem\+json\r?$/im);
    // Hono's server sends the status and the headers of a refused upgrade alone.
    const bare = ["Hono", "Fetch"].includes(framework);
    if (!bare) expect(JSON.parse(answer.body)).toMatchObject({ status });
    expect(app.stub.calls).toEqual([]);
    const socket = await open(`${app.url}/socket`, { authorization: "Bearer a" });
    expect(await ask(socket)).toEqual(["Bearer a"]);
  });

  test("waits for an extractor that asks elsewhere, and outlives a client that does not", async () => {
    const waiting: (() => void)[] = [];
    let hold = true;
    const lookUp: CredentialFunction = async ({ headers }) => {
      if (hold) await new Promise<void>((resolve) => waiting.push(resolve));
      return headers["x-session"] === undefined
        ? undefined
        : ["authorization", `Bearer ${headers["x-session"]}`];
    };
    const headerExtractors = [authorizationExtractor, lookUp];
    await using app = await startSocketApp(framework, { headerExtractors });
    const lost = connect(Number(new URL(app.url).port), "127.0.0.1");
    lost.write(upgradeRequest("/socket", ["x-session: lost"]));
    await expect.poll(() => waiting.length).toBe(1);
    lost.resetAndDestroy();
    await expect.poll(() => app.ended()).toBe(1);
    hold = false;
    for (const resolve of waiting) resolve();
    const socket = await open(`${app.url}/socket`, { "x-session": "s" });
    expect(await ask(socket, 3)).toEqual(Array(3).fill("Bearer s"));
    const refused = await sendRaw(app.url, upgradeRequest("/socket", []));
    expect(refused.status).toBe(401);
  });
});
