import type { IncomingMessage } from "node:http";
import { Code, createClient } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { toFlyteError } from "../../src/client/errors.ts";
import { IdentityService } from "../../src/idl/auth.ts";
import { TaskService } from "../../src/idl/tasks.ts";
import { answer, failure, httpPeer, me, proto } from "../support/hostile-peer.ts";

test("a call is sent as the protocol asks", async () => {
  const seen: IncomingMessage[] = [];
  const transport = await httpPeer((request, response) => {
    seen.push(request);
    response.writeHead(200, proto).end(answer);
  });
  const deadline = performance.now() + 60_000;
  const user = await me(transport, { headers: ["authorization", "Bearer x"], deadline });
  expect(user.subject).toBe("ann");
  const { headers, url, method, httpVersion } = seen[0] ?? {};
  expect({ url, method, httpVersion }).toEqual({
    url: "/flyteidl2.auth.IdentityService/UserInfo",
    method: "POST",
    httpVersion: "1.1",
  });
  expect(headers).toMatchObject({
    "content-type": "application/proto",
    "connect-protocol-version": "1",
    "accept-encoding": "identity",
    "x-request-id": "r-1",
    authorization: "Bearer x",
  });
  const timeout = Number(headers?.["connect-timeout-ms"]);
  expect(timeout).toBeGreaterThan(0);
  expect(timeout).toBeLessThanOrEqual(60_000);
});

test("generated clients work on top of it", async () => {
  const transport = await httpPeer((request, response) => {
    response.writeHead(200, { ...proto, "x-echo": String(request.headers["x-request-id"]) });
    response.end(answer);
  });
  let echo: string | null = null;
  const user = await createClient(IdentityService, transport).userInfo(
    {},
    { headers: { "x-request-id": "mine" }, onHeader: (header) => (echo = header.get("x-echo")) },
  );
  expect(user.subject).toBe("ann");
  expect(echo).toBe("mine");
});

test("an error body keeps code, message, details and metadata", async () => {
  const transport = await httpPeer((_request, response) => {
    response.writeHead(503, {
      "content-type": "application/json; charset=utf-8",
      "retry-after": "7",
    });
    response.end(
      JSON.stringify({
        code: "resource_exhausted",
        message: "slow down",
        details: [{ type: "a.B", value: "AQI" }, 1, { type: 3 }],
      }),
    );
  });
  const error = await failure(me(transport));
  expect(error.code).toBe(Code.ResourceExhausted);
  expect(error.rawMessage).toBe("slow down");
  expect(error.details).toEqual([{ type: "a.B", value: new Uint8Array([1, 2]) }]);
  expect(toFlyteError(error)).toMatchObject({ code: "exhausted", retryAfterMs: 7_000 });
});

test.each([
  [400, Code.Internal],
  [401, Code.Unauthenticated],
  [403, Code.PermissionDenied],
  [404, Code.Unimplemented],
  [429, Code.Unavailable],
  [502, Code.Unavailable],
  [504, Code.Unavailable],
  [500, Code.Unknown],
  [302, Code.Unknown],
])("a page with status %i instead of an error becomes code %i", async (status, code) => {
  const transport = await httpPeer((_request, response) => {
    response.writeHead(status, { "content-type": "text/html", location: "http://elsewhere/" });
    response.end("<h1>secret internals</h1>");
  });
  const error = await failure(me(transport));
  expect(error.code).toBe(code);
  expect(error.rawMessage).toContain(String(status));
  expect(error.rawMessage).not.toContain("secret");
});

test.each(["{", "[]", "null", '"text"'])("the error body %j counts as none", async (body) => {
  const transport = await httpPeer((_request, response) => {
    response.writeHead(503, { "content-type": "application/json" }).end(body);
  });
  expect((await failure(me(transport))).code).toBe(Code.Unavailable);
});

test.each([
  ["text/html", {}, /content type "text\/html"/],
  ["application/json", {}, /content type/],
  ["application/proto", { "content-encoding": "gzip" }, /compressed/],
])("status 200 with %s and %j is refused for good", async (type, extra, message) => {
  const transport = await httpPeer((_request, response) => {
    response.writeHead(200, { "content-type": type, ...extra }).end(answer);
  });
  const error = await failure(me(transport));
  expect(error.rawMessage).toMatch(message);
  expect(toFlyteError(error).code).toBe("internal");
});

test("a body that is no message is refused", async () => {
  const transport = await httpPeer((_request, response) => {
    response.writeHead(200, proto).end(Buffer.from([0x0a, 0xff, 0xff]));
  });
  expect(toFlyteError(await failure(me(transport))).message).toContain("broken message");
});

test("an announced and an endless answer both stop at the limit", async () => {
  const announced = await httpPeer((_request, response) => {
    response.writeHead(200, { ...proto, "content-length": "1000000000" });
    response.write("x");
  });
  expect((await failure(me(announced))).rawMessage).toContain("limit of 1000 bytes");
  const endless = await httpPeer((_request, response) => {
    response.writeHead(200, proto);
    const more = (): void => {
      if (!response.destroyed) response.write("x".repeat(600), () => setImmediate(more));
    };
    more();
  });
  expect((await failure(me(endless))).rawMessage).toContain("limit of 1000 bytes");
});

test("header values outside visible ASCII are refused before anything is sent", async () => {
  let requests = 0;
  const transport = await httpPeer((_request, response) => {
    requests += 1;
    response.end();
  });
  const client = createClient(TaskService, transport);
  const bad = client.listTasks({}, { headers: { "x-key": "ÿ" } });
  await expect(bad).rejects.toThrow(/visible ASCII/);
  expect(requests).toBe(0);
});
