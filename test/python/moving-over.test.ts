import { afterAll, beforeAll, expect, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { unusedPort } from "../support/unused-port.ts";
import { type PythonSdk, startPythonSdk } from "./python-sdk.ts";

/**
 * Story 28 of docs/stories.md: a client in Python asks the webhook of Flyte's Python SDK and ours, in front of one
 * control plane, and notices nothing.
 */
let sdk: PythonSdk;
/** Past the gateway, which would answer strangers in its place. */
let original: string;

beforeAll(async () => {
  sdk = await startPythonSdk();
  const port = String(await unusedPort());
  await sdk.run("original.py", {
    HOOK_PORT: port,
    OTHER_PORT: String(await unusedPort()),
    _U_EP_OVERRIDE: sdk.tlsEndpoint,
  });
  original = `http://127.0.0.1:${port}`;
});

afterAll(() => sdk?.[Symbol.asyncDispose]());

type Step = readonly [line: string, status: number, body: Readonly<Record<string, unknown>>];

/** What the client is told, addresses of the control plane apart. */
async function ask(url: string): Promise<readonly Step[]> {
  const key = sdk.server.ready.keys["alice"] ?? "";
  const steps = await sdk.run("client.py", { HOOK_URL: url, HOOK_KEY: key, OTHER_APP: "other" });
  return JSON.parse(JSON.stringify(steps).replaceAll(/https?:\/\/[^/"]+/g, "https://flyte"));
}

async function askOurs(compat?: "upstream"): Promise<readonly Step[]> {
  const controlPlane = createControlPlane({
    endpoint: sdk.server.ready.controlPlane,
    ...{ project: "flytesnacks", domain: "development" },
  });
  const webhook = createWebhook({ name: "ours", controlPlane, ...(compat && { compat }) });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  try {
    return await ask(url);
  } finally {
    await webhook.close();
    await controlPlane.close();
  }
}

/** Statuses and bodies; of a failure the members alone, as its words are the control plane's. */
function shapeOf(steps: readonly Step[]) {
  return steps.map(([line, status, body]) =>
    status < 400 ? [line, status, body] : [line, status, Object.keys(body)],
  );
}

test("a client of the original is answered alike, and in the default mode more", async () => {
  const theirs = await ask(original);
  expect(shapeOf(await askOurs("upstream"))).toEqual(shapeOf(theirs));

  const ours = await askOurs();
  for (const [index, [line, status, body]] of theirs.entries()) {
    if (status >= 400) continue;
    expect(ours[index]).toEqual([line, status, expect.objectContaining(body)]);
  }
});
