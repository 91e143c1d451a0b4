import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { frameworks, startPassthroughApp } from "../support/passthrough-apps.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";

/** Who the answers were for, in their order; each part of a stream tells it again. */
function subjectsIn(text: string): readonly string[] {
  return [...text.matchAll(/\{"subject":"([^"]*)"\}/g)].map(([, subject = ""]) => subject);
}

/** Runs of the same subject as one. */
function inTurn(subjects: readonly string[]): readonly string[] {
  return subjects.filter((subject, index) => subject !== subjects[index - 1]);
}

/** A request that leaves the connection open for the next one. */
const kept = (path: string, key?: string): string =>
  rawRequest(`GET ${path}`, key === undefined ? [] : [`authorization: Bearer ${key}`]).replace(
    "connection: close\r\n",
    "",
  );

const last = (path: string, key: string): string =>
  rawRequest(`GET ${path}`, [`authorization: Bearer ${key}`]);

/** Writes, and reads until the pattern has come. */
async function exchange(socket: Socket, text: string, until: RegExp): Promise<string> {
  let read = "";
  if (text !== "") socket.write(text);
  while (!until.test(read)) {
    const [chunk] = await once(socket, "data");
    read += chunk.toString("latin1");
  }
  return read;
}

async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

describe.each(Object.keys(frameworks))("%s", (framework) => {
  test("sends each of 50 callers' credentials with that caller's calls alone", async () => {
    await using app = await startPassthroughApp(framework);
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`);
    await Promise.all(
      keys.map(async (key) => {
        const caller = createCaller(app.url, key);
        const own = { subject: `Bearer ${key}` };
        const body = { authorization: `Bearer ${key}`, "content-type": "application/octet-stream" };
        const [health, who, sent, stream] = await Promise.all([
          caller.get("/health"),
          caller.get("/who"),
          fetch(`${app.url}/body`, { method: "POST", headers: body, body: "x".repeat(100_000) }),
          caller.get("/stream"),
        ]);
        expect(health.body).toEqual({ subject: "" });
        expect(who.body).toEqual(own);
        expect(await sent.json()).toEqual(own);
        expect(inTurn(subjectsIn(stream.body))).toEqual([own.subject]);
      }),
    );
    const sent = app.stub.calls.map(({ authorization }) => authorization ?? "");
    for (const key of keys) {
      // Two calls for who, two for the body, six for the parts of the stream.
      expect(sent.filter((value) => value === `Bearer ${key}`)).toHaveLength(10);
    }
    expect(sent.filter((value) => value === "")).toHaveLength(100);
  });

  test("keeps callers apart that take turns on one connection", async () => {
    await using app = await startPassthroughApp(framework);
    const socket = await open(app.url);
    const complete = /\{"subject":"[^"]*"\}(?:\r\n0\r\n\r\n)?$/;
    for (let turn = 0; turn < 10; turn += 1) {
      const key = `key-${turn}`;
      const answer = await exchange(socket, kept("/who", key), complete);
      expect(subjectsIn(answer)).toEqual([`Bearer ${key}`]);
      const health = await exchange(socket, kept("/health"), complete);
      expect(subjectsIn(health)).toEqual([""]);
    }
  });

  test("keeps callers apart whose requests come in one piece on one connection", async () => {
    await using app = await startPassthroughApp(framework);
    const requests = [
      kept("/stream", "a"),
      kept("/health", "b"),
      kept("/stream", "c"),
      kept("/who", "d"),
      kept("/health"),
      kept("/stream", "e"),
      last("/who", "f"),
    ];
    const { head, body } = await sendRaw(app.url, requests.join(""));
    const expected = ["Bearer a", "", "Bearer c", "Bearer d", "", "Bearer e", "Bearer f"];
    expect(inTurn(subjectsIn(head + body))).toEqual(expected);
    expect(subjectsIn(head + body)).toHaveLength(3 * 6 + 4);
  });

  test("knows the caller in the listeners of a body that comes later", async () => {
    await using app = await startPassthroughApp(framework);
    const head = (key: string): string =>
      rawRequest("POST /body", [
        `authorization: Bearer ${key}`,
        "content-type: application/octet-stream",
        "expect: 100-continue",
        "content-length: 4",
      ]);
    const keys = ["a", "b", "c"];
    const sockets = await Promise.all(keys.map(() => open(app.url)));
    await Promise.all(
      sockets.map((socket, index) =>
        exchange(socket, head(keys[index] ?? ""), /100 Continue\r\n\r\n/),
      ),
    );
    const answers = await Promise.all(
      sockets.map((socket) => exchange(socket, "body", /\{"subject":"[^"]*"\}/)),
    );
    expect(answers.flatMap(subjectsIn)).toEqual(keys.map((key) => `Bearer ${key}`));
  });
});
