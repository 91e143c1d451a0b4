import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import {
  init,
  initFromApiKey,
  initFromConfig,
  initInCluster,
  initPassthrough,
} from "../../src/client/init.ts";
import {
  closeControlPlane,
  currentControlPlane,
  currentDomain,
  currentProject,
} from "../../src/client/init-current.ts";
import type { Authenticator } from "../../src/client/options.ts";
import { User } from "../../src/client/remote/index.ts";
import { IdentityService } from "../../src/idl/auth.ts";

afterEach(closeControlPlane);

/** A place without any configuration but the given variables. */
const nowhere = (env: Readonly<Record<string, string>> = {}) => ({
  env,
  cwd: tmpdir(),
  home: "/nonexistent",
  interactive: false,
});

interface IdentityStub extends AsyncDisposable {
  readonly url: string;
  /** Headers of every call, in order. */
  readonly calls: readonly IncomingHttpHeaders[];
}

/** A control plane that knows callers by their `authorization` header. */
async function startIdentityStub(): Promise<IdentityStub> {
  const calls: IncomingHttpHeaders[] = [];
  const rpc = connectNodeAdapter({
    routes: (router) =>
      router.service(IdentityService, {
        userInfo(_request, { requestHeader }) {
          const caller = requestHeader.get("authorization");
          if (caller === null) throw new ConnectError("who are you?", Code.Unauthenticated);
          return { subject: caller.replace("Bearer ", "") };
        },
      }),
  });
  const server = createServer((request, response) => {
    calls.push(request.headers);
    rpc(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("before any init, the use of the control plane says what to call", () => {
  expect(() => currentControlPlane()).toThrow("Call init(), initPassthrough() or initFromConfig()");
  expect(() => currentProject()).toThrow("No control plane is connected");
});

test.each([init, initPassthrough])(
  "%o without an endpoint fails at once with the remedy",
  async (connect) => {
    await expect(connect({ surroundings: nowhere() })).rejects.toMatchObject({
      code: "invalid_config",
      message: expect.stringContaining("Give endpoint, set FLYTE_ENDPOINT"),
    });
    expect(() => currentControlPlane()).toThrow("No control plane is connected");
  },
);

test("project and domain come from the environment, and their absence is told with the remedy", async () => {
  await initPassthrough({
    check: false,
    surroundings: nowhere({
      FLYTE_ENDPOINT: "https://acme.flyte.example.com",
      FLYTE_INTERNAL_EXECUTION_PROJECT: "p",
    }),
  });
  expect(currentControlPlane()).toMatchObject({
    endpoint: "https://acme.flyte.example.com",
    org: "acme",
  });
  expect(currentProject()).toBe("p");
  expect(() => currentDomain()).toThrow(
    "No domain is configured. Give domain to init(), set FLYTE_INTERNAL_EXECUTION_DOMAIN or FLYTE_TASK_DOMAIN",
  );
});

test("passthrough sends the caller's credential only, over plain text as well, and none without a caller", async () => {
  await using stub = await startIdentityStub();
  await initPassthrough({
    endpoint: stub.url,
    surroundings: nowhere({ FLYTE_API_KEY: "fwk_own", FLYTE_ADMIN_COMMAND: "false" }),
  });
  const ask = (caller: string) =>
    authMetadata([["authorization", `Bearer ${caller}`]], () => User.get());
  const users = await Promise.all(["alice", "bob", "carol"].map(ask));
  expect(users.map(({ subject }) => subject)).toEqual(["alice", "bob", "carol"]);
  await expect(User.get()).rejects.toMatchObject({ code: "unauthenticated" });
  expect(stub.calls.some((headers) => headers.authorization?.includes("fwk_own"))).toBe(false);
});

test("passthrough takes nothing from an API key, its endpoint neither", async () => {
  const key = Buffer.from("key.example.com:id:secret:org").toString("base64");
  for (const FLYTE_API_KEY of [key, "not a key"]) {
    await expect(initPassthrough({ surroundings: nowhere({ FLYTE_API_KEY }) })).rejects.toThrow(
      "No control plane is configured",
    );
  }
});

test("an API key is sent as a bearer token, and a caller's credential goes before it", async () => {
  await using stub = await startIdentityStub();
  const surroundings = nowhere({ FLYTE_API_KEY: "fwk_environment" });
  await init({ endpoint: stub.url, surroundings });
  expect((await User.get()).subject).toBe("fwk_environment");
  await initFromApiKey("fwk_given", { endpoint: stub.url, surroundings });
  expect((await User.get()).subject).toBe("fwk_given");
  const user = await authMetadata([["authorization", "Bearer caller"]], () => User.get());
  expect(user.subject).toBe("caller");
  await expect(initFromApiKey(undefined, { surroundings: nowhere() })).rejects.toThrow(
    "An API key is needed: give it as the first argument, or set FLYTE_API_KEY.",
  );
});

test("a refused call without a credential says how to give one", async () => {
  await using stub = await startIdentityStub();
  await init({ endpoint: stub.url, surroundings: nowhere() });
  await expect(User.get()).rejects.toMatchObject({
    code: "unauthenticated",
    message: expect.stringContaining("FLYTE_API_KEY"),
  });
});

test("a command's token is fetched once for many calls", async () => {
  await using stub = await startIdentityStub();
  const command = [process.execPath, "-e", "console.log('pid-' + process.pid)"];
  await init({ endpoint: stub.url, command, surroundings: nowhere() });
  const users = await Promise.all(Array.from({ length: 10 }, () => User.get()));
  expect(new Set(users.map(({ subject }) => subject)).size).toBe(1);
  expect(users[0]?.subject).toMatch(/^pid-\d+$/);
});

test("a second init replaces the first control plane and closes it", async () => {
  await using stub = await startIdentityStub();
  const options = { endpoint: stub.url, apiKey: "fwk_a", surroundings: nowhere() };
  const first = await init(options);
  expect(await first.users.me()).toMatchObject({ subject: "fwk_a" });
  const second = await init({ ...options, apiKey: "fwk_b" });
  expect(currentControlPlane()).toBe(second);
  expect(await second.users.me()).toMatchObject({ subject: "fwk_b" });
  await expect(first.users.me()).rejects.toMatchObject({ name: "FlyteError" });
});

test("a failed init leaves the control plane in use as it is", async () => {
  const first = await init({ endpoint: "http://127.0.0.1:1", surroundings: nowhere() });
  await expect(init({ surroundings: nowhere() })).rejects.toThrow("No control plane is configured");
  await expect(
    init({ endpoint: "a", authType: "ClientSecret", clientId: "i", surroundings: nowhere() }),
  ).rejects.toThrow("needs a client secret");
  expect(currentControlPlane()).toBe(first);
});

test("in a cluster the platform's variables decide, else the control plane beside the container", async () => {
  expect(await initInCluster({ surroundings: nowhere() })).toMatchObject({
    endpoint: "http://host.docker.internal:8090",
  });
  expect(
    await initInCluster({
      surroundings: nowhere({
        _U_EP_OVERRIDE: "flyte-binary-http.flyte:8090",
        _U_INSECURE: "true",
        _U_ORG_NAME: "acme",
        FLYTE_INTERNAL_EXECUTION_PROJECT: "p",
        FLYTE_INTERNAL_EXECUTION_DOMAIN: "d",
      }),
    }),
  ).toMatchObject({
    endpoint: "http://flyte-binary-http.flyte:8090",
    org: "acme",
    project: "p",
    domain: "d",
  });
  const encrypted = await initInCluster({
    surroundings: nowhere({ _U_EP_OVERRIDE: "flyte.example.com" }),
  });
  expect(encrypted.endpoint).toBe("https://flyte.example.com");
});

test("plain text to another machine needs leave, which insecure alone does not give", async () => {
  const options = { endpoint: "flyte.example.com", insecure: true, surroundings: nowhere() };
  await expect(initPassthrough(options)).rejects.toThrow("allowPlaintext");
  await initPassthrough({ ...options, allowPlaintext: true, check: false });
  expect(currentControlPlane().endpoint).toBe("http://flyte.example.com");
});

test("a named configuration file that is missing is told", async () => {
  await expect(initFromConfig("/absent.yaml", { surroundings: nowhere() })).rejects.toThrow(
    "Configuration file /absent.yaml does not exist",
  );
});

test("the time a sign-in takes is not counted as the call's, and giving up ends it", async () => {
  await using stub = await startIdentityStub();
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const signedIn: string[] = [];
  let asked = (): void => undefined;
  const authenticator: Authenticator = {
    headers: () => signedIn.map((token) => ["authorization", `Bearer ${token}`] as const),
    async refresh(_rejected, signal) {
      asked();
      signal?.throwIfAborted();
      vi.advanceTimersByTime(1_100);
      signedIn.push("late");
      return true;
    },
  };
  await using plane = createControlPlane({ endpoint: stub.url, authenticator, timeoutMs: 1_000 });
  const controller = new AbortController();
  asked = () => controller.abort();
  await expect(plane.users.me({ signal: controller.signal })).rejects.toMatchObject({
    code: "canceled",
  });
  expect(await plane.users.me()).toMatchObject({ subject: "late" });
  expect(stub.calls.at(-1)).toMatchObject({ "connect-timeout-ms": "1000" });
});
