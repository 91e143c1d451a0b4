import { expect, test } from "vitest";
import { RunSource } from "../../../src/idl/runs.ts";
import { toSourceWords } from "./run-source.ts";

test.each([
  [RunSource.UNSPECIFIED, "", "Webhook or SDK"],
  [RunSource.WEB, "", "Console"],
  [RunSource.CLI, "", "Command line"],
  [RunSource.SCHEDULE_TRIGGER, "nightly", "Trigger"],
  [RunSource.UNSPECIFIED, "nightly", "Trigger, fired by hand"],
  [5 as RunSource, "fresh", "Trigger"],
  [99 as RunSource, "", "Source 99"],
])("source %s of trigger %j is %j", (source, triggerName, words) => {
  expect(toSourceWords({ source, triggerName })).toBe(words);
});
