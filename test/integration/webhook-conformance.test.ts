import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/webhook/endpoint.ts";
import { endpoints } from "../../src/webhook/endpoints.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

/** Everything here follows from the endpoint table: what holds for each endpoint of it. */
let all: TestWebhook;
let none: TestWebhook;

beforeAll(async () => {
  [all, none] = await Promise.all([startTestWebhook(), startTestWebhook({ endpoints: [] })]);
});

afterAll(async () => {
  await Promise.all([all[Symbol.asyncDispose](), none[Symbol.asyncDispose]()]);
});

const credential = "authorization: Bearer key";
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];

const concrete = ({ path }: Endpoint): string => path.replaceAll(/\{(\w+)\}/g, "some-$1");

function problem(answer: { readonly body: string; readonly head: string }) {
  expect(answer.head).toMatch(/^content-type: application\/problem\+json\r?$/m);
  expect(answer.head).toMatch(/^x-content-type-options: nosniff\r?$/m);
  expect(answer.head).toMatch(/^cache-control: no-store\r?$/m);
  const document = JSON.parse(answer.body);
  expect(answer.head).toContain(`x-request-id: ${document.requestId}`);
  expect(document.detail).toBeTypeOf("string");
  return document;
}

for (const endpoint of endpoints) {
  describe(endpoint.name, () => {
    const path = concrete(endpoint);

    test("is 401 without a credential, unless it is public", async () => {
      const answer = await sendRaw(all.url, rawRequest(`${endpoint.method} ${path}`));
      if (endpoint.public) {
        expect(answer.status).toBe(200);
        return;
      }
      expect(answer.status).toBe(401);
      expect(answer.head).toMatch(/^www-authenticate: Bearer\r?$/m);
      expect(problem(answer)).toMatchObject({
        code: "unauthenticated",
        detail: "Authentication credentials required",
      });
    });

    test("is 405 with Allow for every other method", async () => {
      for (const method of methods.filter((other) => other !== endpoint.method)) {
        const answer = await sendRaw(all.url, rawRequest(`${method} ${path}`, [credential]));
        expect(`${method} ${answer.status}`).toBe(`${method} 405`);
        expect(answer.head).toMatch(new RegExp(`^allow: ${endpoint.method}\\r?$`, "m"));
        if (method !== "HEAD") expect(problem(answer).code).toBe("method_not_allowed");
      }
    });

    test("is 404 for every method when it is not served", async () => {
      for (const method of methods) {
        const answer = await sendRaw(none.url, rawRequest(`${method} ${path}`, [credential]));
        expect(`${method} ${answer.status}`).toBe(`${method} 404`);
        if (method !== "HEAD") expect(problem(answer).code).toBe("endpoint_not_found");
      }
    });

    test("redirects from a trailing slash, with the query, only with a credential", async () => {
      const line = `${endpoint.method} ${path}/?a=b`;
      const answer = await sendRaw(all.url, rawRequest(line, [credential]));
      expect(answer.status).toBe(307);
      expect(answer.head).toContain(`location: ${path}?a=b`);
      expect((await sendRaw(all.url, rawRequest(line))).status).toBe(401);
    });
  });
}

for (const endpoint of endpoints.filter(({ method }) => method === "POST")) {
  test(`${endpoint.name} refuses a body of the wrong shape with 422`, async () => {
    const query = endpoint.parameters.some(({ required }) => required)
      ? "?path=x&repo=x&value=1&endpoint=x"
      : "";
    const line = `POST ${concrete(endpoint)}${query}`;
    const json = [credential, "content-type: application/json"];
    const answer = await sendRaw(all.url, rawRequest(line, json, '"text"'));
    expect(answer.status).toBe(422);
    expect(problem(answer).errors).toEqual([{ path: "body", message: expect.any(String) }]);
  });
}

for (const { name, path, method } of endpoints.filter(({ path }) => path.includes("{"))) {
  test(`${name} refuses a slash hidden in any of its parameters`, async () => {
    for (const [parameter] of path.matchAll(/\{\w+\}/g)) {
      const hostile = path.replace(parameter, "a%2fb").replaceAll(/\{\w+\}/g, "x");
      const answer = await sendRaw(all.url, rawRequest(`${method} ${hostile}`, [credential]));
      expect(answer.status).toBe(400);
      expect(problem(answer).errors[0].path).toBe(`path.${parameter.slice(1, -1)}`);
    }
  });
}

test("nothing above reached the control plane", () => {
  // But for the question whether it is there, which is kept for some seconds.
  const ofReady = all.stub.calls.filter(({ authorization }) => authorization === null);
  expect(new Set(ofReady.map(({ method }) => method))).toEqual(new Set(["listTasks"]));
  expect(all.stub.calls).toEqual(ofReady);
  expect(none.stub.takeMethods()).toEqual([]);
});
