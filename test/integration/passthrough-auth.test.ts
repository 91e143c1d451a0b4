import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { headerExtractor } from "../../src/app/passthrough/extractors.ts";
import { passthroughAuth } from "../../src/app/passthrough/passthrough-auth.ts";
import { currentAuthMetadata } from "../../src/client/auth-metadata.ts";

/** An app of one's own: what its handlers see, over real sockets. */
let app: FastifyInstance;
let url: string;

beforeAll(async () => {
  app = Fastify();
  await app.register(passthroughAuth, {
    excludedPaths: ["/health"],
    headerExtractors: [
      headerExtractor("authorization"),
      headerExtractor("x-api-key", { forwardAs: "authorization", prefix: "Bearer " }),
    ],
  });
  app.get("/health", async () => ({ auth: currentAuthMetadata() ?? null }));
  app.get("/who", async (request) => ({ auth: currentAuthMetadata(), own: request.authMetadata }));
  app.post("/who", async (request) => {
    const before = currentAuthMetadata();
    await new Promise((resolve) => setImmediate(resolve));
    return { before, after: currentAuthMetadata(), body: request.body };
  });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(() => app.close());

test("a request without a credential is stopped before it is routed", async () => {
  for (const path of ["/who", "/nowhere", "/health/", "/health?x=/who/../"]) {
    const answer = await fetch(`${url}${path}`);
    expect(`${path} ${answer.status}`).toBe(
      path.startsWith("/health?") ? `${path} 200` : `${path} 401`,
    );
    if (answer.status !== 401) continue;
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await answer.json()).toMatchObject({ detail: "Authentication credentials required" });
  }
});

test("an excluded path has no credential, even when one was sent", async () => {
  const answer = await fetch(`${url}/health`, { headers: { authorization: "Bearer a" } });
  expect(await answer.json()).toEqual({ auth: null });
});

test("handlers see their caller's credential, as bound and on the request", async () => {
  const answer = await fetch(`${url}/who`, { headers: { authorization: "Bearer a" } });
  const auth = [["authorization", "Bearer a"]];
  expect(await answer.json()).toEqual({ auth, own: auth });
});

test("a header can stand for authorization", async () => {
  const answer = await fetch(`${url}/who`, { headers: { "x-api-key": "k" } });
  expect(await answer.json()).toMatchObject({ auth: [["authorization", "Bearer k"]] });
});

test("the binding holds after a body was read and across awaits, for each of many callers", async () => {
  const large = "x".repeat(200_000);
  const callers = Array.from({ length: 100 }, (_, index) => `Bearer caller-${index}`);
  const answers = await Promise.all(
    callers.map(async (authorization) => {
      const answer = await fetch(`${url}/who`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify({ authorization, large }),
      });
      return answer.json();
    }),
  );
  for (const [index, authorization] of callers.entries()) {
    expect(answers[index]).toEqual({
      before: [["authorization", authorization]],
      after: [["authorization", authorization]],
      body: { authorization, large },
    });
  }
});

test("nothing stays bound after a request", async () => {
  await fetch(`${url}/who`, { headers: { authorization: "Bearer a" } });
  expect(currentAuthMetadata()).toBeUndefined();
});
