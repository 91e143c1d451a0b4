import { describe, expect, test } from "vitest";
import { LiveReader } from "../support/live-reader.ts";
import { useStoryDevbox } from "../support/story-devbox.ts";

/** Story 26 of docs/stories.md: an agent whose tools are made of `/openapi.json`. */
const devbox = useStoryDevbox();
const place = "development/flytesnacks";

interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
}

/** The tools that an agent is given: one for each operation of the document. */
async function toolsOf(url: string, query = ""): Promise<readonly Operation[]> {
  const { body } = await devbox.caller("bob", url).get(`/openapi.json${query}`);
  const paths: Record<string, Record<string, { readonly operationId: string }>> = body.paths;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ operationId, method, path })),
  );
}

describe("an agent", () => {
  test("finds its task, runs it, waits for its end and reads its log", async () => {
    await using webhook = await devbox.webhook({
      endpoints: ["list_tasks", "run_task", "get_run", "get_run_logs"],
      taskAllowlist: [`${place}/slow.count`],
      typedOperations: true,
    });
    const tools = await toolsOf(webhook.url, "?tasks=true");
    const run = tools.find(({ path }) => path === `/run-task/${place}/slow.count`);
    expect(run).toEqual({
      operationId: "run_development_flytesnacks_slow_count",
      method: "post",
      path: `/run-task/${place}/slow.count`,
    });
    const bob = devbox.caller("bob", webhook.url);
    const { body: listed } = await bob.get("/tasks");
    expect(listed.tasks).toMatchObject([{ name: "slow.count" }]);

    const started = await bob.post(`${run?.path}?wait=1`, { to: 2, pause: "PT0.1S" });
    const { body } =
      started.status === 202 ? await bob.get(`/run/${started.body.name}?wait=60`) : started;
    expect(body).toMatchObject({ done: true, outputs: { counted: 2 } });
    const url = `${webhook.url}/run/${body.name}/logs`;
    await using log = await LiveReader.open(url, {
      key: devbox.key("bob"),
      accept: "application/x-ndjson",
    });
    const lines = await log.until(({ event }) => event === "end");
    expect(lines.map(({ data }) => data.message).join("\n")).toContain("counting");
  });

  test("is told the rule when it asks for what is outside its scope", async () => {
    await using webhook = await devbox.webhook({ taskAllowlist: [`${place}/slow.count`] });
    const { status, body } = await devbox
      .caller("bob", webhook.url)
      .post(`/run-task/${place}/stats.describe`, { values: [1] });
    expect([status, body.code]).toEqual([403, "not_allowlisted"]);
    expect(body.detail).toBe(`Task ${place}/stats.describe is not in the allowlist`);
  });

  test("that may only read has no tool that changes anything", async () => {
    await using webhook = await devbox.webhook({
      endpoints: ["me", "get_task", "get_run", "get_run_io", "get_run_logs", "list_runs"],
    });
    const tools = await toolsOf(webhook.url);
    expect(tools).toHaveLength(6);
    expect(new Set(tools.map(({ method }) => method))).toEqual(new Set(["get"]));
    const bob = devbox.caller("bob", webhook.url);
    const { status, body } = await bob.post(`/run-task/${place}/stats.describe`, { values: [1] });
    expect([status, body.code]).toEqual([404, "endpoint_not_found"]);
  });
});
