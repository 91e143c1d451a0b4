import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { AppSchema, ConditionSchema } from "../../../../src/idl/apps.ts";
import { toReplicasText } from "../apps/replicas-text.ts";
import { toRevisions } from "./app-revisions.ts";
import { toScalingWords } from "./scaling-words.ts";

test("revisions are told newest first, from their first to their last condition", () => {
  const conditions = [3n, 3n, 4n, 5n, 5n].map((revision, index) =>
    create(ConditionSchema, { revision, message: `condition ${index}` }),
  );
  const told = toRevisions(conditions).map(({ revision, first, last }) => [
    revision,
    first.message,
    last.message,
  ]);
  expect(told).toEqual([
    [5n, "condition 3", "condition 4"],
    [4n, "condition 2", "condition 2"],
    [3n, "condition 0", "condition 1"],
  ]);
  expect(toRevisions([])).toEqual([]);
});

test("scaling is said in sentences, and nothing of what is not set", () => {
  expect(toScalingWords(create(AppSchema))).toEqual([
    "From none to 1 replica: without requests it sleeps.",
  ]);
  const app = create(AppSchema, {
    spec: {
      autoscaling: {
        replicas: { min: 1, max: 3 },
        scaledownPeriod: durationFromMs(90_000),
        scalingMetric: { metric: { case: "requestRate", value: { targetValue: 50 } } },
      },
    },
    status: { currentReplicas: 2 },
  });
  expect(toScalingWords(app)).toEqual([
    "From 1 to 3 replicas.",
    "A replica is meant for 50 requests a second.",
    "Replicas end after 1 min 30 s with less to do.",
  ]);
  expect(toReplicasText(app)).toBe("2 of 1–3");
});
