import { afterAll, beforeAll, expect, test } from "vitest";
import { type PythonSdk, startPythonSdk } from "./python-sdk.ts";

/** Triggers and secrets of Flyte's Python SDK and of its command. */
let sdk: PythonSdk;

beforeAll(async () => {
  sdk = await startPythonSdk();
});

afterAll(() => sdk?.[Symbol.asyncDispose]());

test("secrets are stored by command, and triggers start tasks that read them", async () => {
  const here = ["-p", "flytesnacks", "-d", "development"];
  await sdk.flyte("create", "secret", ...here, "db-password", "--value", "first");
  await sdk.flyte("create", "secret", "plain-key", "--value", "second");
  expect(await sdk.flyte("get", "secret", ...here)).toMatchObject([
    [
      "flytesnacks",
      "development",
      "db-password",
      "regular",
      expect.any(String),
      "FULLY_PRESENT",
      "devbox: PRESENT",
    ],
  ]);
  const everywhere = async () => (await sdk.flyte("get", "secret")).map((row) => row.slice(0, 4));
  expect(await everywhere()).toEqual([["-", "-", "plain-key", "regular"]]);

  expect(await sdk.run("automation.py")).toEqual({
    deployed: { soon: true, daily: false, workdays: true },
    workdays: [true, "Before the office opens."],
    schedule: "30 9 * * 1-5",
    fired: [true, "3", "scheduled", "first", "second"],
    triggered: true,
    switched: { soon: true, daily: true, workdays: false },
    left: { daily: true, workdays: false, extra: true },
    // What is deployed with a task replaces the triggers it had.
    again: { soon: true, daily: false, workdays: true },
  });

  expect(new Set(await sdk.flyte("get", "trigger", "auto.tell"))).toEqual(
    new Set([
      ["auto.tell", "daily", "cron: 0 0 * * * (UTC)", "False"],
      ["auto.tell", "soon", expect.stringMatching(/^every 1 minute starting at /), "True"],
      ["auto.tell", "workdays", "cron: 30 9 * * 1-5 (Europe/Berlin)", "True"],
    ]),
  );
  await sdk.flyte("update", "trigger", "daily", "auto.tell", "--activate");
  await sdk.flyte("delete", "trigger", "soon", "auto.tell");
  const all = await sdk.flyte("get", "trigger");
  const left = all.filter(([task]) => task === "auto.tell");
  expect(left.map(([, name, , isActive]) => `${name} ${isActive}`).sort()).toEqual([
    "daily True",
    "workdays True",
  ]);
  await sdk.flyte("delete", "secret", "plain-key");
  expect(await everywhere()).toEqual([]);
});
