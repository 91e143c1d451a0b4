import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type AppUnderTest, toAppRow } from "../../../test/support/app-rows.ts";
import { AppSchema } from "../../idl/apps.ts";
import { readPlan } from "./app-plan.ts";

const plan = (app: Partial<AppUnderTest>) => readPlan(toAppRow({ command: ["run"], ...app }, 3));
const emptyApp = { ...toAppRow({ command: [] }, 1), app: toBinary(AppSchema, create(AppSchema)) };

test("an app without settings may have one replica or none, for a hundred requests at a time", () => {
  expect(readPlan(emptyApp)).toMatchObject({
    wanted: true,
    scaling: { min: 0, max: 1, metric: "concurrency", target: 100, scaledownMs: 300_000 },
    declaredPort: undefined,
    fault: "The devbox runs apps of one container; give the app a container.",
  });
});

test("settings are read as they are", () => {
  const scaling = { replicas: [2, 5], requestRate: 7, scaledownSeconds: 90 } as const;
  expect(plan({ ...scaling, port: 9000, stopped: true })).toMatchObject({
    ...{ revision: 3, wanted: false, declaredPort: 9000, fault: undefined, argv: ["run"] },
    scaling: { min: 2, max: 5, metric: "request_rate", target: 7, scaledownMs: 90_000 },
  });
  expect(plan({ replicas: [0, 0] }).scaling).toMatchObject({ min: 0, max: 1 });
  expect(plan({ replicas: [3, 1] }).scaling).toMatchObject({ min: 3, max: 3 });
  expect(plan({ command: [] }).fault).toMatch(/no container command/);
});

test("plans differ when their processes would", () => {
  const { digest } = plan({});
  for (const same of [{ stopped: true }, { replicas: [1, 2] as const }, { scaledownSeconds: 1 }]) {
    expect(plan(same).digest).toBe(digest);
  }
  for (const other of [
    { command: ["run", "x"] },
    { env: { A: "1" } },
    { port: 1 },
    { secrets: [{ key: "K" }] },
  ]) {
    expect(plan(other).digest).not.toBe(digest);
  }
});
