import { describe, expect, test } from "vitest";
import { Spec_DesiredState } from "../../src/idl/apps.ts";
import { withEnoughTime } from "../support/enough-time.ts";
import { createCaller } from "../support/http.ts";
import { startTestWebhook, type TestWebhook, useBothModes } from "../support/webhook.ts";

/** Switching apps and triggers, in both modes. */
const modes = useBothModes();

const post = ({ url }: TestWebhook, path: string) => createCaller(url, "key").post(path);

async function both(path: string) {
  return { ours: await post(modes.ours, path), upstream: await post(modes.upstream, path) };
}

const stopped = { phase: "STOPPED", desired: Spec_DesiredState.STOPPED } as const;

describe("an activation that is waited for", () => {
  async function activate(webhook: TestWebhook) {
    webhook.stub.apps.set("app", { ...stopped, slow: true });
    const waiting = post(webhook, "/app/app/activate?wait=true");
    await expect.poll(() => webhook.stub.apps.watchers("app")).toBe(1);
    webhook.stub.apps.set("app", { phase: "ACTIVE", slow: false });
    return waiting;
  }

  test("is answered with the state waited for, in the original with that before", async () => {
    expect(await activate(modes.ours)).toMatchObject({ status: 200, body: { is_active: true } });
    expect(await activate(modes.upstream)).toMatchObject({
      status: 200,
      body: { is_active: false },
    });
  });

  test("ends with the time for it, and the change stands", async () => {
    for (const compat of [undefined, "upstream"] as const) {
      const mode = compat === undefined ? {} : { compat };
      await withEnoughTime(500, async (waitLimitMs) => {
        await using hasty = await startTestWebhook({ ...mode, waitLimitMs });
        hasty.stub.apps.set("app", { ...stopped, slow: true });
        const answer = await post(hasty, "/app/app/activate?wait=true");
        expect(answer.status).toBe(compat === undefined ? 504 : 500);
        expect(hasty.stub.takeMethods()).toContain("updateApp");
      });
    }
  });

  for (const [name, end] of [
    ["fails", { phase: "FAILED", message: "no image" }],
    ["is switched off meanwhile", { phase: "STOPPED" }],
  ] as const) {
    test(`fails when the app ${name}`, async () => {
      for (const [webhook, status] of [
        [modes.ours, 424],
        [modes.upstream, 500],
      ] as const) {
        webhook.stub.apps.set("app", { ...stopped, slow: true });
        const waiting = post(webhook, "/app/app/activate?wait=true");
        await expect.poll(() => webhook.stub.apps.watchers("app")).toBe(1);
        webhook.stub.apps.set("app", end);
        expect((await waiting).status).toBe(status);
      }
    });
  }
});

test("an app that is about to leave its state is changed all the same", async () => {
  for (const webhook of modes.all) {
    webhook.stub.apps.set("app", { phase: "ACTIVE", desired: Spec_DesiredState.STOPPED });
    expect((await post(webhook, "/app/app/activate")).status).toBe(200);
    expect(webhook.stub.takeMethods()).toEqual(["getApp", "updateApp"]);
  }
});

test("a trigger that does not take the change is not said to have taken it", async () => {
  for (const { stub } of modes.all) stub.triggers.stuck.add("nightly");
  const answers = await both("/trigger/allowed.main/nightly/activate");
  expect(answers.ours).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect(answers.upstream.status).toBe(500);
  expect(answers.upstream.body.detail).toContain("Failed to activate trigger nightly: ");
});

test("a trigger may be elsewhere, which the original does not know of", async () => {
  const path = "/trigger/allowed.main/nightly/activate?project=other&domain=staging";
  const answers = await both(path);
  expect([answers.ours.status, answers.upstream.status]).toEqual([200, 200]);
  const places = modes.all.map(({ stub }) => stub.triggers.switched[0]?.scope);
  expect(places).toEqual(["staging/other", "development/flytesnacks"]);
});
