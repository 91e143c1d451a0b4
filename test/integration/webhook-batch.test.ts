import { describe, expect, test } from "vitest";
import { scope, useStartsDevbox } from "../support/starts-devbox.ts";

const all = useStartsDevbox();

describe("a batch", () => {
  const item = (given: object = {}) => ({
    ...scope,
    name: "count",
    inputs: { count: 1 },
    ...given,
  });

  test("starts each item, and says what became of it", async () => {
    const runs = [item(), item({ inputs: { count: 2 }, run_name: "batch-2", labels: { a: "b" } })];
    const { status, body } = await all.caller(all.open).post("/run-tasks", { runs });
    expect({ status, started: body.started, failed: body.failed }).toEqual({
      ...{ status: 200, started: 2, failed: 0 },
    });
    expect(body.runs[1]).toMatchObject({ status: 200, name: "batch-2" });
    expect((await all.specOf("batch-2"))?.labels?.values).toMatchObject({ a: "b" });
    expect((await all.caller(all.open).get("/run/batch-2/io")).body.inputs).toMatchObject({
      count: 2,
    });
  });

  test("goes on past items that are refused, and is 207 then", async () => {
    const runs = [
      item({ name: "secret" }),
      item({ inputs: { count: "one" } }),
      item({ name: "absent" }),
      item({ env_vars: { A: "b" } }),
      item(),
    ];
    const { status, body } = await all.caller(all.fenced).post("/run-tasks", { runs });
    expect(status).toBe(207);
    expect(body.runs.map((run: { status: number }) => run.status)).toEqual([
      403, 400, 403, 403, 200,
    ]);
    expect(body).toMatchObject({ started: 1, failed: 4 });
    expect(body.runs[0].problem).toMatchObject({ code: "not_allowlisted", status: 403 });
  });

  test("with one key is started once, item by item", async () => {
    const runs = [item(), item(), item({ inputs: { count: 5 } })];
    const send = () =>
      fetch(`${all.open}/run-tasks`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${all.devbox.keys["alice"]}`,
          "content-type": "application/json",
          "idempotency-key": "k".repeat(255),
        },
        body: JSON.stringify({ runs }),
      });
    const first = await send();
    const body = await first.json();
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    const names = new Set((body as { runs: { name: string }[] }).runs.map(({ name }) => name));
    expect(names.size).toBe(3);
    const before = await all.countRuns();
    const second = await send();
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(await second.json()).toEqual(body);
    expect(await all.countRuns()).toBe(before);
  });

  test("can be tried dry", async () => {
    const { status, body } = await all.expectNothingStarted(() =>
      all
        .caller(all.open)
        .post("/run-tasks?dry_run=true", { runs: [item(), item({ name: "secret" })] }),
    );
    expect(status).toBe(200);
    expect(body.runs.map((run: { dry_run: boolean }) => run.dry_run)).toEqual([true, true]);
  });

  test.each([
    [{}, "body.runs"],
    [{ runs: [] }, "body.runs"],
    [{ runs: {} }, "body.runs"],
    [{ runs: [1] }, "body.runs[0]"],
    [{ runs: [item({ domain: "a/b" })] }, "body.runs[0].domain"],
    [{ runs: [item(), item({ project: undefined })] }, "body.runs[1].project"],
    [{ runs: [item({ inputs: [] })] }, "body.runs[0].inputs"],
    [{ runs: [item({ nmae: "x" })] }, "body.runs[0].nmae"],
    [{ runs: [item({ version: "../v1" })] }, "body.runs[0].version"],
    [{ runs: [item({ wait: 5 })] }, "body.runs[0].wait"],
    [{ runs: Array.from({ length: 101 }, () => item()) }, "body.runs"],
  ])("that is wrong in its form starts nothing (%#)", async (body, place) => {
    const answer = await all.expectNothingStarted(() =>
      all.caller(all.open).post("/run-tasks", body),
    );
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(place);
  });
});
