import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { limitOptions, toRateLimits } from "../../src/cli/limit-options.ts";
import { startTestWebhook } from "../support/webhook.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/limits.md"), "utf8");

test("the curl line of the page gets the headers that the page shows", async () => {
  const [, line = "", shown = ""] = /(curl .*)\n```\n\n```\n([^`]*)```/.exec(page) ?? [];
  await using webhook = await startTestWebhook({ rateLimits: { perCredential: "100/min" } });
  const command = line.replace("http://127.0.0.1:8080", webhook.url);
  const env = { ...process.env, FLYTE_API_KEY: "a-key" };
  const { stdout } = await promisify(execFile)("bash", ["-c", command], { env });
  const lines = stdout.split("\r\n");
  for (const expected of shown.trim().split("\n")) expect(lines).toContain(expected);
});

test("the command of the page is understood", () => {
  const words = [...page.matchAll(/--rate-limit ([a-z_]+=\S+)/g)].map(([, word = ""]) => word);
  expect(words).toHaveLength(3);
  const option = limitOptions().find(({ long }) => long === "--rate-limit");
  const parse = option?.parseArg as (word: string, all?: readonly string[]) => readonly string[];
  const rateLimit = words.reduce<readonly string[]>((all, word) => parse(word, all), []);
  expect(toRateLimits({ rateLimit })).toEqual({
    perCredential: "100/min",
    perAddress: "600/min",
    perRoute: { run_task: "10/s,burst=20" },
  });
});
