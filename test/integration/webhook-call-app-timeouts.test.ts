import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTargetApp } from "../support/target-app.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let webhook: TestWebhook;

beforeAll(async () => {
  webhook = await startTestWebhook({ callTimeoutMs: 800 });
});

afterAll(() => webhook[Symbol.asyncDispose]());
afterEach(() => webhook.stub.reset());

const call = () => createCaller(webhook.url, "key").post("/app/site/call?path=/");

test("an app that does not answer in time is 504, and let go", async () => {
  const app = await startTargetApp(() => undefined);
  webhook.stub.apps.set("site", { endpoint: app.url });
  const { status, body } = await call();
  expect(status).toBe(504);
  expect(body.code).toBe("deadline_exceeded");
  expect(body.detail).toBe("App site did not answer within the 800 ms that a call may take.");
  await app.left();
});

test("an app that does not end its answer in time is cut off", async () => {
  const app = await startTargetApp((response) => response.write("begin"));
  webhook.stub.apps.set("site", { endpoint: app.url });
  const answer = await sendRaw(
    webhook.url,
    rawRequest("POST /app/site/call?path=/", ["authorization: Bearer key"]),
  );
  expect(answer.status).toBe(200);
  expect(answer.body).toBe("5\r\nbegin\r\n");
  await app.left();
});

test("a reader that takes nothing does not hold an app for longer", async () => {
  const app = await startTargetApp((response) => response.end("x".repeat(9_000_000)));
  webhook.stub.apps.set("site", { endpoint: app.url });
  const answer = await fetch(`${webhook.url}/app/site/call?path=/`, {
    method: "POST",
    headers: { authorization: "Bearer key" },
  });
  await app.first;
  await app.left();
  await expect(answer.arrayBuffer()).rejects.toThrow();
});

test("an app that is not up in time is 504 with its phase", async () => {
  webhook.stub.apps.set("site", { phase: "DEPLOYING", message: "pulling the image" });
  const { status, body } = await call();
  expect(status).toBe(504);
  expect(body.detail).toBe(
    "App site is still deploying (pulling the image) after the 800 ms that a call may take. Try again later.",
  );
});

test("the time holds for both together: to come up and to answer", async () => {
  const app = await startTargetApp(() => undefined);
  webhook.stub.apps.set("site", { endpoint: app.url, phase: "PENDING" });
  const watched = webhook.stub.apps.nextWatch("site");
  const answer = call();
  await watched;
  webhook.stub.apps.set("site", { phase: "ACTIVE" });
  expect((await answer).body.detail).toContain("did not answer within the 800 ms");
});

test("in the upstream mode it is the original's 500", async () => {
  await using upstream = await startTestWebhook({ callTimeoutMs: 800, compat: "upstream" });
  const app = await startTargetApp((response) => response.write("begin"));
  upstream.stub.apps.set("site", { endpoint: app.url });
  const { status, body } = await createCaller(upstream.url, "k").post("/app/site/call?path=/x");
  expect(status).toBe(500);
  expect(body).toEqual({
    detail:
      "Failed to call app site endpoint /x: App site did not answer within the 800 ms that a call may take.",
  });
  await app.left();
});
