import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import type { AppStatus } from "../../src/client/app-calls.ts";
import { toAppStatus } from "../../src/client/app-status.ts";
import { judgeState, startWait } from "../../src/client/app-wait.ts";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import type { App } from "../../src/idl/apps.ts";
import {
  type AppEvent,
  created,
  deleted,
  off,
  on,
  type StubApp,
  type Subscription,
  startAppControlPlane,
  stubApp,
  updated,
} from "../support/app-control-plane.ts";
import { withEnoughTime } from "../support/enough-time.ts";

const site = { name: "site" };
const stopped = stubApp({ phase: "STOPPED", desired: off });
const active = stubApp({ phase: "ACTIVE", desired: on, revision: 4n });

/** A control plane whose changes are answered with nothing, and only told by watches. */
async function watched(before: App, ...subscriptions: readonly Subscription[]) {
  const plane = await startAppControlPlane(before);
  plane.answer = () => undefined;
  plane.subscriptions = subscriptions;
  return plane;
}

const told = (app: StubApp): AppEvent => updated(stubApp({ desired: on, revision: 4n, ...app }));

function withoutId(app: App): App {
  delete app.metadata?.id;
  return app;
}

test("an activation waited for ends with the state that was waited for", async () => {
  const { flyte, stub } = await watched(stopped, [
    created(stopped),
    told({}),
    told({ phase: "DEPLOYING" }),
    updated(active),
    "silence",
  ]);
  expect(await flyte.apps.activate(site, { wait: true })).toMatchObject({
    phase: "active",
    isActive: true,
    revision: 4,
    endpoint: "https://site.example.com",
  });
  expect(stub.methods()).toEqual(["Get", "Update", "Watch"]);
});

test("an answer that is in the wanted state already needs no watch", async () => {
  const { flyte, stub } = await startAppControlPlane(stopped);
  expect(await flyte.apps.activate(site, { wait: true })).toMatchObject({ phase: "active" });
  expect(stub.methods()).toEqual(["Get", "Update"]);
});

test("a first snapshot counts although it is told as a creation", async () => {
  const { flyte } = await watched(active, [created(stopped), "silence"]);
  expect(await flyte.apps.deactivate(site, { wait: true })).toMatchObject({ phase: "stopped" });
});

test("apps of the same name elsewhere neither end nor fail a wait", async () => {
  const strangers = [
    told({ phase: "ACTIVE", project: "q" }),
    told({ phase: "FAILED", project: "q" }),
    told({ phase: "ACTIVE", org: "other" }),
    told({ phase: "ACTIVE", name: "site2" }),
    deleted(stubApp({ project: "q" })),
    updated(withoutId(stubApp({ phase: "ACTIVE" }))),
  ];
  const plane = await startAppControlPlane(stopped, { org: "acme" });
  plane.answer = () => undefined;
  plane.subscriptions = [[...strangers, told({ phase: "ACTIVE", org: "acme", revision: 9n })]];
  expect((await plane.flyte.apps.activate(site, { wait: true })).revision).toBe(9);
});

test.each<[string, App, readonly AppEvent[], object]>([
  [
    "fails",
    stopped,
    [told({ phase: "DEPLOYING" }), told({ phase: "FAILED", message: "no such image" })],
    { code: "app_failed", message: "App site failed: no such image" },
  ],
  [
    "fails for another reason than before",
    stubApp({ phase: "FAILED", message: "old" }),
    [told({ phase: "FAILED", message: "old" }), told({ phase: "FAILED", message: "new" })],
    { code: "app_failed", message: "App site failed: new" },
  ],
  [
    "is switched off meanwhile",
    stopped,
    [created(stopped), told({ phase: "PENDING" }), told({ phase: "STOPPED", message: "by bob" })],
    { code: "app_failed", message: "App site was switched off before it became active: by bob" },
  ],
  [
    "is deleted meanwhile",
    stopped,
    [told({ phase: "PENDING" }), deleted(stubApp())],
    { code: "not_found", message: "App site was deleted before it was active." },
  ],
])("a wait for an app that %s says so", async (_, before, events, error) => {
  const { flyte } = await watched(before, [...events, "silence"]);
  await expect(flyte.apps.activate(site, { wait: true })).rejects.toMatchObject(error);
});

test("a failed app can be switched off, whatever it still says", async () => {
  const { flyte } = await watched(stubApp({ phase: "FAILED", message: "1" }), [
    told({ phase: "FAILED", message: "1" }),
    told({ phase: "FAILED", message: "2" }),
    updated(stopped),
    "silence",
  ]);
  expect(await flyte.apps.deactivate(site, { wait: true })).toMatchObject({ phase: "stopped" });
});

test("an app that fails while it is switched off has failed", async () => {
  const { flyte } = await watched(active, [told({ phase: "FAILED", desired: off }), "silence"]);
  await expect(flyte.apps.deactivate(site, { wait: true })).rejects.toMatchObject({
    code: "app_failed",
    message: "App site failed while it was switched off",
  });
});

test("a wait goes on after streams that end or fail in passing", async () => {
  const { flyte, stub } = await watched(
    stopped,
    [created(stopped)],
    [told({ phase: "PENDING" }), Code.Unavailable],
    [updated(active)],
  );
  expect(await flyte.apps.activate(site, { wait: true })).toMatchObject({ phase: "active" });
  expect(stub.methods()).toEqual(["Get", "Update", "Watch", "Watch", "Watch"]);
});

test("a wait that may not watch fails at once, and the change is made once", async () => {
  const { flyte, stub } = await watched(stopped, [Code.PermissionDenied]);
  await expect(flyte.apps.activate(site, { wait: true })).rejects.toMatchObject({
    code: "permission_denied",
  });
  expect(stub.methods()).toEqual(["Get", "Update", "Watch"]);
});

test("a wait whose time is up names the last phase, and the change stands", async () => {
  const pulling = told({ phase: "DEPLOYING", message: "pulling" });
  await withEnoughTime(1_000, async (timeoutMs) => {
    const waiting = await watched(stopped, [pulling, "silence"]);
    await expect(
      waiting.flyte.apps.activate(site, { wait: true, timeoutMs }),
    ).rejects.toMatchObject({
      code: "deadline_exceeded",
      message:
        "App site was not active in time: it was last deploying (pulling). The change itself stands.",
    });
    expect(waiting.updates.map(({ app }) => app?.spec?.desiredState)).toEqual([on]);
    await expect.poll(() => waiting.ended).toEqual([0]);
  });
});

test("a wait whose time is up says that nothing was told", async () => {
  await withEnoughTime(200, async (timeoutMs) => {
    const { flyte } = await watched(active, ["silence"]);
    await expect(flyte.apps.deactivate(site, { wait: true, timeoutMs })).rejects.toMatchObject({
      code: "deadline_exceeded",
      message: expect.stringContaining("nothing was told of it since"),
    });
  });
});

test("a signal ends the wait and takes nothing back", async () => {
  const plane = await watched(stopped, [told({ phase: "PENDING" }), "silence"]);
  const controller = new AbortController();
  const activated = plane.flyte.apps.activate(site, { wait: true, signal: controller.signal });
  const refused = expect(activated).rejects.toMatchObject({ code: "canceled" });
  await expect.poll(() => plane.stub.methods()).toContain("Watch");
  controller.abort();
  await refused;
  await expect.poll(() => plane.ended).toEqual([0]);
  expect(plane.updates.map(({ app }) => app?.spec?.desiredState)).toEqual([on]);
});

async function seen(statuses: AsyncIterable<AppStatus>): Promise<string[]> {
  const phases: string[] = [];
  for await (const { phase, revision } of statuses) phases.push(`${phase} ${revision}`);
  return phases;
}

test("a watch tells each change once, across reconnects, and ends when the app is deleted", async () => {
  const { flyte, stub } = await watched(
    stopped,
    [created(stopped), updated(stopped), told({ phase: "PENDING" })],
    [created(stubApp({ phase: "PENDING", revision: 4n })), told({ phase: "ACTIVE", project: "q" })],
    [updated(active), updated(stopped), Code.Internal],
    [created(stopped), deleted(stopped), updated(active), "silence"],
  );
  expect(await seen(flyte.apps.watch(site))).toEqual([
    "stopped 3",
    "pending 4",
    "active 4",
    "stopped 3",
  ]);
  expect(stub.methods()).toEqual(["Watch", "Watch", "Watch", "Watch"]);
});

test("a watch of an app that does not exist fails, one of an app that is gone by now ends", async () => {
  const never = await watched(stopped, [Code.NotFound]);
  await expect(seen(never.flyte.apps.watch(site))).rejects.toMatchObject({ code: "not_found" });
  const gone = await watched(stopped, [created(stopped)], [Code.NotFound]);
  expect(await seen(gone.flyte.apps.watch(site))).toEqual(["stopped 3"]);
});

test("leaving a watch ends the request", async () => {
  const { flyte, ended } = await watched(stopped, [created(stopped), "silence"]);
  for await (const status of flyte.apps.watch(site)) {
    expect(status.phase).toBe("stopped");
    break;
  }
  await expect.poll(() => ended).toEqual([0]);
});

test("a watch keeps the credential of the place where it was begun", async () => {
  const { flyte, stub } = await watched(stopped, [created(stopped)], [deleted(stopped)]);
  const statuses = authMetadata([["authorization", "ann"]], () => flyte.apps.watch(site));
  await authMetadata([["authorization", "bob"]], () => seen(statuses));
  expect(stub.calls.map(({ headers }) => headers.authorization)).toEqual(["ann", "ann"]);
});

const asked = { org: "", project: "p", domain: "d", name: "site", consoleUrl: "" };

function judge(wanted: "active" | "deactivated", before: App, after: App, isLate: boolean): string {
  const wait = startWait(wanted, before);
  return judgeState(wait, after, toAppStatus(after, asked), isLate).verdict;
}

test.each<[string, StubApp, readonly StubApp[]]>([
  ["still stopping", { phase: "SCALING_DOWN" }, [{ phase: "SCALING_DOWN", message: "1 left" }]],
  ["told as it was before", { phase: "PENDING", desired: off }, [{ phase: "PENDING" }]],
  ["not yet assigned", { phase: "STOPPED" }, [{ phase: "UNASSIGNED" }]],
])("an app that is %s was not yet seen on its way", async (_, before, states) => {
  const { flyte } = await watched(stubApp(before), [
    ...states.map(told),
    told({ phase: "STOPPED" }),
    updated(active),
    "silence",
  ]);
  expect(await flyte.apps.activate(site, { wait: true })).toMatchObject({ phase: "active" });
});

test("when caches are past doubt a failure counts that was there before", () => {
  const broken = stubApp({ phase: "FAILED", desired: on });
  for (const wanted of ["active", "deactivated"] as const) {
    expect(judge(wanted, broken, broken, false)).toBe("waiting");
    expect(judge(wanted, broken, broken, true)).toBe("failed");
  }
});

test("when caches are past doubt an app that asks for the other state was changed again", () => {
  for (const [wanted, state] of [
    ["active", stopped],
    ["deactivated", active],
  ] as const) {
    expect(judge(wanted, state, state, false)).toBe("waiting");
    expect(judge(wanted, state, state, true)).toBe("overruled");
  }
  const slow = stubApp({ phase: "STOPPED", desired: on });
  expect(judge("active", stopped, slow, true)).toBe("waiting");
});

test("a failure of another moment is another failure", () => {
  const failure = (ms: number): App => {
    const app = stubApp({ phase: "FAILED", message: "crashed" });
    for (const condition of app.status?.conditions ?? []) {
      condition.lastTransitionTime = timestampFromMs(ms);
    }
    return app;
  };
  expect(judge("active", failure(1_000), failure(1_000), false)).toBe("waiting");
  expect(judge("active", failure(1_000), failure(1_001), false)).toBe("failed");
});
