import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../client/create-control-plane.ts";
import { createAppCaller } from "./app-caller.ts";

/** Calls an app by a name of this machine, as a control plane at `endpoint` would have told it. */
async function callLocalhost(endpoint: string, host = "localhost", listening = host) {
  const app = createServer((_request, response) => response.end("here"));
  app.listen(0, listening);
  await once(app, "listening");
  const controlPlane = createControlPlane({ endpoint });
  const caller = createAppCaller({ controlPlane, callTimeoutMs: 5_000 });
  onTestFinished(async () => {
    await caller.close();
    await controlPlane.close();
    app.close();
  });
  const { port } = app.address() as AddressInfo; // It listens on TCP.
  const url = new URL(`http://${host}:${port}/`);
  const request = { url, method: "GET", headers: {}, body: undefined } as const;
  return caller.send(request, new AbortController().signal);
}

test("a name is looked at when it is dialled: none leads to this machine from elsewhere", async () => {
  await expect(callLocalhost("https://flyte.example.com")).rejects.toThrow(
    "localhost is at an address that no app has",
  );
});

test("a control plane on this machine may have its apps here", async () => {
  const { body } = await callLocalhost("http://127.0.0.1:30080");
  expect(await body.text()).toBe("here");
});

test("a name below localhost is this machine, and no other says where its apps are here", async () => {
  const host = "site-p-d.localhost";
  const { body } = await callLocalhost("http://localhost:30080", host, "127.0.0.1");
  expect(await body.text()).toBe("here");
  await expect(callLocalhost("https://flyte.example.com", host, "127.0.0.1")).rejects.toThrow(
    `${host} is at an address that no app has`,
  );
});
