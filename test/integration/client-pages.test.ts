import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import type { ListPage, PageOptions } from "../../src/client/page-options.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { connect } from "../support/devbox-client.ts";

/** Lists by pages and filters, against a devbox with a few tasks, runs and triggers. */
let devbox: Devbox;
let alice: ControlPlane;
let bob: ControlPlane;
const names: string[] = [];

function connectAs(user: string): ControlPlane {
  return createControlPlane({
    endpoint: devbox.url,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(devbox.keys[user] ?? ""),
  });
}

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  [alice, bob] = [connectAs("alice"), connectAs("bob")];
  const scripts = connect(devbox, "alice");
  for (const [name, script] of [
    ["page.good", "true"],
    ["page.Bad", "exit 3"],
    ["other.good", "true"],
  ] as const) {
    await scripts.deployScript(name, script);
  }
  for (const [client, task] of [
    ...Array.from({ length: 5 }, () => [alice, "page.good"] as const),
    ...Array.from({ length: 2 }, () => [bob, "page.Bad"] as const),
    [bob, "other.good"] as const,
  ]) {
    const run = await client.runs.start({ name: task }, {});
    names.push(run.name);
    await client.runs.wait(run);
  }
  for (const name of ["a", "b", "c"]) {
    await alice.triggers.deploy({ task: "page.good", name, schedule: { cron: "@daily" } });
  }
  await alice.triggers.deploy({ task: "other.good", name: "a", schedule: { cron: "@daily" } });
});

afterAll(async () => {
  await Promise.all([alice?.close(), bob?.close()]);
  await devbox?.close();
});

async function readAll<Item>(
  limit: number,
  page: (options: PageOptions) => Promise<ListPage<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const { items: more, next } = await page({ limit, ...(after !== undefined && { after }) });
    expect(more.length).toBeLessThanOrEqual(limit);
    items.push(...more);
    after = next;
  } while (after !== undefined);
  return items;
}

test("pages of any size hold each item once, in the same order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9 }), async (limit) => {
      const runs = await readAll(limit, (options) => alice.runs.page({}, options));
      expect(runs.map(({ name }) => name)).toEqual(names.toReversed());
      const tasks = await readAll(limit, (options) => alice.tasks.page({}, options));
      expect(tasks.map(({ name }) => name).toSorted()).toEqual([
        "other.good",
        "page.Bad",
        "page.good",
      ]);
      const triggers = await readAll(limit, (options) => alice.triggers.page({}, options));
      expect(triggers.map(({ task, name }) => `${task}/${name}`).toSorted()).toEqual([
        ...["other.good/a", "page.good/a", "page.good/b", "page.good/c"],
      ]);
      expect(await readAll(limit, (options) => alice.apps.page({}, options))).toEqual([]);
    }),
    { numRuns: 9 },
  );
});

describe("runs are told apart", () => {
  const count = async (filter: Parameters<ControlPlane["runs"]["page"]>[1]): Promise<number> =>
    (await alice.runs.page({}, filter)).items.length;

  test("by phase, task and owner, and by all of them", async () => {
    expect(await count({ phases: ["succeeded"] })).toBe(6);
    expect(await count({ phases: ["failed", "aborted"] })).toBe(2);
    expect(await count({ phases: ["running", "queued"] })).toBe(0);
    expect(await count({ task: "page.good" })).toBe(5);
    expect(await count({ owner: "bob" })).toBe(3);
    expect(await count({ owner: "bob", phases: ["succeeded"] })).toBe(1);
    expect(await count({ owner: "nobody" })).toBe(0);
  });

  test("by the time of their start, the first moment included and the last not", async () => {
    const { items } = await alice.runs.page();
    const third = items[2]?.startedAt;
    if (third === undefined) throw new Error("a run without a start");
    const [since, until] = [await count({ since: third }), await count({ until: third })];
    expect(since).toBeGreaterThanOrEqual(3);
    expect(since + until).toBe(names.length);
    expect(await count({ since: new Date(third.getTime() + 3_600_000) })).toBe(0);
  });
});

test("tasks and triggers are told apart", async () => {
  expect((await alice.tasks.page({}, { name: "PAGE" })).items).toHaveLength(2);
  expect((await alice.tasks.page({}, { name: "nothing" })).items).toEqual([]);
  expect((await alice.triggers.page({ task: "page.good" })).items).toHaveLength(3);
});

test.each([0, 201, 1.5, Number.NaN])("a limit of %s is refused", async (limit) => {
  await expect(alice.runs.page({}, { limit })).rejects.toMatchObject({
    code: "invalid_input",
    message: `limit is ${limit}; give a number from 1 to 200.`,
  });
});

test.each(["junk", "-1", "1e9x"])("a place %j that is none is refused", async (after) => {
  for (const page of [alice.runs.page({}, { after }), alice.tasks.page({}, { after })]) {
    await expect(page).rejects.toMatchObject({ code: "invalid_input" });
  }
});
