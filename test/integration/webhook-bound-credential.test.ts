import { afterEach, beforeEach, expect, test } from "vitest";
import { currentAuthMetadata } from "../../src/client/auth-metadata.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { passthroughAuthenticator } from "../../src/client/passthrough-authenticator.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { ControlPlaneStub } from "../support/control-plane-stub.ts";
import { createCaller } from "../support/http.ts";

let stub: ControlPlaneStub;
let controlPlane: ControlPlane;
let webhook: ReturnType<typeof createWebhook>;

beforeEach(async () => {
  stub = await ControlPlaneStub.start();
  controlPlane = createControlPlane({
    endpoint: stub.url,
    project: "flytesnacks",
    domain: "development",
    authenticator: passthroughAuthenticator,
    retries: 0,
  });
  webhook = createWebhook({ name: "bound", controlPlane });
});

afterEach(async () => {
  await webhook.close();
  await controlPlane.close();
  await stub[Symbol.asyncDispose]();
});

const bearer = (token: string) => [["authorization", `Bearer ${token}`]];

/** Asks for several callers at once, over the same few connections. */
async function askAll(path: string): Promise<readonly unknown[]> {
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  const callers = Array.from({ length: 20 }, (_, index) => createCaller(url, `key-${index}`));
  const answers = await Promise.all(callers.map((caller) => caller.get(path)));
  return answers.map(({ body }) => body);
}

test("a route of the app's own is bound to the credential of its caller, also after awaits", async () => {
  webhook.get("/own", async () => {
    await controlPlane.users.me();
    return { bound: currentAuthMetadata() ?? null };
  });
  const answers = await askAll("/own");
  expect(answers).toEqual(answers.map((_, index) => ({ bound: bearer(`key-${index}`) })));
});

test("a hook that was added to the webhook is bound where an endpoint of the webhook answers", async () => {
  const seen = new Set<string>();
  webhook.addHook("preHandler", async () => {
    const { subject } = await controlPlane.users.me();
    seen.add(String(subject));
  });
  const answers = await askAll("/me");
  const all = answers.map((_, index) => `Bearer key-${index}`);
  expect([...seen].sort()).toEqual([...all].sort());
  expect(answers).toEqual(all.map((subject) => ({ subject, name: "Ada" })));
});

test("so is a hook of a plugin", async () => {
  const seen: unknown[] = [];
  const plugin = async (app: typeof webhook) => {
    app.addHook("onSend", async () => void seen.push(currentAuthMetadata() ?? null));
  };
  webhook.register(Object.assign(plugin, { [Symbol.for("skip-override")]: true }));
  const answers = await askAll("/me");
  expect(seen).toHaveLength(answers.length);
  expect(seen).not.toContain(null);
});

test("endpoints of the webhook hand their caller's credential on without it being bound", async () => {
  const bound: unknown[] = [];
  using _observing = controlPlane.observe(() => {
    bound.push(currentAuthMetadata() ?? null);
    return undefined;
  });
  const answers = await askAll("/me");
  expect(answers).toEqual(
    answers.map((_, index) => ({ subject: `Bearer key-${index}`, name: "Ada" })),
  );
  expect(new Set(bound)).toEqual(new Set([null]));
});
