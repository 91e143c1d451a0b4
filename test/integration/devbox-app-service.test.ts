import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clone, type Message } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { type App, AppSchema, Spec_DesiredState } from "../../src/idl/apps.ts";
import { isRunning } from "../support/app-runtime.ts";
import {
  appId,
  appNamed,
  connectApps,
  given,
  revisionOf,
  servingApp,
  statusOf,
} from "../support/devbox-apps.ts";
import { codeOf } from "../support/devbox-client.ts";

const { ACTIVE, STARTED, STOPPED } = Spec_DesiredState;

let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0, allowAnonymous: true });
});

afterAll(() => devbox?.close());

const alice = () => connectApps(devbox, "alice").apps;
const bob = () => connectApps(devbox, "bob").apps;
/** May deploy everywhere, as alice may. */
const anonymous = () => connectApps(devbox).apps;

async function get(name: string, box: Devbox = devbox): Promise<App> {
  const identifier = { case: "appId", value: appId(name) } as const;
  return given((await connectApps(box, "alice").apps.get({ identifier })).app);
}

function creatorOf(app: App): string | undefined {
  const principal = app.spec?.creator?.principal;
  return principal?.case === "user" ? principal.value.id?.subject : undefined;
}

function unknownText(no: number, text: string): NonNullable<Message["$unknown"]>[number] {
  return { no, wireType: WireType.LengthDelimited, data: new BinaryWriter().string(text).finish() };
}

describe("Create", () => {
  test("answers the app with its revision, its creator and how it is doing", async () => {
    const before = Date.now() - 1;
    const { app } = await alice().create({
      app: {
        ...appNamed("hello", { labels: { team: "red" }, revision: 7n }),
        status: { assignedCluster: "elsewhere", currentReplicas: 9 },
      },
    });
    expect(app?.metadata).toMatchObject({
      id: { org: "", ...appId("hello") },
      revision: 1n,
      labels: { team: "red" },
    });
    expect(app?.spec?.desiredState).toBe(STOPPED);
    expect(app?.spec?.creator?.principal).toMatchObject({
      case: "user",
      value: {
        id: { subject: "alice" },
        spec: { firstName: "Alice", lastName: "Admin", email: "alice@example.com" },
      },
    });
    expect(app?.status).toMatchObject({ assignedCluster: "devbox", currentReplicas: 0 });
    expect(app?.status?.ingress).toBeUndefined();
    expect(statusOf(app)).toBe("STOPPED");
    const { createdAt, lastUpdatedAt } = app?.status ?? {};
    expect(createdAt && timestampMs(createdAt)).toBeGreaterThan(before);
    expect(lastUpdatedAt).toEqual(createdAt);
    const kept = await get("hello");
    expect(kept.metadata).toEqual(app?.metadata);
    expect(kept.spec).toEqual(app?.spec);
  });

  test("an unchanged wish changes nothing, another one makes a revision", async () => {
    const labels = { b: "2", a: "1" };
    const create = (args: string[], maker = alice()) =>
      maker.create({ app: appNamed("again", { args, labels }) });
    expect(revisionOf((await create(["x"])).app)).toBe(1);
    const sameLabels = { a: "1", b: "2" };
    const same = await alice().create({
      app: appNamed("again", { args: ["x"], labels: sameLabels, revision: 4n }),
    });
    expect(revisionOf(same.app)).toBe(1);
    const { app } = await create(["y"], anonymous());
    expect(revisionOf(app)).toBe(2);
    expect(creatorOf(given(app))).toBe("alice");
    expect(revisionOf((await create(["y"], anonymous())).app)).toBe(2);
  });

  test("who says to be its creator is not believed", async () => {
    const other = given((await alice().create({ app: appNamed("donor") })).app?.spec?.creator);
    const { app } = await anonymous().create({
      app: appNamed("claimed", { spec: { creator: other } }),
    });
    expect(creatorOf(given(app))).toBe("anonymous");
  });

  test("two at once make one app", async () => {
    const answers = await Promise.all(
      ["x", "x", "y"].map((arg) => alice().create({ app: appNamed("twins", { args: [arg] }) })),
    );
    expect(answers.map(({ app }) => revisionOf(app)).toSorted()).toEqual([1, 1, 2]);
    expect(revisionOf(await get("twins"))).toBe(2);
  });

  test("a host name that another app has is refused by its name", async () => {
    const own = (name: string) =>
      appNamed(name, { spec: { ingress: { cname: "shop.example.com" } } });
    const both = await Promise.allSettled(
      ["first", "second"].map((name) => alice().create({ app: own(name) })),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const refused = both.find((one) => one.status === "rejected");
    expect(refused?.reason.message).toBe(
      '[already_exists] the host name "shop.example.com" belongs to another app; choose another name, subdomain or custom domain',
    );
    const third = await alice().create({ app: appNamed("third") });
    const taking = { app: { ...own("third"), metadata: given(third.app?.metadata) }, reason: "" };
    expect(await codeOf(alice().update(taking))).toBe("AlreadyExists");
    expect(revisionOf(await get("third"))).toBe(1);
  });
});

describe("Update", () => {
  test("each stored change makes a revision; a stale one is refused", async () => {
    const first = given((await alice().create({ app: appNamed("edited") })).app);
    const change = (app: App, arg: string) => {
      const changed = clone(AppSchema, app);
      if (changed.spec?.appPayload.case === "container") changed.spec.appPayload.value.args = [arg];
      return alice().update({ app: changed, reason: "because" });
    };
    const second = given((await change(first, "b")).app);
    expect(revisionOf(second)).toBe(2);
    await expect(change(first, "c")).rejects.toThrow(
      '[aborted] app "edited" was changed meanwhile (it has revision 2, not 1); read it again',
    );
    expect(revisionOf((await change(second, "b")).app)).toBe(2);
    const unaware = clone(AppSchema, first);
    if (unaware.metadata !== undefined) unaware.metadata.revision = 0n;
    expect(revisionOf((await change(unaware, "d")).app)).toBe(3);
  });

  test("of two at once that read the same revision one wins", async () => {
    const app = given((await alice().create({ app: appNamed("raced") })).app);
    const changes = ["a", "b", "c", "d"].map((team) => {
      const changed = clone(AppSchema, app);
      if (changed.metadata !== undefined) changed.metadata.labels = { team };
      return codeOf(alice().update({ app: changed, reason: "" }));
    });
    expect((await Promise.all(changes)).toSorted()).toEqual([
      "Aborted",
      "Aborted",
      "Aborted",
      "none",
    ]);
    expect(revisionOf(await get("raced"))).toBe(2);
  });

  test("what this version does not know survives every way", async () => {
    const app = clone(AppSchema, given((await alice().create({ app: appNamed("newer") })).app));
    app.$unknown = [unknownText(90, "app")];
    const { metadata, spec } = app;
    if (metadata !== undefined)
      metadata.$unknown = [unknownText(4, "s3://b/c"), unknownText(5, "")];
    if (spec !== undefined) spec.$unknown = [unknownText(91, "spec")];
    const second = given((await alice().update({ app, reason: "" })).app);
    expect(revisionOf(second)).toBe(2);
    for (const told of [second, await get("newer")]) {
      expect(told.$unknown).toEqual(app.$unknown);
      expect(told.metadata?.$unknown).toEqual(metadata?.$unknown);
      expect(told.spec?.$unknown).toEqual(spec?.$unknown);
    }
    expect(revisionOf((await alice().update({ app: second, reason: "" })).app)).toBe(2);
  });

  test("the reason is kept, cut to what a control plane keeps, with who gave it", async () => {
    const app = given((await alice().create({ app: appNamed("reasoned", { state: ACTIVE }) })).app);
    if (app.spec !== undefined) app.spec.desiredState = STOPPED;
    const { app: stopped } = await bob().update({
      app,
      reason: `no\u0000 need ${"\u{1f600}".repeat(200)}`,
    });
    const last = given(given(stopped).status?.conditions.at(-1));
    expect(last.actor?.principal).toMatchObject({ value: { id: { subject: "bob" } } });
    await expect
      .poll(async () => (await get("reasoned")).status?.conditions.at(-1)?.message, {
        timeout: 20_000,
      })
      .toBe(`Stopped. no  need ${"\u{1f600}".repeat(91)}`);
  });
});

describe("who may do what", () => {
  test("contributors switch an app on and off and change nothing else", async () => {
    const app = given((await alice().create({ app: appNamed("shared") })).app);
    const on = clone(AppSchema, app);
    if (on.spec !== undefined) on.spec.desiredState = STARTED;
    const started = given((await bob().update({ app: on, reason: "go" })).app);
    expect(started.spec?.desiredState).toBe(STARTED);
    expect(["PENDING", "DEPLOYING"]).toContain(statusOf(started));
    const changed = clone(AppSchema, started);
    if (changed.spec?.appPayload.case === "container") changed.spec.appPayload.value.args = ["x"];
    expect(await codeOf(bob().update({ app: changed, reason: "" }))).toBe("PermissionDenied");
    const renamed = clone(AppSchema, started);
    if (renamed.metadata !== undefined) renamed.metadata.labels = { team: "bob" };
    expect(await codeOf(bob().update({ app: renamed, reason: "" }))).toBe("PermissionDenied");
    expect(await codeOf(bob().create({ app: appNamed("shared") }))).toBe("PermissionDenied");
    expect(await codeOf(bob().delete({ appId: appId("shared") }))).toBe("PermissionDenied");
    expect(revisionOf(await get("shared"))).toBe(2);
    await alice().delete({ appId: appId("shared") });
  });

  test("readers may not switch, and learn no names of apps that way", async () => {
    const production = { domain: "production" };
    const { app } = await alice().create({ app: appNamed("live", production) });
    const identifier = { case: "appId", value: appId("live", production) } as const;
    expect((await bob().get({ identifier })).app?.metadata).toEqual(app?.metadata);
    for (const name of ["live", "absent"]) {
      const update = bob().update({ app: appNamed(name, { ...production, state: ACTIVE }) });
      expect(await codeOf(update)).toBe("PermissionDenied");
    }
  });

  test("strangers get nothing", async () => {
    await using closed = await startDevbox({ state: "memory", port: 0 });
    const { apps, logs } = connectApps(closed);
    const first = (stream: AsyncIterable<unknown>) => stream[Symbol.asyncIterator]().next();
    for (const call of [
      apps.create({ app: appNamed("x") }),
      apps.get({ identifier: { case: "appId", value: appId("x") } }),
      apps.update({ app: appNamed("x") }),
      apps.delete({ appId: appId("x") }),
      apps.list({}),
      first(apps.watch({ target: { case: "appId", value: appId("x") } })),
      first(apps.watch({ target: { case: "org", value: "" } })),
      first(logs.tailLogs({ target: { case: "appId", value: appId("x") } })),
    ]) {
      expect(await codeOf(call)).toBe("Unauthenticated");
    }
  });
});

describe("Get and Delete", () => {
  test("an app is found by its address", async () => {
    const { app } = await alice().create({ app: appNamed("found", { state: ACTIVE }) });
    const publicUrl = given(app?.status?.ingress?.publicUrl);
    expect(publicUrl).toMatch(/^http:\/\/found-flytesnacks-development\.localhost:\d+$/);
    const byAddress = (address: string, caller = alice()) =>
      caller.get({ identifier: { case: "ingress", value: { publicUrl: address } } });
    expect((await byAddress(`${publicUrl}/path?x=1`)).app?.metadata).toEqual(app?.metadata);
    for (const address of ["", "x", "http://other.localhost:1", "http://[", "\0"]) {
      expect(await codeOf(byAddress(address))).toBe("NotFound");
    }
    await alice().delete({ appId: appId("found") });
    expect(await codeOf(byAddress(publicUrl))).toBe("NotFound");
  });

  test("absent apps are not found, and deleting them is no error", async () => {
    await alice().create({ app: appNamed("brief", { args: ["1"] }) });
    await alice().delete({ appId: appId("brief") });
    await alice().delete({ appId: appId("brief") });
    const identifier = { case: "appId", value: appId("brief") } as const;
    await expect(alice().get({ identifier })).rejects.toThrow(
      '[not_found] app "brief" not found in "flytesnacks/development"',
    );
    expect(await codeOf(alice().update({ app: appNamed("brief") }))).toBe("NotFound");
    expect(revisionOf((await anonymous().create({ app: appNamed("brief") })).app)).toBe(1);
    expect(creatorOf(await get("brief"))).toBe("anonymous");
  });
});

test("an app is deleted when none of its processes is left, for whoever asks", async () => {
  const script = `
    process.on("SIGTERM", () => setTimeout(() => process.exit(), 300));
    require("node:http").createServer().listen(process.env.PORT, () => console.log(process.pid));`;
  const command = [process.execPath, "-e", script];
  await alice().create({ app: appNamed("slow-end", { ...servingApp(), command }) });
  const pid = Number(await firstLine("slow-end"));
  expect(isRunning(pid)).toBe(true);
  const others = [1, 2].map(() => alice().delete({ appId: appId("slow-end") }));
  for (const deleted of others) {
    await deleted;
    expect(isRunning(pid)).toBe(false);
  }
});

async function firstLine(name: string): Promise<string> {
  const target = { case: "appId", value: appId(name) } as const;
  for await (const { resp } of connectApps(devbox, "alice").logs.tailLogs({ target })) {
    const line = resp.case === "batches" ? resp.value.logs[0]?.structuredLines[0] : undefined;
    if (line !== undefined) return line.message;
  }
  throw new Error("the tail ended");
}

test("apps outlive a restart as they were", async () => {
  const state = await mkdtemp(join(tmpdir(), "flyte-apps-"));
  try {
    const first = await startDevbox({ state, port: 0 });
    const { apps } = connectApps(first, "alice");
    await apps.create({ app: appNamed("lasting", { args: ["1"] }) });
    await apps.create({ app: appNamed("lasting", { args: ["2"] }) });
    await apps.create({ app: appNamed("gone") });
    await apps.delete({ appId: appId("gone") });
    const before = await get("lasting", first);
    await first.close();
    await using second = await startDevbox({ state, port: 0 });
    const after = await get("lasting", second);
    expect(after.metadata).toEqual(before.metadata);
    expect(after.spec).toEqual(before.spec);
    expect(after.status?.createdAt).toEqual(before.status?.createdAt);
    expect(statusOf(after)).toBe("STOPPED");
    const taken = connectApps(second, "alice").apps.create({
      app: appNamed("lasting", { args: ["2"] }),
    });
    expect(revisionOf((await taken).app)).toBe(2);
    const identifier = { case: "appId", value: appId("gone") } as const;
    expect(await codeOf(connectApps(second, "alice").apps.get({ identifier }))).toBe("NotFound");
  } finally {
    await rm(state, { recursive: true, force: true });
  }
});
