import { expect, test } from "vitest";
import { withEnoughTime } from "../support/enough-time.ts";
import { createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTargetApp } from "../support/target-app.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

/** Checks a webhook whose calls may take as long as it needs to get to what is checked. */
function limited(
  check: (webhook: TestWebhook, limitMs: number) => Promise<void>,
  options: Parameters<typeof startTestWebhook>[0] = {},
): Promise<void> {
  return withEnoughTime(500, async (callTimeoutMs) => {
    await using webhook = await startTestWebhook({ ...options, callTimeoutMs });
    await check(webhook, callTimeoutMs);
  });
}

const call = ({ url }: TestWebhook) => createCaller(url, "key").post("/app/site/call?path=/");

test("an app that does not answer in time is 504, and let go", async () => {
  await limited(async (webhook, limitMs) => {
    const app = await startTargetApp(() => undefined);
    webhook.stub.apps.set("site", { endpoint: app.url });
    const { status, body } = await call(webhook);
    expect(status).toBe(504);
    expect(body.code).toBe("deadline_exceeded");
    expect(body.detail).toBe(
      `App site did not answer within the ${limitMs} ms that a call may take.`,
    );
    expect(app.requests).toHaveLength(1);
    await app.left();
  });
});

test("an app that does not end its answer in time is cut off", async () => {
  await limited(async (webhook) => {
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
});

test("a reader that takes nothing does not hold an app for longer", async () => {
  await limited(async (webhook) => {
    const app = await startTargetApp((response) => response.end("x".repeat(9_000_000)));
    webhook.stub.apps.set("site", { endpoint: app.url });
    const answer = await fetch(`${webhook.url}/app/site/call?path=/`, {
      method: "POST",
      headers: { authorization: "Bearer key" },
    });
    expect(answer.status).toBe(200);
    await app.left();
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });
});

test("an app that is not up in time is 504 with its phase", async () => {
  await limited(async (webhook, limitMs) => {
    webhook.stub.apps.set("site", { phase: "DEPLOYING", message: "pulling the image" });
    const { status, body } = await call(webhook);
    expect(status).toBe(504);
    expect(body.detail).toBe(
      `App site is still deploying (pulling the image) after the ${limitMs} ms that a call may take. Try again later.`,
    );
  });
});

test("the time holds for both together: to come up and to answer", async () => {
  await limited(async (webhook, limitMs) => {
    const app = await startTargetApp(() => undefined);
    webhook.stub.apps.set("site", { endpoint: app.url, phase: "PENDING" });
    const watched = webhook.stub.apps.nextWatch("site");
    const answer = call(webhook);
    await Promise.race([watched, answer]);
    webhook.stub.apps.set("site", { phase: "ACTIVE" });
    expect((await answer).body.detail).toContain(`did not answer within the ${limitMs} ms`);
    expect(app.requests).toHaveLength(1);
  });
});

test("in the upstream mode it is the original's 500", async () => {
  await limited(
    async (upstream, limitMs) => {
      const app = await startTargetApp((response) => response.write("begin"));
      upstream.stub.apps.set("site", { endpoint: app.url });
      const { status, body } = await createCaller(upstream.url, "k").post("/app/site/call?path=/x");
      expect(status).toBe(500);
      expect(body).toEqual({
        detail: `Failed to call app site endpoint /x: App site did not answer within the ${limitMs} ms that a call may take.`,
      });
      expect(app.requests).toHaveLength(1);
      await app.left();
    },
    { compat: "upstream" },
  );
});
