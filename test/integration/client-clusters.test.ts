import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import { startCall } from "../../src/client/call-context.ts";
import { Channel } from "../../src/client/channel.ts";
import { createConnectTransport } from "../../src/client/connect-transport.ts";
import { parseEndpoint } from "../../src/client/endpoint.ts";
import { passthroughAuthenticator as authenticator } from "../../src/client/passthrough-authenticator.ts";
import { ClusterRouter } from "../../src/client/select-cluster.ts";
import { IdentityService } from "../../src/idl/auth.ts";
import { ClusterService } from "../../src/idl/clusters.ts";
import { startStub } from "../support/scripted-control-plane.ts";

const question = {
  operation: 2,
  resource: { case: "projectId" as const, value: { organization: "", domain: "d", name: "p" } },
};
const call = startCall({}, 600_000);

function open(baseUrl: string): Channel {
  const limits = { maxResponseBytes: 10_000, maxConnections: 4 };
  const transport = createConnectTransport({ baseUrl, tls: {}, ...limits });
  return new Channel({ transport, authenticator, retries: 0 });
}

/** A router whose control plane answers with these cluster endpoints in turn. */
async function openRouter(answers: readonly (string | Code)[], seenAs?: string) {
  let asked = 0;
  const stub = await startStub((router) => {
    router.service(ClusterService, {
      selectCluster() {
        const answer = answers[Math.min(asked, answers.length - 1)] ?? "";
        asked += 1;
        if (typeof answer !== "string") throw new ConnectError("no", answer);
        return { clusterEndpoint: answer };
      },
    });
  });
  const channel = open(stub.url);
  const endpoint = parseEndpoint(seenAs ?? stub.url);
  const router = new ClusterRouter({ endpoint, allowPlaintext: false, channel, open });
  onTestFinished(async () => {
    await router.close();
    await channel.close();
  });
  return { router, stub, channel };
}

test("an empty answer means the control plane itself, and is asked for once", async () => {
  const { router, stub, channel } = await openRouter([""]);
  expect(await router.route(question, call)).toBe(channel);
  expect(await router.route(question, call)).toBe(channel);
  expect(stub.methods()).toEqual(["SelectCluster"]);
});

test("questions asked at once are asked once, another resource apart", async () => {
  const { router, stub } = await openRouter([""]);
  const other = { ...question, operation: 3 };
  await Promise.all([question, question, other].map((one) => router.route(one, call)));
  expect(stub.calls).toHaveLength(2);
});

test("a failure is not kept", async () => {
  const { router, channel } = await openRouter([Code.PermissionDenied, ""]);
  await expect(router.route(question, call)).rejects.toMatchObject({ code: "permission_denied" });
  expect(await router.route(question, call)).toBe(channel);
});

test("callers with different credentials do not share a refusal", async () => {
  const { router, stub } = await openRouter([Code.PermissionDenied]);
  const ask = (token: string) =>
    authMetadata([["authorization", token]], () => router.route(question, call));
  await Promise.allSettled([ask("ann"), ask("bob")]);
  expect(stub.calls.map(({ headers }) => headers.authorization).sort()).toEqual(["ann", "bob"]);
});

test("a control plane without the service serves everything itself", async () => {
  const { router, channel } = await openRouter([Code.Unimplemented]);
  expect(await router.route(question, call)).toBe(channel);
});

test("another host is called with the caller's credential", async () => {
  const cluster = await startStub((router) => {
    router.service(IdentityService, { userInfo: () => ({ subject: "ann" }) });
  });
  const { router } = await openRouter([cluster.url]);
  await authMetadata([["authorization", "Bearer x"]], async () => {
    const channel = await router.route(question, call);
    expect(channel.baseUrl).toBe(cluster.url);
    await channel.unary(IdentityService.method.userInfo, {}, call);
  });
  expect(cluster.calls[0]?.headers.authorization).toBe("Bearer x");
});

test("the own host under another scheme is the control plane itself", async () => {
  const { router, channel } = await openRouter(["http://flyte.example.com"], "flyte.example.com");
  expect(await router.route(question, call)).toBe(channel);
});

test("another host is never called in plain text where the control plane is not", async () => {
  const { router } = await openRouter(["http://127.0.0.1:1"], "https://flyte.example.com");
  await expect(router.route(question, call)).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringContaining("plain text"),
  });
});

test("another machine is not called in plain text without leave", async () => {
  const { router } = await openRouter(["http://elsewhere.example.com"]);
  await expect(router.route(question, call)).rejects.toThrow(/allowPlaintext/);
});

test.each(["ftp://x", "http://u:p@x", "x y"])(
  "the cluster endpoint %j is refused",
  async (text) => {
    const { router } = await openRouter([text]);
    await expect(router.route(question, call)).rejects.toMatchObject({ code: "internal" });
  },
);
