import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import { checkPassthrough } from "../../src/client/check-passthrough.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { init, initPassthrough } from "../../src/client/init.ts";
import { closeControlPlane, currentControlPlane } from "../../src/client/init-current.ts";
import { startDevbox } from "../../src/devbox/index.ts";
import { ProjectService } from "../../src/idl/projects.ts";
import { TaskService } from "../../src/idl/tasks.ts";
import { startStub } from "../support/scripted-control-plane.ts";

afterEach(closeControlPlane);

const scope = { project: "flytesnacks", domain: "development" };
const surroundings = { env: {}, cwd: tmpdir(), home: "/nonexistent", interactive: false };

/** A control plane whose lists answer, or fail with a code. */
function startLists(code?: Code): ReturnType<typeof startStub> {
  const list = () => {
    if (code !== undefined) throw new ConnectError("planted", code);
    return {};
  };
  return startStub((router: ConnectRouter) => {
    router.service(TaskService, { listTasks: list });
    router.service(ProjectService, { listProjects: list });
  });
}

const openMessage = {
  code: "invalid_config",
  message: expect.stringMatching(
    /^The control plane at http:\S+ accepts calls without a credential.*--allow-anonymous.*allowAnonymous: true/,
  ),
};

describe("behind a devbox", () => {
  let open: boolean;
  beforeEach(() => {
    open = false;
  });
  const start = async () => {
    const devbox = await startDevbox({ state: "memory", port: 0, allowAnonymous: open });
    onTestFinished(() => devbox.close());
    return { endpoint: devbox.url, surroundings };
  };

  test.each([scope, {}])("that refuses strangers, passthrough starts with %o", async (given) => {
    const controlPlane = await initPassthrough({ ...(await start()), ...given });
    expect(currentControlPlane()).toBe(controlPlane);
  });

  test.each([scope, {}])(
    "that lets anybody in, it does not, unless that is accepted, with %o",
    async (given) => {
      open = true;
      const options = { ...(await start()), ...given };
      await expect(initPassthrough(options)).rejects.toMatchObject(openMessage);
      expect(() => currentControlPlane()).toThrow("No control plane is connected");
      await initPassthrough({ ...options, allowAnonymous: true });
      await initPassthrough({ ...options, check: false });
    },
  );
});

test("the question is one list of one entry, asked once, without any credential", async () => {
  const limits: (number | undefined)[] = [];
  const stub = await startStub((router) => {
    router.service(TaskService, {
      listTasks({ request, scopeBy }) {
        expect(scopeBy.value).toMatchObject({ name: "flytesnacks", domain: "development" });
        limits.push(request?.limit);
        throw new ConnectError("no", Code.Unauthenticated);
      },
    });
  });
  const env = { FLYTE_API_KEY: "fwk_own" };
  await authMetadata([["authorization", "Bearer around"]], () =>
    initPassthrough({ endpoint: stub.url, ...scope, surroundings: { ...surroundings, env } }),
  );
  expect(stub.methods()).toEqual(["ListTasks"]);
  expect(limits).toEqual([1]);
  expect(stub.calls[0]?.headers).not.toHaveProperty("authorization");
});

test("without project and domain, projects are asked for", async () => {
  const stub = await startLists(Code.PermissionDenied);
  await initPassthrough({ endpoint: stub.url, project: "p", surroundings });
  expect(stub.methods()).toEqual(["ListProjects"]);
});

test("the credential of a proxy in front lets nobody in, and comes along", async () => {
  const proxyCommand = [process.execPath, "-e", "console.log('of-proxy')"];
  const refusing = await startLists(Code.Unauthenticated);
  await initPassthrough({ endpoint: refusing.url, proxyCommand, surroundings });
  expect(refusing.calls[0]?.headers).toMatchObject({ "proxy-authorization": "Bearer of-proxy" });
  const open = await startLists();
  await expect(
    initPassthrough({ endpoint: open.url, proxyCommand, surroundings }),
  ).rejects.toMatchObject(openMessage);
});

test("a control plane with a credential of its own is asked without it, too", async () => {
  const stub = await startLists(Code.Unauthenticated);
  const authenticator = { headers: () => [["authorization", "Bearer own"]] as const };
  await using controlPlane = createControlPlane({ endpoint: stub.url, ...scope, authenticator });
  await checkPassthrough(controlPlane);
  expect(stub.calls.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test.each([
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.NotFound,
  Code.Unimplemented,
  Code.InvalidArgument,
  Code.FailedPrecondition,
  Code.ResourceExhausted,
  Code.Internal,
])("an answer of code %i is one of a control plane that is there", async (code) => {
  const stub = await startLists(code);
  await initPassthrough({ endpoint: stub.url, ...scope, retries: 0, surroundings });
  expect(stub.methods()).toEqual(["ListTasks"]);
});

describe("a control plane that cannot be reached is told at the start, with the remedy", () => {
  const unavailable = {
    code: "unavailable",
    message: expect.stringMatching(
      /^The control plane at http:\S+ does not answer: .*correct the endpoint/,
    ),
  };

  test("when nothing listens", async () => {
    const options = { endpoint: "http://127.0.0.1:1", ...scope, retries: 0, surroundings };
    await expect(initPassthrough(options)).rejects.toMatchObject(unavailable);
    await expect(initPassthrough({ ...options, allowAnonymous: true })).rejects.toMatchObject(
      unavailable,
    );
    expect(await initPassthrough({ ...options, check: false })).toBe(currentControlPlane());
  });

  test("when it does not answer in time", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(
      initPassthrough({ endpoint, ...scope, timeoutMs: 100, surroundings }),
    ).rejects.toMatchObject(unavailable);
  });

  test("when what stands in front of it says so", async () => {
    const stub = await startLists(Code.Unavailable);
    await expect(
      initPassthrough({ endpoint: stub.url, ...scope, retries: 0, surroundings }),
    ).rejects.toMatchObject(unavailable);
  });
});

test("a passing failure at the start is tried again", async () => {
  let calls = 0;
  const stub = await startStub((router) => {
    router.service(TaskService, {
      listTasks() {
        calls += 1;
        throw new ConnectError("planted", calls === 1 ? Code.Unavailable : Code.Unauthenticated);
      },
    });
  });
  await initPassthrough({ endpoint: stub.url, ...scope, surroundings });
  expect(calls).toBe(2);
});

test("a start that fails leaves the connection before in use", async () => {
  const open = await startLists();
  const first = await init({ endpoint: open.url, ...scope, surroundings });
  await expect(
    initPassthrough({ endpoint: open.url, ...scope, surroundings }),
  ).rejects.toMatchObject(openMessage);
  expect(currentControlPlane()).toBe(first);
  expect(await first.tasks.list()).toEqual([]);
});
