import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { type TestWebhook, useBothModes } from "../support/webhook.ts";

/** What the two modes make of the same request, where they differ by what they read of it. */
const modes = useBothModes();

const credential = "authorization: Bearer key";
const json = "content-type: application/json";
const abort = "POST /run/run-of-other/abort";
const runTask = "POST /run-task/development/flytesnacks/allowed.main";

interface Sent {
  readonly headers?: readonly string[];
  readonly body?: string;
}

async function ask({ url, stub }: TestWebhook, line: string, { headers, body }: Sent) {
  const request = rawRequest(line, headers ?? [credential, json], body);
  const answer = await sendRaw(url, Buffer.from(request, "latin1"));
  const calls = stub.takeMethods();
  return { status: answer.status, body: JSON.parse(answer.body), calls };
}

async function both(line: string, sent: Sent = {}) {
  return {
    ours: await ask(modes.ours, line, sent),
    upstream: await ask(modes.upstream, line, sent),
  };
}

const done = (reason = "Aborted via webhook API") => ({
  status: 200,
  body: { name: "run-of-other", status: "abort_requested", reason },
  calls: expect.arrayContaining(["abortRun"]),
});

const refused = (status: number, ...paths: readonly string[]) => ({
  status,
  body: paths.length === 0 ? expect.anything() : withFaults(paths),
  calls: [],
});

function withFaults(paths: readonly string[]) {
  const errors = paths.map((path) => expect.objectContaining({ path }));
  return expect.objectContaining({ errors });
}

const detail = (text: unknown) => ({ detail: text });

describe("the original reads otherwise:", () => {
  test("a parameter that is sent twice counts the last time", async () => {
    const answers = await both(`${abort}?reason=one&reason=two`);
    expect(answers.ours).toEqual(refused(422, "query.reason"));
    expect(answers.upstream).toEqual(done("two"));
  });

  test("a parameter in a body where it takes none is passed over", async () => {
    const answers = await both(abort, { body: '{"reason":"too slow"}' });
    expect(answers.ours).toMatchObject(done("too slow"));
    expect(answers.upstream).toEqual(done());
  });

  test("a member of the body that it does not know is passed over", async () => {
    const answers = await both(abort, { body: '{"reasons":"too slow"}' });
    expect(answers.ours).toEqual(refused(422, "body.reasons"));
    expect(answers.upstream).toEqual(done());
  });

  test("a body where it takes none may be anything", async () => {
    const answers = await both(abort, { body: "x", headers: [credential] });
    expect(answers.ours).toEqual(refused(415));
    expect(answers.upstream).toEqual(done());
  });

  test("texts may be of any length and content", async () => {
    for (const text of ["x".repeat(4097), "a%00b"]) {
      const answers = await both(`${abort}?reason=${text}`);
      expect(answers.ours).toEqual(refused(422, "query.reason"));
      expect(answers.upstream).toEqual(done(decodeURIComponent(text)));
    }
  });

  test("every JSON type of media is JSON, and other bodies are no object", async () => {
    const vendor = [credential, "content-type: application/vnd.api+json; charset=utf-16"];
    const likeJson = await both(runTask, { body: '{"x":1}', headers: vendor });
    expect(likeJson.ours).toEqual(refused(415));
    expect(likeJson.upstream.status).toBe(200);
    const plain = [credential, "content-type: text/plain"];
    const text = await both(runTask, { body: '{"x":1}', headers: plain });
    expect(text.ours).toEqual(refused(415));
    expect(text.upstream).toEqual(refused(422));
  });

  test("a compressed body is taken for what it is not", async () => {
    const headers = [credential, json, "content-encoding: gzip"];
    const answers = await both(runTask, { body: '{"x":1}', headers });
    expect(answers.ours).toEqual(refused(415));
    expect(answers.upstream.status).toBe(200);
  });

  test("what is no JSON is a fault of the form", async () => {
    const answers = await both(runTask, { body: "{" });
    expect(answers.ours).toEqual(refused(400));
    expect(answers.upstream).toEqual(refused(422));
    expect(answers.upstream.body).toEqual(
      detail([expect.objectContaining({ type: "json_invalid", loc: ["body", 1] })]),
    );
  });

  test("an empty project or domain is none, a version never is", async () => {
    const place = await both("GET /run/run-of-other?project=&domain=", { headers: [credential] });
    expect(place.ours).toEqual(refused(422, "query.project", "query.domain"));
    expect(place.upstream.status).toBe(200);
    const version = await both(`${runTask}?version=`, { body: '{"x":1}' });
    expect(version.ours).toEqual(refused(422, "query.version"));
    expect(version.upstream).toEqual(refused(400));
  });
});

describe("both modes refuse", () => {
  const table: readonly (readonly [name: string, line: string, sent: Sent, status: number])[] = [
    ["a key that is there twice", runTask, { body: '{"x":1,"x":2}' }, 400],
    ["the key __proto__", runTask, { body: '{"__proto__":1}' }, 400],
    ["nesting without an end", runTask, { body: `{"x":${"[".repeat(65)}${"]".repeat(65)}}` }, 400],
    [
      "a change for a page of another site with nothing but a cookie",
      abort,
      { headers: ["cookie: a=b", "sec-fetch-site: cross-site"] },
      403,
    ],
    [
      "a credential that the connection claims",
      abort,
      { headers: [credential, "connection: authorization"] },
      400,
    ],
    ["a credential sent twice", abort, { headers: [credential, credential] }, 400],
    ["a credential with other letters", abort, { headers: [`${credential}\u00e9`] }, 400],
    ["a scheme without a token", abort, { headers: ["authorization: Bearer"] }, 401],
    ["another spelling of a public path", "GET /%68ealth", { headers: [] }, 401],
    ["a page that only a sign-in needs", "GET /docs/oauth2-redirect", {}, 404],
    ["an address that is too long", `GET /me?${"x".repeat(9000)}`, {}, 414],
  ];

  for (const [name, line, sent, status] of table) {
    test(`${name}, with ${status}`, async () => {
      const answers = await both(line, sent);
      expect(answers.ours).toEqual(refused(status));
      expect(answers.upstream).toEqual({ ...refused(status), body: detail(expect.any(String)) });
    });
  }
});

test("answers have headers for those who look for errors, and against guessing", async () => {
  for (const { url, stub } of modes.all) {
    stub.failures.set("getRunDetails", new ConnectError("busy", Code.ResourceExhausted));
    for (const line of ["GET /run/run-of-other", "GET /me", "GET /nowhere"]) {
      const { head } = await sendRaw(url, rawRequest(line, [credential]));
      expect(head).toMatch(/^x-request-id: \S+\r?$/m);
      expect(head).toMatch(/^cache-control: no-store\r?$/m);
      expect(head).toMatch(/^x-content-type-options: nosniff\r?$/m);
      expect(/^retry-after: \d+\r?$/m.test(head)).toBe(line.includes("run"));
    }
  }
});
