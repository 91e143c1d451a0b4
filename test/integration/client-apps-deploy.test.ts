import { clone, create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { App as RemoteApp } from "../../src/client/remote/index.ts";
import { type App, AppSchema, AppService, Spec_DesiredState } from "../../src/idl/apps.ts";
import { startAppControlPlane, stubApp, updated } from "../support/app-control-plane.ts";
import { plainApp as spec } from "../support/app-spec.ts";
import { startStub } from "../support/scripted-control-plane.ts";

/** What a control plane does about one app; it keeps the app, with revisions, unless told otherwise. */
interface Script {
  app: App | undefined;
  /** Called before the answer of a method: may throw, and may change the app. */
  before: (method: "create" | "get" | "update" | "delete", script: Script) => void;
  readonly reasons: string[];
}

async function startApps(before: Script["before"] = () => undefined) {
  const script: Script = { app: undefined, before, reasons: [] };
  const keep = (sent: App | undefined, revision: bigint): App => {
    const { status } = stubApp({ phase: "ACTIVE" });
    for (const condition of status?.conditions ?? []) condition.revision = revision;
    const app = clone(AppSchema, sent ?? create(AppSchema));
    Object.assign(app, { status });
    Object.assign(app.metadata ?? {}, { revision });
    script.app = app;
    return app;
  };
  const stub = await startStub((router) => {
    router.service(AppService, {
      create({ app }) {
        script.before("create", script);
        if (script.app !== undefined) throw new ConnectError("it exists", Code.AlreadyExists);
        return { app: keep(app, 1n) };
      },
      get() {
        script.before("get", script);
        if (script.app === undefined) throw new ConnectError("no such app", Code.NotFound);
        return { app: script.app };
      },
      update({ app, reason }) {
        script.before("update", script);
        const revision = script.app?.metadata?.revision ?? 0n;
        if (app?.metadata?.revision !== revision) {
          throw new ConnectError("it was changed", Code.Aborted);
        }
        script.reasons.push(reason);
        return { app: keep(app, revision + 1n) };
      },
      delete() {
        script.before("delete", script);
        if (script.app === undefined) throw new ConnectError("no such app", Code.NotFound);
        script.app = undefined;
        return {};
      },
    });
  });
  const flyte = createControlPlane({ endpoint: stub.url, project: "p", domain: "d" });
  onTestFinished(() => flyte.close());
  return { script, stub, flyte };
}

test("an app is created, left alone while it is the same, and replaced when it is not", async () => {
  const { flyte, stub, script } = await startApps();
  const first = await flyte.apps.deploy(spec);
  expect(first).toMatchObject({ change: "created", status: { name: "site", revision: 1 } });
  expect(stub.methods()).toEqual(["Get", "Create"]);
  const second = await flyte.apps.deploy(spec, { wait: true });
  expect(second).toMatchObject({ change: "unchanged", status: { revision: 1, isActive: true } });
  expect(stub.methods().slice(2)).toEqual(["Get"]);
  const third = await flyte.apps.deploy({ ...spec, replicas: [1, 2] }, { reason: "More of it." });
  expect(third).toMatchObject({ change: "updated", status: { revision: 2 } });
  expect(script.reasons).toEqual(["More of it."]);
  expect(script.app?.metadata?.id).toMatchObject({ project: "p", domain: "d", name: "site" });
});

test("a change that someone else makes meanwhile is read and replaced", async () => {
  let others = 0;
  const { flyte, script, stub } = await startApps((method, { app }) => {
    if (method !== "update" || others === 2 || app?.metadata === undefined) return;
    others += 1;
    app.metadata.revision += 1n;
  });
  await flyte.apps.deploy(spec);
  const { change, status } = await flyte.apps.deploy({ ...spec, replicas: [1, 1] });
  expect({ change, revision: status.revision }).toEqual({ change: "updated", revision: 4 });
  expect(stub.methods().filter((method) => method === "Update")).toHaveLength(3);
  expect(script.reasons).toEqual(["Deployed by a client of the API."]);
});

test("who keeps changing an app wins in the end", async () => {
  const { flyte, stub } = await startApps((method, { app }) => {
    if (method === "update" && app?.metadata !== undefined) app.metadata.revision += 1n;
  });
  await flyte.apps.deploy(spec);
  await expect(flyte.apps.deploy({ ...spec, replicas: [1, 1] })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("3 tries"),
  });
  expect(stub.methods().filter((method) => method === "Update")).toHaveLength(3);
});

test("an address that another app has is no reason to look for this one", async () => {
  const { flyte, stub } = await startApps((method) => {
    if (method === "create") throw new ConnectError("site.example is taken", Code.AlreadyExists);
  });
  await expect(flyte.apps.deploy({ ...spec, subdomain: "site" })).rejects.toMatchObject({
    code: "conflict",
    message: "site.example is taken",
  });
  expect(stub.methods()).toEqual(["Get", "Create", "Get"]);
});

test("a creation whose answer got lost is found by its name", async () => {
  let isLost = false;
  const { flyte, stub, script } = await startApps((method, { app }) => {
    if (method !== "create" || isLost) return;
    isLost = true;
    expect(app).toBeUndefined();
    script.app = kept.app;
    throw new ConnectError("gone away", Code.Unavailable);
  });
  const kept = await startApps().then(async (other) => {
    await other.flyte.apps.deploy(spec);
    return other.script;
  });
  expect((await flyte.apps.deploy(spec)).status).toMatchObject({ revision: 1, isActive: true });
  expect(stub.methods()).toEqual(["Get", "Create", "Create", "Get"]);
});

test("a stopped app that is deployed again is to be active", async () => {
  const { flyte, script } = await startApps();
  await flyte.apps.deploy(spec);
  if (script.app?.spec !== undefined) script.app.spec.desiredState = Spec_DesiredState.STOPPED;
  expect(await flyte.apps.deploy(spec)).toMatchObject({ change: "updated" });
  expect(script.app?.spec?.desiredState).toBe(Spec_DesiredState.ACTIVE);
});

test("an app can be deleted twice, and what fails is told", async () => {
  const { flyte, script } = await startApps();
  await flyte.apps.deploy(spec);
  await flyte.apps.delete(spec);
  expect(script.app).toBeUndefined();
  await RemoteApp.delete({ name: "site" }, { controlPlane: flyte });
  script.before = () => {
    throw new ConnectError("not yours", Code.PermissionDenied);
  };
  await expect(flyte.apps.delete(spec)).rejects.toMatchObject({ code: "permission_denied" });
});

test("what cannot be is refused before anything is asked", async () => {
  const { flyte, stub } = await startApps();
  await expect(flyte.apps.deploy({ ...spec, name: "a/b" })).rejects.toMatchObject({
    code: "invalid_input",
  });
  await expect(flyte.apps.deploy(spec, { reason: "x".repeat(101) })).rejects.toThrow("at most 100");
  await expect(flyte.apps.delete({ name: "" })).rejects.toThrow("must not be empty");
  expect(() => flyte.apps.list({}, { limit: 0 })).toThrow("limit is 0");
  expect(() => flyte.apps.logs({ name: "-" })).toThrow("no hyphen at its ends");
  expect(stub.calls).toEqual([]);
});

test("a redeployed app is active in a condition of its own, not in the one before", async () => {
  const before = stubApp({ phase: "ACTIVE", message: "revision 3" });
  const plane = await startAppControlPlane(before);
  plane.answer = () => before;
  const steps = [
    stubApp({ phase: "ACTIVE", message: "revision 3" }),
    stubApp({ phase: "DEPLOYING", message: "revision 4", revision: 4n }),
    stubApp({ phase: "ACTIVE", message: "revision 4", revision: 4n }),
  ];
  plane.subscriptions = [[...steps.map(updated), "silence"]];
  const { change, status } = await plane.flyte.apps.deploy(spec, { wait: true });
  expect(change).toBe("updated");
  expect(status).toMatchObject({ revision: 4, message: "revision 4", isActive: true });
});

test("a redeployed app that fails ends the wait, one that had failed before does not", async () => {
  const plane = await startAppControlPlane(stubApp({ phase: "FAILED", message: "old fault" }));
  plane.answer = () => plane.app;
  const steps = [
    stubApp({ phase: "FAILED", message: "old fault" }),
    stubApp({ phase: "DEPLOYING", revision: 4n }),
    stubApp({ phase: "FAILED", message: "new fault", revision: 4n }),
  ];
  plane.subscriptions = [[...steps.map(updated), "silence"]];
  await expect(plane.flyte.apps.deploy(spec, { wait: true })).rejects.toMatchObject({
    code: "app_failed",
    message: "App site failed: new fault",
  });
});

test("a remote app is replaced by its description", async () => {
  const { flyte } = await startApps();
  const options = { controlPlane: flyte };
  const { app, change } = await RemoteApp.replace(spec, options);
  expect([app.name, app.revision, change]).toEqual(["site", 1, "created"]);
  expect(app.conditions).toHaveLength(1);
  await app.delete();
  await expect(app.refresh()).rejects.toMatchObject({ code: "not_found" });
});
