import { randomBytes } from "node:crypto";
import { clone } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import {
  type App,
  AppSchema,
  type AppWatchResponse,
  Spec_DesiredState,
} from "../../src/idl/apps.ts";
import {
  type AppsClient,
  appId,
  appNamed,
  connectApps,
  given,
  revisionOf,
  servingApp,
  statusOf,
} from "../support/devbox-apps.ts";
import { codeOf } from "../support/devbox-client.ts";

let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
});

afterAll(() => devbox?.close());

const alice = () => connectApps(devbox, "alice").apps;
const bob = () => connectApps(devbox, "bob").apps;
const deadline = { timeout: 20_000 };

type Request = Parameters<AppsClient["apps"]["watch"]>[0];
type Target = Exclude<Request, { readonly $typeName: string }>["target"] & {};

interface Watched {
  readonly events: { readonly kind: string; readonly app: App }[];
  /** Every event as `kind name revision STATUS`. */
  told(): string[];
  /** How the stream ended, by the name of its code. */
  readonly ended: Promise<string>;
}

function watch(target: Target, box = devbox): Watched {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const events: { kind: string; app: App }[] = [];
  const read = async () => {
    const stream = connectApps(box, "alice").apps.watch({ target }, { signal: leaving.signal });
    for await (const message of stream) events.push(toEvent(message));
  };
  const told = () =>
    events.map(({ kind, app }) => {
      const name = app.metadata?.id?.name;
      return [kind, name, revisionOf(app), ...(kind === "delete" ? [] : [statusOf(app)])].join(" ");
    });
  return { events, told, ended: codeOf(read()) };
}

function toEvent({ event }: AppWatchResponse): { kind: string; app: App } {
  const app = event.case === "updateEvent" ? event.value.updatedApp : event.value?.app;
  return { kind: event.case?.replace("Event", "") ?? "", app: given(app) };
}

const of = (name: string, domain = "development"): Target => ({
  case: "appId",
  value: appId(name, { domain }),
});

const relabel = (app: App, team: string) => {
  const changed = clone(AppSchema, app);
  if (changed.metadata !== undefined) changed.metadata.labels = { team };
  return alice().update({ app: changed, reason: "" });
};

describe("one app", () => {
  test("what is there is told as created and as updated, then each change, until it is made anew", async () => {
    const app = given((await alice().create({ app: appNamed("plain") })).app);
    const { told } = watch(of("plain"));
    const first = ["create plain 1 STOPPED", "update plain 1 STOPPED"];
    await expect.poll(told, deadline).toEqual(first);
    await relabel(app, "red");
    const second = [...first, "update plain 2 STOPPED"];
    await expect.poll(told, deadline).toEqual(second);
    await alice().delete({ appId: appId("plain") });
    const third = [...second, "delete plain 2"];
    await expect.poll(told, deadline).toEqual(third);
    await alice().create({ app: appNamed("plain", { args: ["new"] }) });
    await expect.poll(told, deadline).toEqual([...third, ...first]);
  });

  test("an app that starts is never told as stopped, and one that is replaced not as ready too early", async () => {
    const { app } = await alice().create({ app: appNamed("starting", servingApp()) });
    expect(["PENDING", "DEPLOYING"]).toContain(statusOf(app));
    const watched = watch(of("starting"));
    const statuses = () => watched.events.map((event) => statusOf(event.app));
    await expect.poll(() => statuses().at(-1), deadline).toBe("ACTIVE");
    expect(watched.events.at(-1)?.kind).toBe("update");
    const off = clone(AppSchema, given(app));
    if (off.spec !== undefined) off.spec.desiredState = Spec_DesiredState.STOPPED;
    await bob().update({ app: off, reason: "night" });
    await expect.poll(() => statuses().at(-1), deadline).toBe("STOPPED");
    const stopped = given(watched.events.at(-1)).app;
    expect(stopped.status?.conditions.at(-1)?.message).toBe("Stopped. night");
    expect(stopped.status?.ingress).toBeUndefined();
    const until = statuses().indexOf("STOPPED");
    expect(new Set(statuses().slice(0, until))).not.toContain("UNASSIGNED");

    const seen = watched.events.length;
    const args = { ...servingApp(), args: ["2"] };
    const started = await alice().create({ app: appNamed("starting", args) });
    expect(["PENDING", "DEPLOYING"]).toContain(statusOf(started.app));
    await expect.poll(() => statuses().at(-1), deadline).toBe("ACTIVE");
    const replaced = await alice().create({ app: appNamed("starting", servingApp("3")) });
    expect(["PENDING", "DEPLOYING"]).toContain(statusOf(replaced.app));
    await expect.poll(() => revisionOf(watched.events.at(-1)?.app), deadline).toBe(4);
    await expect.poll(() => statuses().at(-1), deadline).toBe("ACTIVE");
    for (const status of statuses().slice(seen))
      expect(["STOPPED", "UNASSIGNED"]).not.toContain(status);
  });

  test("apps of the same name elsewhere are not told", async () => {
    const other = { domain: "staging" };
    const staged = given((await alice().create({ app: appNamed("same", other) })).app);
    const app = given((await alice().create({ app: appNamed("same") })).app);
    const { told, events } = watch(of("same"));
    await expect.poll(told, deadline).toHaveLength(2);
    await relabel(staged, "there");
    await alice().delete({ appId: appId("same", other) });
    await relabel(app, "here");
    await expect.poll(told, deadline).toHaveLength(3);
    expect(events.map((event) => event.app.metadata?.id?.domain)).toEqual(
      Array(3).fill("development"),
    );
  });

  test("an absent app is not found", async () => {
    expect(await watch(of("absent")).ended).toBe("NotFound");
    expect(await watch({ case: "appId", value: {} }).ended).toBe("InvalidArgument");
  });
});

describe("many apps", () => {
  test("a project's apps are told, those of its domain alone, and new ones", async () => {
    await using box = await startDevbox({ state: "memory", port: 0 });
    const { apps } = connectApps(box, "alice");
    const make = (name: string, domain: string) => apps.create({ app: appNamed(name, { domain }) });
    await make("one", "staging");
    await make("two", "staging");
    await make("other", "production");
    const project = (domain: string): Target => ({
      case: "project",
      value: { name: "flytesnacks", domain },
    });
    const staging = watch(project("staging"), box);
    const all = watch(project(""), box);
    const organisation = watch({ case: "org", value: "" }, box);
    const names = ({ told }: Watched) => told().filter((text) => text.startsWith("create"));
    await expect
      .poll(staging.told, deadline)
      .toEqual([
        "create one 1 STOPPED",
        "update one 1 STOPPED",
        "create two 1 STOPPED",
        "update two 1 STOPPED",
      ]);
    await make("three", "staging");
    await make("another", "production");
    await expect.poll(staging.told, deadline).toHaveLength(6);
    expect(staging.told().slice(4)).toEqual(["create three 1 STOPPED", "update three 1 STOPPED"]);
    for (const watched of [all, organisation]) {
      await expect.poll(() => names(watched), deadline).toHaveLength(5);
    }
    expect(await watch({ case: "clusterId", value: { name: "c" } }, box).ended).toBe(
      "Unimplemented",
    );
  });

  test("closing the devbox ends every watch", async () => {
    const box = await startDevbox({ state: "memory", port: 0 });
    await connectApps(box, "alice").apps.create({ app: appNamed("open") });
    const watches = [watch(of("open"), box), watch({ case: "org", value: "" }, box)];
    for (const { told } of watches) await expect.poll(told, deadline).toHaveLength(2);
    await box.close();
    expect(await Promise.all(watches.map(({ ended }) => ended))).toEqual([
      "Unavailable",
      "Unavailable",
    ]);
  });
});

test("a slow reader is told the present state and not every one before", async () => {
  // Compressed, the same character again and again would fit into the buffers in between.
  const args = Array.from({ length: 8 }, () => randomBytes(90_000).toString("base64"));
  const app = given((await alice().create({ app: appNamed("bulky", { args }) })).app);
  const leaving = new AbortController();
  const stream = alice().watch({ target: of("bulky") }, { signal: leaving.signal });
  const reader = stream[Symbol.asyncIterator]();
  await reader.next();
  const changes = 30;
  for (let team = 0; team < changes; team += 1) {
    if (app.metadata !== undefined) app.metadata.revision = 0n;
    await relabel(app, String(team));
  }
  let messages = 0;
  for (let revision = 0; revision < changes + 1; messages += 1) {
    const { value } = await reader.next();
    revision = revisionOf(toEvent(given(value)).app);
  }
  expect(messages).toBeLessThan(changes);
  leaving.abort();
  await codeOf(reader.next());
});

test("the client's switches wait for the app, and survive a deploy in between", async () => {
  await using flyte = createControlPlane({
    endpoint: devbox.url,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(devbox.keys["bob"] ?? ""),
  });
  await alice().create({
    app: appNamed("switched", { ...servingApp(), state: Spec_DesiredState.STOPPED }),
  });
  const site = { name: "switched" };
  const wait = { wait: true, timeoutMs: 30_000 };
  expect(await flyte.apps.activate(site, wait)).toMatchObject({ phase: "active", revision: 2 });
  expect(await flyte.apps.deactivate(site, wait)).toMatchObject({ phase: "stopped", revision: 3 });
  const [switched, deployed] = await Promise.all([
    flyte.apps.activate(site, wait),
    alice().create({ app: appNamed("switched", servingApp("new")) }),
  ]);
  expect(switched.phase).toBe("active");
  const { app } = await alice().get({ identifier: { case: "appId", value: appId("switched") } });
  const payload = app?.spec?.appPayload;
  expect(payload?.case === "container" && payload.value.args).toEqual(["new"]);
  expect(revisionOf(app)).toBeGreaterThanOrEqual(revisionOf(deployed.app));
});
