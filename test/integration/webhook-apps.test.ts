import { describe, expect, test } from "vitest";
import { Spec_DesiredState } from "../../src/idl/apps.ts";
import { withEnoughTime } from "../support/enough-time.ts";
import { type Answer, createCaller } from "../support/http.ts";
import { startTestWebhook, type TestWebhook, useBothModes } from "../support/webhook.ts";

const modes = useBothModes();

const post = ({ url }: TestWebhook, path: string, body?: object) =>
  createCaller(url, "key").post(path, body);

/** Sends a request and waits until it made the webhook watch the app. */
async function postAndWatch(
  webhook: TestWebhook,
  path: string,
): Promise<{ readonly answer: Promise<Answer> }> {
  const watched = webhook.stub.apps.nextWatch("site");
  const answer = post(webhook, path);
  await watched;
  return { answer };
}

describe("wait", () => {
  test("answers the state that was waited for", async () => {
    modes.ours.stub.apps.set("site", { phase: "STOPPED", desired: 1, slow: true });
    const on = await postAndWatch(modes.ours, "/app/site/activate?wait=1");
    modes.ours.stub.apps.set("site", { phase: "ACTIVE" });
    expect((await on.answer).body).toMatchObject({ name: "site", is_active: true });

    const off = await postAndWatch(modes.ours, "/app/site/deactivate?wait=yes");
    modes.ours.stub.apps.set("site", { phase: "STOPPED" });
    expect((await off.answer).body).toMatchObject({ is_active: false, is_deactivated: true });
  });

  test("without it the answer is the state on the way", async () => {
    modes.ours.stub.apps.set("site", { phase: "STOPPED", desired: 1, slow: true });
    const { status, body } = await post(modes.ours, "/app/site/activate");
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: "site", is_active: false });
  });

  test("over the limit is 504, with the phase and how to read on", async () => {
    const app = { phase: "STOPPED", desired: 1, slow: true, message: "no node" } as const;
    const path = "/app/site/activate?wait=true&project=other&domain=staging";
    await withEnoughTime(500, async (waitLimitMs) => {
      await using hasty = await startTestWebhook({ waitLimitMs });
      hasty.stub.apps.set("site", app);
      const { status, body } = await post(hasty, path);
      expect(status).toBe(504);
      expect(body).toMatchObject({
        code: "deadline_exceeded",
        detail:
          `App site is deploying (no node) and not activated after the ${waitLimitMs} ms that a request may wait here. ` +
          "Read on with GET /app/site?project=other&domain=staging.",
      });
      // The change has been made.
      hasty.stub.apps.set("site", { phase: "ACTIVE" });
      const address = body.detail.match(/\/app\/[^ ]+\w/)[0];
      const read = await createCaller(hasty.url, "key").get(address);
      expect(read.body.is_active).toBe(true);
    });
  });

  test("an app that fails is 424", async () => {
    modes.ours.stub.apps.set("site", { phase: "STOPPED", desired: 1, slow: true });
    const { answer } = await postAndWatch(modes.ours, "/app/site/activate?wait=true");
    modes.ours.stub.apps.set("site", { phase: "FAILED", message: "no such image" });
    const { status, body } = await answer;
    expect(status).toBe(424);
    expect(body).toMatchObject({ code: "app_failed", detail: "App site failed: no such image" });
  });

  test("ends when the caller leaves", async () => {
    modes.ours.stub.apps.set("site", { phase: "STOPPED", desired: 1, slow: true });
    const watched = modes.ours.stub.apps.nextWatch("site");
    const leaving = new AbortController();
    const answer = fetch(`${modes.ours.url}/app/site/activate?wait=true`, {
      method: "POST",
      headers: { authorization: "Bearer key" },
      signal: leaving.signal,
    });
    await watched;
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await modes.ours.stub.apps.unwatched("site");
  });
});

describe("wait in the upstream mode", () => {
  test("answers the state before the wait", async () => {
    modes.upstream.stub.apps.set("site", { phase: "STOPPED", desired: 1, slow: true });
    const on = await postAndWatch(modes.upstream, "/app/site/activate?wait=true");
    modes.upstream.stub.apps.set("site", { phase: "ACTIVE" });
    expect((await on.answer).body).toMatchObject({ is_active: false });
    const off = await postAndWatch(modes.upstream, "/app/site/deactivate?wait=true");
    modes.upstream.stub.apps.set("site", { phase: "STOPPED" });
    expect((await off.answer).body).toMatchObject({ is_active: false, is_deactivated: false });
  });

  test("an app that fails, or is switched off, is the original's 500", async () => {
    for (const phase of ["FAILED", "STOPPED"] as const) {
      modes.upstream.stub.apps.set("site", { phase: "UNASSIGNED", desired: 1, slow: true });
      const { answer } = await postAndWatch(modes.upstream, "/app/site/activate?wait=true");
      modes.upstream.stub.apps.set("site", { phase });
      const { status, body } = await answer;
      expect(status).toBe(500);
      expect(body.detail).toBe(
        "Failed to activate app site: App deployment for app site has failed!",
      );
    }
  });

  test("the limit holds as well", async () => {
    await withEnoughTime(500, async (waitLimitMs) => {
      await using both = await startTestWebhook({ compat: "upstream", waitLimitMs });
      both.stub.apps.set("site", { phase: "STOPPED", desired: 1, slow: true });
      const { status, body } = await post(both, "/app/site/activate?wait=true");
      expect(status).toBe(500);
      expect(body.detail).toMatch(/^Failed to activate app site: App site is deploying and not/);
    });
  });
});

test("what is asked of the control plane is the whole app, wanted otherwise", async () => {
  await post(modes.ours, "/app/sleeping-app/activate");
  expect(modes.ours.stub.apps.get("sleeping-app")).toMatchObject({
    desired: Spec_DesiredState.STARTED,
    reason: "Activated through webhook test-webhook.",
  });
  await post(modes.ours, "/app/sleeping-app/deactivate");
  expect(modes.ours.stub.apps.get("sleeping-app")).toMatchObject({
    desired: Spec_DesiredState.STOPPED,
    reason: "Deactivated through webhook test-webhook.",
  });
});

describe("project and domain given the wrong way round", () => {
  const lines = [
    "GET /app/absent",
    "POST /app/absent/activate",
    "POST /app/absent/deactivate",
    "POST /app/absent/call?path=/",
    "POST /trigger/etl/absent/activate",
    "POST /trigger/etl/absent/deactivate",
    "GET /run/absent",
    "GET /run/absent/io",
    "POST /run/absent/abort",
    "GET /prefetch/hf-model/absent",
  ];

  for (const line of lines) {
    test(`${line} is 404 with a hint`, async () => {
      const [method = "", path = ""] = line.split(" ");
      const send = async (query: string) => {
        const address = `${modes.ours.url}${path}${path.includes("?") ? "&" : "?"}${query}`;
        const headers = { authorization: "Bearer key" };
        const answer = await fetch(address, { method, headers });
        return { status: answer.status, body: JSON.parse(await answer.text()) };
      };
      const { status, body } = await send("project=production&domain=flytesnacks");
      expect(status).toBe(404);
      expect(body.hint).toBe(
        "production is a domain: did you mean domain=production and project=flytesnacks?",
      );
      for (const query of ["", "project=other", "domain=staging", "project=development"]) {
        expect((await send(query)).body).toMatchObject({ status: 404 });
        expect((await send(query)).body.hint).toBeUndefined();
      }
    });
  }
});

describe("an allowlist with places", () => {
  const rows: readonly (readonly [entry: string, query: string, allowed: boolean])[] = [
    ["site", "", true],
    ["site", "?project=other&domain=staging", true],
    ["flytesnacks/site", "", true],
    ["flytesnacks/site", "?domain=staging", true],
    ["flytesnacks/site", "?project=other", false],
    ["other/site", "", false],
    ["other/site", "?project=other", true],
    ["development/flytesnacks/site", "", true],
    ["development/flytesnacks/site", "?domain=staging", false],
    ["staging/flytesnacks/site", "?domain=staging", true],
    ["flytesnacks/development/site", "", false],
  ];

  for (const [entry, query, allowed] of rows) {
    test(`${entry} ${allowed ? "allows" : "does not allow"} /app/site${query}`, async () => {
      await using fenced = await startTestWebhook({ appAllowlist: [entry] });
      fenced.stub.apps.set("site", {});
      const { status, body } = await createCaller(fenced.url, "key").get(`/app/site${query}`);
      expect(status).toBe(allowed ? 200 : 403);
      if (!allowed) expect(body.detail).toBe("App site is not in the allowlist");
      expect(fenced.stub.takeMethods()).toEqual(allowed ? ["getApp"] : []);
    });
  }

  test("a place in the body counts like one in the query", async () => {
    await using fenced = await startTestWebhook({ appAllowlist: ["other/site"] });
    fenced.stub.apps.set("site", {});
    expect((await post(fenced, "/app/site/activate")).status).toBe(403);
    expect((await post(fenced, "/app/site/activate", { project: "other" })).status).toBe(200);
    expect((await post(fenced, "/app/site/activate?project=other")).status).toBe(200);
  });

  test("the webhook itself is refused by its name, wherever", async () => {
    const { status } = await createCaller(modes.ours.url, "key").get(
      "/app/test-webhook?project=other&domain=staging",
    );
    expect(status).toBe(400);
  });
});
