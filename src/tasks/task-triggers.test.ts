import { toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TaskTriggerSchema } from "../idl/triggers.ts";
import { defineTask, type TaskOptions } from "./define-task.ts";
import { t } from "./t.ts";
import { toTaskTriggers } from "./task-triggers.ts";
import { Cron, FixedRate, Trigger, type TriggerOptions, triggerTime } from "./trigger.ts";

const inputs = { at: t.datetime(), region: t.string(), days: t.int().default(7) };

function define(...triggers: readonly Trigger[]) {
  return defineTask({ name: "reports.daily", inputs, triggers }, () => ({}));
}

const nightly = (change: Partial<TriggerOptions> = {}): Trigger =>
  new Trigger({
    name: "nightly",
    automation: new Cron("0 2 * * *"),
    inputs: { at: triggerTime, region: "eu" },
    ...change,
  });

function wire(...triggers: readonly Trigger[]) {
  return toTaskTriggers(define(...triggers)).map((trigger) => toJson(TaskTriggerSchema, trigger));
}

describe("the compiler", () => {
  const automation = new Cron("0 2 * * *");
  const options = { name: "reports.daily", inputs } as const;
  const region = "eu";

  test("takes what the task takes", () => {
    const triggers = [
      new Trigger({ name: "a", automation, inputs: { at: triggerTime, region } }),
      new Trigger({ name: "b", automation, inputs: { at: new Date(0), region, days: 1 } }),
      Trigger.daily({ timeInput: "at", inputs: { region } }),
    ];
    expect(defineTask({ ...options, triggers }, () => ({})).triggers).toHaveLength(3);
    const defaulted = { days: t.int().default(7), at: t.datetime().default(new Date(0)) };
    const named = [Trigger.hourly(), Trigger.weekly({ timeInput: "at", inputs: { days: 1 } })];
    for (const trigger of named) {
      const task = { name: "defaulted", inputs: defaulted, triggers: [trigger] } as const;
      expect(defineTask(task, () => ({})).triggers).toEqual([trigger]);
    }
    defineTask({ name: "d", inputs: defaulted, triggers: [Trigger.monthly()] }, () => ({}));
    defineTask({ name: "e", triggers: [Trigger.minutely()] }, () => ({}));
  });

  test("refuses what it does not", () => {
    const define = (triggers: TaskOptions<typeof inputs, Record<never, never>>["triggers"] = []) =>
      expect(() => defineTask({ ...options, triggers }, () => ({}))).toThrow("not defined well");
    // @ts-expect-error: a number is no text
    define([text(5)]);
    // @ts-expect-error: at is missing
    define([Trigger.daily({ inputs: { region } })]);
    // @ts-expect-error: all are missing
    define([Trigger.daily()]);
    // @ts-expect-error: the time is no text
    define([Trigger.daily({ timeInput: "region", inputs: { at: new Date(0) } })]);
  });

  const text = <const Given>(given: Given) =>
    new Trigger({ name: "c", automation, inputs: { at: triggerTime, region: given } });
});

test("a trigger is told with its schedule, its inputs and its runs' settings", () => {
  const trigger = nightly({
    automation: new Cron("0 2 * * *", { timezone: "Europe/Berlin" }),
    description: "the report",
    env: { LEVEL: "debug" },
    labels: { team: "ml" },
    interruptible: true,
    overwriteCache: true,
  });
  expect(wire(trigger)).toEqual([
    {
      name: "nightly",
      spec: {
        active: true,
        description: "the report",
        inputs: {
          literals: [{ name: "region", value: { scalar: { primitive: { stringValue: "eu" } } } }],
        },
        runSpec: {
          envs: { values: [{ key: "LEVEL", value: "debug" }] },
          labels: { values: { team: "ml" } },
          interruptible: true,
          overwriteCache: true,
        },
      },
      automationSpec: {
        type: "TYPE_SCHEDULE",
        schedule: {
          cron: { expression: "0 2 * * *", timezone: "Europe/Berlin" },
          kickoffTimeInputArg: "at",
        },
      },
    },
  ]);
});

test("a rate is told in minutes", () => {
  const startTime = new Date("2026-05-01T00:00:00Z");
  const [trigger] = wire(
    nightly({ automation: new FixedRate(15, { startTime }), autoActivate: false }),
  );
  expect(trigger).toMatchObject({
    automationSpec: {
      schedule: {
        rate: { value: 15, unit: "FIXED_RATE_UNIT_MINUTE", startTime: "2026-05-01T00:00:00Z" },
      },
    },
  });
  expect(trigger).not.toHaveProperty("spec.active");
});

test.each([
  ["minutely", "* * * * *"],
  ["hourly", "0 * * * *"],
  ["daily", "0 0 * * *"],
  ["weekly", "0 0 * * 0"],
  ["monthly", "0 0 1 * *"],
] as const)("%s is a schedule of its own", (name, expression) => {
  const [trigger] = wire(Trigger[name]({ timeInput: "at", inputs: { region: "us" } }));
  expect(trigger).toMatchObject({
    name,
    automationSpec: {
      schedule: { cron: { expression, timezone: "UTC" }, kickoffTimeInputArg: "at" },
    },
  });
});

describe("a task is not defined with", () => {
  test.each<[Trigger, string]>([
    [nightly({ name: "a b" }), "must have a name of letters"],
    [nightly({ automation: {} as Cron }), "must have a Cron or a FixedRate"],
    [nightly({ inputs: { at: triggerTime } }), 'gives no value for "region", which the task needs'],
    [nightly({ inputs: { at: triggerTime, region: 1 } }), "input region must be"],
    [
      nightly({ inputs: { at: triggerTime, region: "eu", to: 1 } }),
      'gives "to", which is no input',
    ],
    [nightly({ inputs: { at: triggerTime, region: triggerTime } }), "one input can have it"],
    [
      nightly({ inputs: { at: new Date(), region: "eu", days: triggerTime } }),
      "which is no t.datetime()",
    ],
    [{} as Trigger, "must be made by new Trigger"],
  ])("a wrong trigger (%#)", (trigger, reason) => {
    expect(() => define(trigger)).toThrow(reason);
  });

  test("two triggers of one name", () => {
    expect(() => define(nightly(), nightly())).toThrow("has the name of another");
  });

  test.each(["* * * *", "", "0 0 0 * * *"])("the schedule %j", (expression) => {
    expect(() => new Cron(expression)).toThrow("five fields");
  });

  test.each([0, 0.5, -1, Number.NaN])("a fire every %d minutes", (minutes) => {
    expect(() => new FixedRate(minutes)).toThrow("whole number of minutes");
  });
});

test("inputs of triggers arrive as they were given", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer(), (region, days) => {
      const [trigger] = toTaskTriggers(
        define(nightly({ inputs: { at: triggerTime, region, days } })),
      );
      const given = trigger?.spec?.inputs?.literals.map(({ name, value }) => {
        const scalar = value?.value.case === "scalar" ? value.value.value.value : undefined;
        return [name, scalar?.case === "primitive" ? scalar.value.value.value : undefined];
      });
      expect(given).toEqual([
        ["region", region],
        ["days", BigInt(days)],
      ]);
    }),
  );
});
