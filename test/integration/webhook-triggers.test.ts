import { describe, expect, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { startTestWebhook, type TestWebhook, useBothModes } from "../support/webhook.ts";

const modes = useBothModes();

const post = ({ url }: TestWebhook, path: string, body?: object) =>
  createCaller(url, "key").post(path, body);

for (const verb of ["activate", "deactivate"] as const) {
  const active = verb === "activate";

  test(`${verb} switches the trigger and answers what was read back`, async () => {
    const { status, body } = await post(modes.ours, `/trigger/etl.main/nightly/${verb}`);
    expect(status).toBe(200);
    const told = { task_name: "etl.main", trigger_name: "nightly", active };
    expect(body).toEqual({ ...told, next_fire_at: null });
    expect(modes.ours.stub.triggers.switched).toEqual([
      { name: "etl.main/nightly", scope: "development/flytesnacks", active },
    ]);
  });

  test(`${verb} takes the place from the query or the body`, async () => {
    const place = { project: "other", domain: "staging" };
    const path = `/trigger/etl.main/nightly/${verb}`;
    await post(modes.ours, `${path}?${new URLSearchParams(place)}`);
    await post(modes.ours, path, place);
    expect(modes.ours.stub.triggers.switched.map(({ scope }) => scope)).toEqual([
      "staging/other",
      "staging/other",
    ]);
  });

  test(`${verb} of a trigger that is not there is 404, and switches nothing`, async () => {
    const { status, body } = await post(modes.ours, `/trigger/etl.main/absent/${verb}`);
    expect([status, body.code]).toEqual([404, "not_found"]);
    expect(modes.ours.stub.triggers.switched).toEqual([]);
  });
}

test("a trigger that stays as it was is a conflict, not a success", async () => {
  modes.ours.stub.triggers.stuck.add("nightly");
  const { status, body } = await post(modes.ours, "/trigger/etl.main/nightly/activate");
  expect([status, body.code]).toEqual([409, "conflict"]);
  const other = await post(modes.ours, "/trigger/etl.main/nightly/deactivate");
  expect(other.body.active).toBe(false);
});

test("in the upstream mode project and domain are the webhook's own", async () => {
  const path = "/trigger/etl.main/nightly/activate?project=other&domain=staging";
  const { body } = await post(modes.upstream, path);
  expect(body).toEqual({ task_name: "etl.main", trigger_name: "nightly", active: true });
  expect(modes.upstream.stub.triggers.switched.map(({ scope }) => scope)).toEqual([
    "development/flytesnacks",
  ]);
});

describe("an allowlist with places", () => {
  const rows: readonly (readonly [entry: string, query: string, allowed: boolean])[] = [
    ["nightly", "?project=other&domain=staging", true],
    ["etl.main/nightly", "?project=other", true],
    ["other.main/nightly", "", false],
    ["flytesnacks/etl.main/nightly", "", true],
    ["flytesnacks/etl.main/nightly", "?domain=staging", true],
    ["flytesnacks/etl.main/nightly", "?project=other", false],
    ["development/flytesnacks/etl.main/nightly", "", true],
    ["development/flytesnacks/etl.main/nightly", "?domain=staging", false],
    ["staging/other/etl.main/nightly", "?domain=staging&project=other", true],
    ["other/staging/etl.main/nightly", "?domain=staging&project=other", false],
  ];

  for (const [entry, query, allowed] of rows) {
    test(`${entry} ${allowed ? "allows" : "does not allow"} etl.main/nightly${query}`, async () => {
      await using fenced = await startTestWebhook({ triggerAllowlist: [entry] });
      const { status, body } = await post(fenced, `/trigger/etl.main/nightly/activate${query}`);
      expect(status).toBe(allowed ? 200 : 403);
      if (!allowed) {
        expect(body.detail).toBe("Trigger etl.main/nightly is not in the allowlist");
        expect(fenced.stub.takeMethods()).toEqual([]);
      }
    });
  }

  test("in the upstream mode the place of the webhook decides", async () => {
    const entry = "other/etl.main/nightly";
    await using fenced = await startTestWebhook({
      compat: "upstream",
      triggerAllowlist: [entry],
    });
    const path = "/trigger/etl.main/nightly/activate?project=other";
    expect((await post(fenced, path)).status).toBe(403);
    expect(fenced.stub.takeMethods()).toEqual([]);
  });
});
