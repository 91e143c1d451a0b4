import { describe, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { countPath, query, scope, useStartsDevbox } from "../support/starts-devbox.ts";

const all = useStartsDevbox();

describe("options of a run", () => {
  test("arrive at the control plane", async () => {
    const options = query({
      run_name: "my-run-1",
      labels: { team: "ml", "example.com/stage": "dev" },
      env_vars: { MODE: "fast", EMPTY: "" },
      queue: "gpu",
      overwrite_cache: true,
      interruptible: false,
    });
    const { status, body } = await all
      .caller(all.open)
      .post(`${countPath}${options}`, { count: 1 });
    expect({ status, name: body.name }).toEqual({ status: 200, name: "my-run-1" });
    expect(await all.specOf("my-run-1")).toMatchObject({
      labels: { values: { team: "ml", "example.com/stage": "dev" } },
      envs: {
        values: expect.arrayContaining([
          expect.objectContaining({ key: "MODE", value: "fast" }),
          expect.objectContaining({ key: "EMPTY", value: "" }),
        ]),
      },
      ...{ cluster: "gpu", overwriteCache: true, interruptible: false },
    });
  });

  test("tell which webhook started it, and are not taken over by another start", async () => {
    const { body } = await all.caller(all.open).post(countPath, { count: 1 });
    const started = { values: { "flyte-webhook/webhook": "starts" } };
    expect((await all.specOf(body.name))?.annotations).toMatchObject(started);
    await using flyte = createControlPlane({
      endpoint: all.devbox.url,
      authenticator: bearerAuthenticator(all.devbox.keys["alice"] ?? ""),
      ...scope,
    });
    const again = await flyte.runs.rerun({ name: body.name });
    expect((await all.specOf(again.name))?.annotations?.values).toEqual({});
  });

  test("of a trace stand in a label, and nobody can set a label of ours", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const response = await fetch(`${all.open}${countPath}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${all.devbox.keys["alice"]}`,
        "content-type": "application/json",
        traceparent,
      },
      body: '{"count": 1}',
    });
    const { name } = (await response.json()) as { name: string };
    expect((await all.specOf(name))?.labels?.values).toMatchObject({
      "flyte-webhook/trace-id": "4bf92f3577b34da6a3ce929d0e0e4736",
    });
    const own = query({ labels: { "flyte-webhook/trace-id": "x" } });
    const { status, body } = await all.caller(all.open).post(`${countPath}${own}`, { count: 1 });
    expect({ status, errors: body.errors }).toMatchObject({
      status: 400,
      errors: [{ path: 'labels["flyte-webhook/trace-id"]' }],
    });
  });

  test.each([
    [{ run_name: "Not-A-Name" }, "run name"],
    [{ run_name: "a".repeat(31) }, "run name"],
    [{ labels: { "-x": "1" } }, "labels"],
    [{ labels: { x: "a b" } }, "labels"],
    [{ labels: { x: 1 } }, "labels"],
    [{ env_vars: { "1X": "1" } }, "env_vars"],
    [{ env_vars: { X: "a\0b" } }, "env_vars"],
    [{ env_vars: { X: ["a"] } }, "env_vars"],
    [{ labels: "not json" }, "labels"],
    [{ overwrite_cache: "perhaps" }, "overwrite_cache"],
  ])("%j is refused, and nothing started", async (options, place) => {
    const { status, body } = await all.expectNothingStarted(() =>
      all.caller(all.open).post(`${countPath}${query(options)}`, { count: 1 }),
    );
    expect([400, 422]).toContain(status);
    expect(body.detail).toContain(place);
  });

  test("that could change what a task does are refused where tasks are allowed one by one", async () => {
    for (const options of [
      { env_vars: { NODE_OPTIONS: "--import=x" } },
      { queue: "gpu" },
      { labels: { "sidecar.istio.io/inject": "false" } },
    ]) {
      const { status, body } = await all.expectNothingStarted(() =>
        all.caller(all.fenced).post(`${countPath}${query(options)}`, { count: 1 }),
      );
      expect({ status, code: body.code }).toEqual({ status: 403, code: "not_allowlisted" });
      expect(body.detail).toContain(`may not set ${Object.keys(options)[0]}`);
    }
    const named = await all.serve({ taskAllowlist: ["count"], runOptions: ["env_vars"] });
    const allowed = query({ env_vars: { MODE: "fast" } });
    expect((await all.caller(named).post(`${countPath}${allowed}`, { count: 1 })).status).toBe(200);
    const other = query({ labels: { team: "ml" } });
    expect((await all.caller(named).post(`${countPath}${other}`, { count: 1 })).status).toBe(403);
  });

  test("that name a run do not tell whether there is one that may not be seen", async () => {
    const secret = "/run-task/development/flytesnacks/secret?run_name=hidden-run";
    expect((await all.caller(all.open).post(secret, { count: 1 })).status).toBe(200);
    for (const dry of ["", "&dry_run=true"]) {
      const answers = await Promise.all(
        ["hidden-run", "absent-run"].map((name) =>
          all.caller(all.fenced).post(`${countPath}?run_name=${name}${dry}`, { count: 1 }),
        ),
      );
      const bodies = answers.map(({ status, body }) => ({ ...body, status, requestId: "" }));
      expect(bodies[0]).toEqual(bodies[1]);
      expect(bodies[0]).toMatchObject({ status: 403, code: "not_allowlisted" });
    }
    const triggers = await all.serve({ triggerAllowlist: ["nightly"] });
    const named = await all.caller(triggers).post(`${countPath}?run_name=absent-run`, { count: 1 });
    expect(named.status).toBe(403);
  });

  test("cannot name a run as a key of somebody else would", async () => {
    const name = `i${"0a".repeat(15).slice(1)}`;
    for (const dry of ["", "&dry_run=true"]) {
      const path = `${countPath}?run_name=${name}${dry}`;
      const { status, body } = await all.expectNothingStarted(() =>
        all.caller(all.open).post(path, { count: 1 }),
      );
      expect({ status, errors: body.errors }).toMatchObject({
        status: 400,
        errors: [{ path: "run_name" }],
      });
    }
    expect(
      (await all.caller(all.open).post(`${countPath}?run_name=${name}b`, { count: 1 })).status,
    ).toBe(
      400, // too long for a name at all
    );
    const near = `${countPath}?run_name=${name.slice(0, -1)}`;
    expect((await all.caller(all.open).post(near, { count: 1 })).status).toBe(200);
  });

  test("that are unknown keep a webhook from being made", async () => {
    const wrong = { runOptions: ["env"] as never };
    await expect(all.serve(wrong)).rejects.toMatchObject({
      code: "invalid_config",
      message: expect.stringContaining('runOptions cannot have "env".'),
    });
  });
});
