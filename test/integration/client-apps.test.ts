import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, test } from "vitest";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import { App } from "../../src/client/remote/index.ts";
import {
  AppSchema,
  Spec_DesiredState,
  SpecSchema,
  Status_DeploymentStatus,
} from "../../src/idl/apps.ts";
import { substateNames, writeSubstate } from "../../src/values/app-fields.ts";
import {
  created,
  off,
  on,
  type StubApp,
  startAppControlPlane,
  stubApp,
  updated,
} from "../support/app-control-plane.ts";

const site = { name: "site" };

test("the state of an app is that of its last condition", async () => {
  const app = stubApp({ phase: "PENDING" });
  const at = new Date("2026-11-21T09:30:05.250Z");
  const [deploying] = stubApp({ phase: "DEPLOYING", message: "pulling" }).status?.conditions ?? [];
  if (app.status === undefined || app.spec === undefined || deploying === undefined) throw app;
  Object.assign(deploying, { revision: 3n, lastTransitionTime: timestampFromDate(at) });
  app.status.conditions.push(writeSubstate(deploying, substateNames.indexOf("pulling_image")));
  app.status.currentReplicas = 2;
  app.status.createdAt = timestampFromDate(at);
  const ada = { case: "user" as const, value: { id: { subject: "ada" } } };
  app.spec = create(SpecSchema, {
    creator: { principal: ada },
    links: [{ path: "/docs", title: "Docs", isRelative: true }],
  });
  const { flyte, stub } = await startAppControlPlane(app);
  expect(await flyte.apps.get(site)).toEqual({
    project: "p",
    domain: "d",
    name: "site",
    revision: 3,
    endpoint: "https://site.example.com",
    phase: "deploying",
    substate: "pulling_image",
    message: "pulling",
    isActive: false,
    isDeactivated: false,
    url: `${stub.url}/v2/domain/d/project/p/apps/site`,
    replicas: 2,
    creator: "ada",
    createdAt: at,
    links: [{ path: "/docs", title: "Docs", isRelative: true }],
    conditions: [
      {
        phase: "pending",
        substate: "unspecified",
        message: "",
        revision: 0,
        time: undefined,
      },
      { phase: "deploying", substate: "pulling_image", message: "pulling", revision: 3, time: at },
    ],
  });
});

test("every deployment status has its phase, and none but four says on or off", async () => {
  const plane = await startAppControlPlane();
  const known = Object.values(Status_DeploymentStatus).filter((value) => typeof value === "number");
  const anyNumber = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.constantFrom(...known), anyNumber), async (phase) => {
      plane.app = stubApp({ phase });
      const status = await plane.flyte.apps.get(site);
      const name = Status_DeploymentStatus[phase]?.toLowerCase() ?? "unspecified";
      expect(status.phase).toBe(name);
      expect(status.isActive).toBe(phase === 7 || phase === 5);
      expect(status.isDeactivated).toBe(phase === 1 || phase === 4);
    }),
  );
  expect(known).toHaveLength(11);
});

test("an app without condition, address or id is told as what was asked for", async () => {
  const { flyte } = await startAppControlPlane(
    create(AppSchema, { metadata: { id: { name: "site" } } }),
  );
  expect(await flyte.apps.get(site)).toMatchObject({
    ...{ project: "p", domain: "d", name: "site", revision: 0 },
    ...{ endpoint: "", phase: "unspecified", message: "", isActive: false, isDeactivated: false },
  });
});

test("without a public address the address of its own name is the endpoint", async () => {
  const app = stubApp({ phase: "ACTIVE" });
  const ingress = app.status?.ingress;
  if (ingress === undefined) throw new Error("expected an ingress");
  Object.assign(ingress, { publicUrl: "", cnameUrl: "https://www.example.com" });
  const { flyte } = await startAppControlPlane(app);
  expect((await flyte.apps.get(site)).endpoint).toBe("https://www.example.com");
});

test("an app that does not exist is not found and not changed", async () => {
  const { flyte, stub } = await startAppControlPlane();
  for (const call of [flyte.apps.get, flyte.apps.activate, flyte.apps.deactivate]) {
    await expect(call(site)).rejects.toMatchObject({ code: "not_found" });
  }
  expect(stub.methods()).toEqual(["Get", "Get", "Get"]);
});

test.each([
  [{ name: "" }, "must not be empty"],
  [{ name: "a/b" }, "letters, digits and hyphens"],
  [{ name: "-a" }, "no hyphen at its ends"],
  [{ name: "a".repeat(64) }, "at most 63 characters"],
  [{ name: "site", project: "../x" }, "must not hold a slash"],
])("%j is refused before anything is asked", async (ref, message) => {
  const { flyte, stub } = await startAppControlPlane();
  for (const call of [flyte.apps.get, flyte.apps.activate, flyte.apps.deactivate]) {
    await expect(call(ref)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(message),
    });
  }
  expect(() => flyte.apps.watch(ref)).toThrow(message);
  expect(stub.calls).toEqual([]);
});

test("an app may have a longer name than a new one would get", async () => {
  const name = "a".repeat(63);
  const { flyte } = await startAppControlPlane(stubApp({ name, phase: "ACTIVE" }));
  expect(await flyte.apps.get({ name })).toMatchObject({ name });
});

test("a reason is kept with the change, up to 100 characters", async () => {
  const plane = await startAppControlPlane(stubApp({ phase: "STOPPED", desired: off }));
  const { flyte, stub, updates } = plane;
  const tooLong = flyte.apps.activate(site, { reason: "é".repeat(101) });
  await expect(tooLong).rejects.toMatchObject({
    code: "invalid_input",
    message: "reason has 101 characters; give at most 100.",
  });
  expect(stub.calls).toEqual([]);
  await flyte.apps.activate(site, { reason: "🎉".repeat(100) });
  await flyte.apps.activate(site);
  expect(updates.map(({ reason }) => reason)).toEqual([
    "🎉".repeat(100),
    "Activated by a client of the API.",
  ]);
});

test("a change sends the whole app back, with fields this version does not know", async () => {
  const app = stubApp({ phase: "FAILED", desired: on, message: "out of memory" });
  const unknown = (no: number, text: string) => {
    const bytes = new TextEncoder().encode(text);
    return [{ no, wireType: 2, data: Uint8Array.of(bytes.length, ...bytes) }];
  };
  if (app.metadata === undefined || app.spec === undefined || app.status === undefined) throw app;
  app.$unknown = unknown(900, "future of the app");
  app.metadata.$unknown = unknown(4, "s3://bundle");
  app.spec.$unknown = unknown(901, "future of the spec");
  app.status.$unknown = unknown(902, "future of the status");
  const { flyte, updates } = await startAppControlPlane(app);
  await flyte.apps.deactivate(site);
  const [sent] = updates;
  if (sent?.app === undefined) throw new Error("expected an update");
  const bytes = Buffer.from(toBinary(AppSchema, sent.app));
  for (const text of ["of the app", "s3://bundle", "of the spec", "of the status"]) {
    expect(bytes.includes(text), text).toBe(true);
  }
  app.spec.desiredState = off;
  expect(bytes).toEqual(Buffer.from(toBinary(AppSchema, app)));
});

test("a change tells the state it was answered with", async () => {
  const plane = await startAppControlPlane(stubApp({ phase: "STOPPED", desired: off }));
  const { flyte, stub, updates } = plane;
  expect(await flyte.apps.activate(site)).toMatchObject({ revision: 4, isActive: true });
  plane.app = stubApp({ phase: "ACTIVE", desired: on });
  expect(await flyte.apps.deactivate(site)).toMatchObject({ revision: 4, isDeactivated: true });
  expect(updates.map(({ app }) => app?.spec?.desiredState)).toEqual([on, off]);
  expect(stub.methods()).toEqual(["Get", "Update", "Get", "Update"]);
});

test.each([
  ["no app", undefined],
  ["an app without conditions", stubApp()],
])("a change answered with %s is read back", async (_, answered) => {
  const plane = await startAppControlPlane(stubApp({ phase: "STOPPED", desired: off }));
  plane.answer = () => {
    plane.app = stubApp({ phase: "PENDING", desired: on });
    return answered;
  };
  expect(await plane.flyte.apps.activate(site)).toMatchObject({ phase: "pending" });
  expect(plane.stub.methods()).toEqual(["Get", "Update", "Get"]);
});

test.each<[string, "activate" | "deactivate", StubApp, number]>([
  ["active", "activate", { phase: "ACTIVE", desired: on }, 0],
  ["started", "activate", { phase: "STARTED" }, 0],
  ["active by its newer name", "activate", { phase: 7, desired: Spec_DesiredState.ACTIVE }, 0],
  ["about to stop", "activate", { phase: "ACTIVE", desired: off }, 1],
  ["pending", "activate", { phase: "PENDING", desired: on }, 1],
  ["stopped", "deactivate", { phase: "STOPPED", desired: off }, 0],
  ["unassigned", "deactivate", { phase: "UNASSIGNED" }, 0],
  ["unassigned and about to start", "deactivate", { phase: "UNASSIGNED", desired: on }, 1],
  ["scaling down", "deactivate", { phase: "SCALING_DOWN", desired: off }, 1],
])("an app that is %s: %s", async (_, action, app, changes) => {
  const { flyte, updates } = await startAppControlPlane(stubApp(app));
  await flyte.apps[action](site, { wait: true });
  expect(updates).toHaveLength(changes);
});

test("an app without spec is not changed to an empty one", async () => {
  const app = stubApp({ phase: "STOPPED" });
  delete app.spec;
  const { flyte, updates } = await startAppControlPlane(app);
  await expect(flyte.apps.activate(site)).rejects.toMatchObject({ code: "internal" });
  expect(updates).toEqual([]);
});

test("a change that fails in passing is tried again", async () => {
  const plane = await startAppControlPlane(stubApp({ phase: "STOPPED", desired: off }));
  let tries = 0;
  plane.answer = () => {
    if (++tries === 1) throw new ConnectError("busy", Code.Unavailable);
    return stubApp({ phase: "ACTIVE" });
  };
  expect(await plane.flyte.apps.activate(site)).toMatchObject({ phase: "active" });
  expect(plane.stub.methods()).toEqual(["Get", "Update", "Update"]);
});

test("each request carries the credential of its caller and no other", async () => {
  const plane = await startAppControlPlane(stubApp({ phase: "STOPPED", desired: off }));
  plane.answer = () => undefined;
  plane.subscriptions = [
    [created(stubApp({ phase: "PENDING" }))],
    [updated(stubApp({ phase: 7 }))],
  ];
  const { flyte, stub } = plane;
  const callers = ["ann", "bob", "eve"];
  const activate = (caller: string) =>
    caller === "eve"
      ? flyte.apps.activate(site, { wait: true, auth: [["authorization", caller]] })
      : authMetadata([["authorization", caller]], () => flyte.apps.activate(site, { wait: true }));
  await Promise.all(callers.map(activate));
  await flyte.apps.get(site);
  const seen = stub.calls.map(({ method, headers }) => `${headers.authorization} ${method}`);
  expect(seen.pop()).toBe("undefined Get");
  for (const caller of callers) {
    const own = seen.filter((call) => call.startsWith(caller));
    expect(own.slice(0, 3)).toEqual([`${caller} Get`, `${caller} Update`, `${caller} Watch`]);
  }
  expect(seen.every((call) => /^(ann|bob|eve) /.test(call))).toBe(true);
});

test("a handle tells what was last read", async () => {
  const plane = await startAppControlPlane(stubApp({ phase: "STOPPED", desired: off }));
  const { flyte, stub } = plane;
  const app = await App.get(site, { controlPlane: flyte });
  expect([app.name, app.project, app.domain, app.revision]).toEqual(["site", "p", "d", 3]);
  expect(app.endpoint).toBe("https://site.example.com");
  expect(app.url).toBe(`${stub.url}/v2/domain/d/project/p/apps/site`);
  expect([app.isActive(), app.isDeactivated()]).toEqual([false, true]);
  expect(await app.activate()).toBe(app.status);
  expect([app.isActive(), app.isDeactivated(), app.revision]).toEqual([true, false, 4]);
  plane.app = stubApp({ phase: "ACTIVE", desired: on, revision: 5n });
  expect((await app.refresh()).revision).toBe(5);
  plane.answer = () => undefined;
  plane.subscriptions = [[created(stubApp({ phase: "STOPPED", revision: 6n }))]];
  await app.deactivate({ wait: true });
  expect([app.isDeactivated(), app.revision]).toEqual([true, 6]);
  for await (const status of app.watch()) {
    expect(status).toBe(app.status);
    break;
  }
  await expect(App.get({ name: "none" }, { controlPlane: flyte })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("an app that someone else changes meanwhile is read again, and keeps that change", async () => {
  const plane = await startAppControlPlane(stubApp({ phase: "STOPPED", desired: off }));
  plane.answer = (sent) => {
    if (sent.metadata?.revision !== 3n)
      return stubApp({ revision: 5n, desired: on, phase: "PENDING" });
    plane.app = stubApp({ revision: 4n, desired: off, phase: "STOPPED", message: "theirs" });
    throw new ConnectError("changed meanwhile", Code.Aborted);
  };
  expect(await plane.flyte.apps.activate(site)).toMatchObject({ revision: 5, phase: "pending" });
  const sent = plane.updates.map(({ app }) => [app?.metadata?.revision, app?.spec?.desiredState]);
  expect(sent).toEqual([
    [3n, on],
    [4n, on],
  ]);
});

test("a switch gives up when others change the app at each try, and at once for other conflicts", async () => {
  const plane = await startAppControlPlane(stubApp({ phase: "STOPPED", desired: off }));
  const refuse = (code: Code) => () => {
    throw new ConnectError("no", code);
  };
  plane.answer = refuse(Code.Aborted);
  await expect(plane.flyte.apps.activate(site)).rejects.toMatchObject({
    code: "conflict",
    message: "App site was changed by someone else at each of 3 tries to change it. Try again.",
  });
  expect(plane.updates).toHaveLength(3);
  plane.answer = refuse(Code.AlreadyExists);
  await expect(plane.flyte.apps.activate(site)).rejects.toMatchObject({ code: "conflict" });
  expect(plane.updates).toHaveLength(4);
});
