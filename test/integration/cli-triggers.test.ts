import { expect, test } from "vitest";
import { toJson, useCommandDevbox } from "../support/command-devbox.ts";
import type { CommandResult } from "../support/run-command.ts";

/** The commands about triggers, against one devbox with the example tasks. */
const devbox = useCommandDevbox();

function flyte(...line: readonly string[]): Promise<CommandResult> {
  return devbox.flyte(line);
}

/** The whole of standard output as JSON. */
async function json(...line: readonly string[]): Promise<ReturnType<typeof toJson>> {
  return toJson(await flyte(...line, "--json"));
}

const berlin = ["orders.nightly", "berlin"] as const;

test("a trigger is created, shown, switched, listed and deleted", async () => {
  const created = await json(
    ...["create", "trigger", ...berlin, "--schedule", "0 2 * * *", "--timezone", "Europe/Berlin"],
    ...["--time-input", "day", "--description", "Every night."],
  );
  expect(created).toMatchObject({
    ...{ task: "orders.nightly", name: "berlin", active: true, revision: 1, timeInput: "day" },
    ...{ schedule: "0 2 * * * (Europe/Berlin)", lastFiredAt: null, updatedBy: "alice" },
  });
  expect(Date.parse(created.nextFireAt)).toBeGreaterThan(Date.now());

  const again = await flyte("create", "trigger", ...berlin, "--schedule", "@daily");
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("--replace") });
  const replaced = await json(
    ...["create", "trigger", ...berlin, "--every", "15m", "--start", "2026-05-01T06:00:00Z"],
    ...["--inactive", "--replace"],
  );
  expect(replaced).toMatchObject({
    ...{ active: false, nextFireAt: null, revision: 2 },
    schedule: "every 15 minutes from 2026-05-01T06:00:00Z",
  });

  const shown = await flyte("activate", "trigger", ...berlin);
  expect(shown.stdout).toMatch(/^active +yes$/m);
  expect(shown.stdout).toMatch(/^next fire +\d{4}-\d\d-\d\d \d\d:(?:00|15|30|45):00$/m);
  const table = (await flyte("get", "trigger")).stdout;
  expect(table).toMatch(/^TASK +NAME +SCHEDULE +ACTIVE +NEXT FIRE +LAST FIRE$/m);
  expect(table).toMatch(/^orders\.nightly +berlin +every 15 minutes from \S+ +yes +20.* +-$/m);
  expect(await json("get", "trigger", "stats.describe")).toEqual([]);
  expect(await json("deactivate", "trigger", ...berlin)).toMatchObject({ active: false });

  const { history } = await json("get", "trigger", ...berlin, "--history");
  expect(history.map(({ action }: { readonly action: string }) => action)).toEqual([
    ...["deactivate", "activate", "deploy", "deploy"],
  ]);
  const text = (await flyte("get", "trigger", ...berlin, "--history")).stdout;
  expect(text).toMatch(/^4 +deactivate +alice +20/m);

  expect(await json("delete", "trigger", ...berlin, "--yes")).toMatchObject({ deleted: true });
  for (const verb of ["get", "activate", "deactivate", "fire", "delete"]) {
    expect(`${verb} ${(await flyte(verb, "trigger", ...berlin)).code}`).toBe(`${verb} 3`);
  }
});

test("a trigger is fired with its inputs and those given over them", async () => {
  await json(
    ...["create", "trigger", "stats.describe", "often", "--schedule", "@yearly", "--inactive"],
    ...["--input", "values=[1,2]"],
  );
  const plain = await json("fire", "trigger", "stats.describe", "often", "--wait");
  expect(plain).toMatchObject({ phase: "succeeded", outputs: { o0: 2, o1: 1.5 } });
  const laid = await json(
    ...["fire", "trigger", "development/flytesnacks/stats.describe", "often", "--wait"],
    ...["-i", "values=[4,4,4]", "--name", "fired-once"],
  );
  expect(laid).toMatchObject({ name: "fired-once", outputs: { o0: 3, o1: 4 } });
  const { stdout } = await flyte("fire", "trigger", "stats.describe", "often");
  expect(stdout).toMatch(/^run +r\w+\nurl +http/);
  const trigger = await json("get", "trigger", "stats.describe", "often");
  expect(Date.parse(trigger.lastFiredAt)).toBeGreaterThan(Date.now() - 600_000);
});

test("the example's triggers come with its task, switched off, and fire on demand", async () => {
  const found = await json("get", "trigger", "schedule.digest");
  expect(
    found.map(({ name, active, schedule }: Record<string, unknown>) => [name, active, schedule]),
  ).toEqual([
    ["often", false, "every 15 minutes"],
    ["nightly", false, "0 2 * * * (Europe/Berlin)"],
  ]);
  const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const { outputs } = await json("fire", "trigger", "schedule.digest", "often", "--wait");
  expect(outputs["o1"]).toBe("us");
  expect(outputs["o0"] >= day).toBe(true);
});

test.each([
  [[], "--schedule with a cron expression or --every"],
  [["--schedule", "@daily", "--every", "1h"], "one of them"],
  [["--schedule", "* * * *"], "five fields"],
  [["--schedule", "@daily", "--timezone", "Mars/Base"], "Mars/Base"],
  [["--schedule", "@daily", "--start", "2026-05-01T06:00:00Z"], "--start goes with --every"],
  [["--every", "90s"], "@every 90s"],
  [["--every", "1h", "--timezone", "UTC"], "--timezone goes with --schedule"],
  [["--every", "1h", "--start", "tomorrow"], "2026-05-01T06:00:00Z"],
  [["--every", "1h", "--time-input", "orders"], "takes a time"],
  [["--every", "1h", "-i", "dya=1"], "day"],
])("create trigger with %j is refused with what to do", async (options, reason) => {
  const { code, stderr } = await flyte("create", "trigger", "orders.nightly", "faulty", ...options);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(reason) });
});

test("a version in the name of a trigger's task is refused", async () => {
  const { code, stderr } = await flyte("fire", "trigger", "stats.describe@v1", "often");
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("@v1") });
});
