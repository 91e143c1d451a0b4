import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { AppPhase, ListAppsOptions } from "../../src/client/app-calls.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { App as RemoteApp } from "../../src/client/remote/index.ts";
import { type App, AppService } from "../../src/idl/apps.ts";
import { Filter_Function, Sort_Direction } from "../../src/idl/identifiers.ts";
import { stubApp } from "../support/app-control-plane.ts";
import { startStub } from "../support/scripted-control-plane.ts";

/** A control plane with apps that it tells in pages, however it is asked to filter and sort. */
async function startList(given: { apps: readonly App[]; pageSize?: number }) {
  const asked: unknown[] = [];
  const plane = { ...given, asked };
  const stub = await startStub((router) => {
    router.service(AppService, {
      list({ request, filterBy }) {
        const { limit = 0, token = "", filters, sortBy } = request ?? {};
        if (token === "lost") throw new ConnectError("no such page", Code.InvalidArgument);
        asked.push({ limit, token, filters, sortBy, filterBy });
        const from = Number(token || 0);
        const end = from + Math.min(limit, plane.pageSize ?? limit);
        return {
          apps: [...plane.apps.slice(from, end)],
          token: end < plane.apps.length ? String(end) : "",
        };
      },
    });
  });
  const flyte = createControlPlane({ endpoint: stub.url, project: "p", domain: "d" });
  onTestFinished(() => flyte.close());
  return { plane, flyte };
}

async function names(
  { flyte }: Awaited<ReturnType<typeof startList>>,
  options?: ListAppsOptions,
): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of flyte.apps.list({}, options)) found.push(name);
  return found;
}

test("pages make one list, cut at the limit, whatever their size", async () => {
  const started = await startList({ apps: [] });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(12),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 15 }),
      async (count, pageSize, limit) => {
        const apps = Array.from({ length: count }, (_, at) => stubApp({ name: `app-${at}` }));
        Object.assign(started.plane, { apps, pageSize });
        const all = apps.map(({ metadata }) => metadata?.id?.name);
        expect(await names(started, { limit })).toEqual(all.slice(0, limit));
        expect(await names(started)).toEqual(all);
      },
    ),
    { numRuns: 30 },
  );
});

test("what is asked for is what the control plane is asked", async () => {
  const started = await startList({ apps: [] });
  await names(started, {
    phases: ["active", "failed"],
    creator: "ada",
    sort: { by: "name", order: "ascending" },
    limit: 7,
  });
  await names(started, { phases: ["scaling_up"] });
  const { EQUAL, VALUE_IN } = Filter_Function;
  expect(started.plane.asked).toMatchObject([
    {
      limit: 7,
      token: "",
      filterBy: { case: "project", value: { name: "p", domain: "d" } },
      sortBy: { key: "name", direction: Sort_Direction.ASCENDING },
      filters: [
        {
          function: VALUE_IN,
          field: "status_phase",
          values: ["DEPLOYMENT_STATUS_ACTIVE", "DEPLOYMENT_STATUS_FAILED"],
        },
        { function: EQUAL, field: "created_by", values: ["ada"] },
      ],
    },
    {
      limit: 100,
      sortBy: { key: "created_at", direction: Sort_Direction.DESCENDING },
      filters: [{ function: EQUAL, values: ["DEPLOYMENT_STATUS_SCALING_UP"] }],
    },
  ]);
});

test("a control plane that does not filter is not believed", async () => {
  const phases = ["ACTIVE", "STOPPED", "FAILED", "ACTIVE", "PENDING", "ACTIVE"] as const;
  const apps = phases.map((phase, at) => stubApp({ name: `app-${at}`, phase }));
  const started = await startList({ apps, pageSize: 2 });
  const wanted: AppPhase[] = ["active"];
  expect(await names(started, { phases: wanted })).toEqual(["app-0", "app-3", "app-5"]);
  expect(await names(started, { phases: wanted, limit: 2 })).toEqual(["app-0", "app-3"]);
});

test("no page is read before it is needed", async () => {
  const apps = Array.from({ length: 6 }, (_, at) => stubApp({ name: `app-${at}` }));
  const started = await startList({ apps, pageSize: 2 });
  const found: string[] = [];
  const list = RemoteApp.listAll({ controlPlane: started.flyte, project: "other" });
  for await (const { name } of list) {
    found.push(name);
    if (found.length === 3) break;
  }
  expect(found).toEqual(["app-0", "app-1", "app-2"]);
  expect(started.plane.asked).toMatchObject([
    { filterBy: { value: { name: "other" } } },
    { token: "2" },
  ]);
});
