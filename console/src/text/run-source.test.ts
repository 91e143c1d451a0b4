import { expect, test } from "vitest";
import { RunSource } from "../../../src/idl/runs.ts";
import { toSourceWords } from "./run-source.ts";

test.each([
  [RunSource.UNSPECIFIED, "", "Webhook or SDK"],
  [RunSource.WEB, "", "Console"],
  [RunSource.CLI, "", "Command line"],
  [RunSource.SCHEDULE_TRIGGER, "nightly", "Trigger"],
  [RunSource.UNSPECIFIED, "nightly", "Trigger, by hand"],
  [5 as RunSource, "fresh", "Trigger"],
  [99 as RunSource, "", "Source 99"],
])("source %s of trigger %j is %j", (source, triggerName, words) => {
  expect(toSourceWords({ source, triggerName })).toBe(words);
});

test("a webhook of ours is told by its name", () => {
  const annotations = { values: { "flyte-webhook/webhook": "front" } } as never;
  const labels = { values: { "flyte-webhook/hook": "github" } } as never;
  const plain = { source: RunSource.UNSPECIFIED, triggerName: "" };
  expect(toSourceWords(plain, { annotations })).toBe("Webhook front");
  expect(toSourceWords(plain, { annotations, labels })).toBe("Hook github of webhook front");
  expect(toSourceWords({ ...plain, triggerName: "t" }, { annotations })).toBe(
    "Webhook front, by trigger",
  );
  expect(toSourceWords(plain, {})).toBe("Webhook or SDK");
});
