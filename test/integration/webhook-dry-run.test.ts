import { describe, expect, test } from "vitest";
import { countPath, scope, useStartsDevbox } from "../support/starts-devbox.ts";

const all = useStartsDevbox();

describe("a dry run", () => {
  test("tells task, version, place and inputs, and starts nothing", async () => {
    const { status, body } = await all.expectNothingStarted(() =>
      all.caller(all.open).post(`${countPath}?dry_run=true`, { count: 3 }),
    );
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        dry_run: true,
        task: { ...scope, name: "count", version: "v1" },
        run: scope,
        inputs: { count: 3, text: "own" },
      },
    });
  });

  test("refuses what the start would refuse", async () => {
    const wrong = await all.expectNothingStarted(() =>
      all.caller(all.open).post(`${countPath}?dry_run=true`, { count: "three" }),
    );
    expect(wrong).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    const secret = "/run-task/development/flytesnacks/secret?dry_run=true";
    expect(await all.caller(all.fenced).post(secret, { count: 1 })).toMatchObject({ status: 403 });
  });
});
