import { expect, test } from "vitest";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { createCaller } from "../support/http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

/** Only runs of the task that fetches models are seen, whatever the task allowlist says. */
const verbs = [
  ["GET", ""],
  ["GET", "/io"],
  ["POST", "/abort"],
] as const;

const runs = [
  "run-of-prefetch",
  "run-of-allowed",
  "run-of-other",
  "run-of-unknown",
  "run-elsewhere",
];

const setups: readonly (readonly [
  name: string,
  options: Partial<WebhookOptions>,
  seen: readonly string[],
])[] = [
  ["no allowlist", {}, ["run-of-prefetch"]],
  ["an allowlist without the task", { taskAllowlist: ["allowed.main"] }, ["run-of-prefetch"]],
  ["an empty allowlist", { taskAllowlist: [] }, ["run-of-prefetch"]],
  ["another task", { prefetchTask: { name: "other.main" } }, ["run-of-other"]],
  ["a task elsewhere", { prefetchTask: { name: "other.main", project: "ml" } }, []],
  [
    "the task's exact place",
    { prefetchTask: { name: "other.main", project: "flytesnacks", domain: "development" } },
    ["run-of-other"],
  ],
];

/** Everything a caller can tell two answers apart by, the run's own name left out. */
async function ask(
  { url, stub }: TestWebhook,
  run: string,
  [method, suffix]: (typeof verbs)[number],
) {
  const answer = await fetch(`${url}/prefetch/hf-model/${run}${suffix}`, {
    method,
    headers: { authorization: "Bearer key", "x-request-id": "same" },
  });
  const text = (await answer.text()).replaceAll(run, "RUN");
  // The name is in the body, and makes it longer.
  const { date, "content-length": _, ...headers } = Object.fromEntries(answer.headers);
  return { status: answer.status, text, headers, asked: stub.takeMethods() };
}

for (const [name, options, seen] of setups) {
  for (const mode of [{}, { compat: "upstream" }] as const) {
    test(`with ${name}${"compat" in mode ? " in the upstream mode" : ""}`, async () => {
      await using webhook = await startTestWebhook({ ...options, ...mode });
      const task = { name: "prefetch.hf_model", ...options.prefetchTask, project: "secret" };
      webhook.stub.runs.runs.set("run-elsewhere", task);
      for (const verb of verbs) {
        const absent = await ask(webhook, "run-absent", verb);
        expect(absent.status).toBe("compat" in mode && verb[0] === "POST" ? 500 : 404);
        for (const run of runs) {
          const answer = await ask(webhook, run, verb);
          if (seen.includes(run)) expect(answer.status).toBe(200);
          else expect(answer).toEqual(absent);
        }
      }
    });
  }
}

test("run endpoints go by the task allowlist alone", async () => {
  await using open = await startTestWebhook();
  await using fenced = await startTestWebhook({ taskAllowlist: ["allowed.main"] });
  const status = async ({ url }: TestWebhook, run: string) =>
    (await createCaller(url, "key").get(`/run/${run}`)).status;
  expect(await status(open, "run-of-prefetch")).toBe(200);
  expect(await status(fenced, "run-of-prefetch")).toBe(404);
  expect(await status(fenced, "run-of-allowed")).toBe(200);
});
