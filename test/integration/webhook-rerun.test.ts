import { describe, expect, test } from "vitest";
import { countPath, query, useStartsDevbox } from "../support/starts-devbox.ts";

const all = useStartsDevbox();

describe("starting a run anew", () => {
  test("takes its task, inputs and settings over, and what is given on top", async () => {
    const options = query({ labels: { team: "ml" }, env_vars: { MODE: "fast" } });
    const first = (await all.caller(all.open).post(`${countPath}${options}`, { count: 7 })).body
      .name;
    await all.deploy("count", "v2");
    const again = await all.caller(all.open).post(`/run/${first}/rerun`);
    const other = await all
      .caller(all.open)
      .post(`/run/${first}/rerun?version=latest`, { text: "new" });
    for (const [answer, inputs, version] of [
      [again, { count: 7, text: "own" }, "v1"],
      [other, { count: 7, text: "new" }, "v2"],
    ] as const) {
      expect(answer.status).toBe(200);
      expect(answer.body.name).not.toBe(first);
      const io = await all.caller(all.open).get(`/run/${answer.body.name}/io`);
      expect(io.body.inputs).toEqual(inputs);
      const listed = (await all.caller(all.open).get("/runs?task=count&limit=200")).body.runs;
      const run = listed.find(({ name }: { name: string }) => name === answer.body.name);
      expect(run.task.version).toBe(version);
      expect(await all.specOf(answer.body.name)).toMatchObject({
        labels: { values: { team: "ml" } },
        envs: { values: [expect.objectContaining({ key: "MODE", value: "fast" })] },
      });
    }
  });

  test("can be tried dry", async () => {
    const { name } = (await all.caller(all.open).post(countPath, { count: 1 })).body;
    const { body } = await all.expectNothingStarted(() =>
      all.caller(all.open).post(`/run/${name}/rerun?dry_run=true`, { count: 2 }),
    );
    expect(body).toMatchObject({ dry_run: true, inputs: { count: 2, text: "own" } });
  });

  test("is refused like reading for runs that may not be seen, and for those that are not there", async () => {
    const path = "/run-task/development/flytesnacks/secret";
    const { name } = (await all.caller(all.open).post(path, { count: 1 })).body;
    const [hidden, absent] = await Promise.all([
      all.expectNothingStarted(() => all.caller(all.fenced).post(`/run/${name}/rerun`)),
      all.caller(all.fenced).post("/run/absent/rerun"),
    ]);
    expect(hidden.status).toBe(404);
    expect(hidden.body.detail).toBe(`Run ${name} not found`);
    expect(absent.body.detail).toBe("Run absent not found");
  });

  test("is refused with inputs that do not fit", async () => {
    const { name } = (await all.caller(all.open).post(countPath, { count: 1 })).body;
    const { status, body } = await all.expectNothingStarted(() =>
      all.caller(all.open).post(`/run/${name}/rerun`, { count: "x", more: 1 }),
    );
    expect({ status, code: body.code }).toEqual({ status: 400, code: "invalid_input" });
    expect(body.errors).toHaveLength(2);
  });
});
