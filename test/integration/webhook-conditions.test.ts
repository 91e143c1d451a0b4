import { afterAll, beforeAll, expect, test } from "vitest";
import { SimpleType } from "../../src/idl/literals.ts";
import { enqueueCondition } from "../support/conditions.ts";
import { LinkWebhooks } from "../support/link-webhook.ts";

let all: LinkWebhooks;
let open: string;
let fenced: string;

beforeAll(async () => {
  all = await LinkWebhooks.start();
  [open, fenced] = await Promise.all([all.webhook(), all.webhook({ taskAllowlist: ["wait"] })]);
});

afterAll(() => all?.[Symbol.asyncDispose]());

test("what a run waits for is read, signalled once by its type, and told with who did it", async () => {
  const { name, action } = await all.waiting("bob", { prompt: "Ship it?" });
  const bob = all.caller(open, "bob");
  const before = await bob.get(`/run/${name}/conditions`);
  expect(before.status).toBe(200);
  expect(before.body).toEqual({
    name,
    conditions: [
      {
        condition: "approve",
        action: action.name,
        parent: "a0",
        type: "boolean",
        prompt: "Ship it?",
        prompt_type: "text",
        description: "",
        phase: "paused",
        open: true,
        since: expect.stringMatching(/^20.*Z$/),
        deadline: null,
        ended_at: null,
        value: null,
        signalled_by: null,
      },
    ],
  });
  const signal = `/run/${name}/condition/approve/signal`;
  for (const body of [{ value: "true" }, { value: 1 }, { value: [] }]) {
    const refused = await bob.post(signal, body);
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect(refused.body.errors).toMatchObject([{ path: "value" }]);
  }
  for (const body of [undefined, {}, { value: null }, { values: true }]) {
    expect((await bob.post(signal, body)).status).toBe(422);
  }
  const done = await bob.post(signal, { value: true });
  expect(done).toMatchObject({
    status: 200,
    body: {
      name,
      condition: "approve",
      phase: "succeeded",
      open: false,
      value: true,
      signalled_by: "bob",
    },
  });
  const alice = all.caller(open, "alice");
  expect((await alice.post(signal, { value: true })).body.signalled_by).toBe("bob");
  const late = await alice.post(signal, { value: false });
  expect(late).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect(late.body.detail).toMatch(
    /^Condition "approve" was signalled with true by bob at .* already\.$/,
  );
});

test("a value can come in the query, as JSON, and a large integer stays whole", async () => {
  const { name } = await all.waiting("bob", { type: SimpleType.INTEGER });
  const bob = all.caller(open, "bob");
  const answer = await fetch(
    `${open}/run/${name}/condition/approve/signal?value=9007199254740993`,
    { method: "POST", headers: { authorization: `Bearer ${all.keyOf("bob")}` } },
  );
  expect(await answer.text()).toContain('"value":9007199254740993,');
  expect((await bob.get(`/run/${name}/conditions`)).status).toBe(200);
});

test("who may only read cannot signal, and who has no credential cannot even read", async () => {
  const { name } = await all.waiting();
  const vera = all.caller(open, "vera");
  expect((await vera.get(`/run/${name}/conditions`)).status).toBe(200);
  const refused = await vera.post(`/run/${name}/condition/approve/signal`, { value: true });
  expect(refused).toMatchObject({ status: 403, body: { code: "permission_denied" } });
  expect((await fetch(`${open}/run/${name}/conditions`)).status).toBe(401);
  expect((await vera.get(`/run/${name}/conditions`)).body.conditions[0].open).toBe(true);
});

test("runs outside the task allowlist answer like absent ones, whatever is asked of them", async () => {
  const [hidden, shown] = [await all.waiting("bob", {}, "other"), await all.waiting()];
  const bob = all.caller(fenced, "bob");
  for (const [method, path] of [
    ["get", "conditions"],
    ["post", "condition/approve/signal"],
    ["post", "condition/approve/links"],
    ["post", "condition/absent/signal"],
  ] as const) {
    const [there, absent] = await Promise.all(
      [hidden.name, "r-absent"].map((name) => bob[method](`/run/${name}/${path}`, { value: true })),
    );
    const told = (answer: typeof there, name: string) =>
      JSON.stringify({ ...answer?.body, requestId: "" }).replaceAll(name, "RUN");
    expect(there?.status).toBe(404);
    expect(told(there, hidden.name)).toBe(told(absent, "r-absent"));
  }
  expect(
    (await bob.post(`/run/${shown.name}/condition/approve/signal`, { value: true })).status,
  ).toBe(200);
  const { conditions } = (await all.caller(open, "bob").get(`/run/${hidden.name}/conditions`)).body;
  expect(conditions[0].open).toBe(true);
});

test("a condition that is not there is not found, and one name of several needs the action's", async () => {
  const { name, action, run } = await all.waiting();
  const bob = all.caller(open, "bob");
  const absent = await bob.post(`/run/${name}/condition/absent/signal`, { value: true });
  expect(absent).toMatchObject({
    status: 404,
    body: { detail: `Run ${name} has no condition "absent". It waits for "approve".` },
  });
  await enqueueCondition(all.client("bob"), run, {}, "second");
  const both = await bob.post(`/run/${name}/condition/approve/signal`, { value: true });
  // The first action has the name of the condition, which is enough to tell it.
  expect(action.name).toBe("approve");
  expect(both.status).toBe(200);
  await enqueueCondition(all.client("bob"), run, { name: "twice" }, "third");
  await enqueueCondition(all.client("bob"), run, { name: "twice" }, "fourth");
  const twice = await bob.post(`/run/${name}/condition/twice/signal`, { value: true });
  expect(twice).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect(twice.body.detail).toContain("name the action instead: third, fourth.");
  expect(
    (await bob.post(`/run/${name}/condition/fourth/signal`, { value: false })).body,
  ).toMatchObject({
    action: "fourth",
    value: false,
  });
});

test("the group is not in `all`, and links are not offered without their configuration", async () => {
  const plain = await all.webhook({ endpointGroups: ["all"] });
  const bob = all.caller(plain, "bob");
  const { name } = await all.waiting();
  expect((await bob.get(`/run/${name}/conditions`)).body.code).toBe("endpoint_not_found");

  const unlinked = await all.webhook({}, false);
  const paths = Object.keys((await all.caller(unlinked, "bob").get("/openapi.json")).body.paths);
  expect(paths.filter((path) => path.includes("condition"))).toEqual([
    "/run/{name}/conditions",
    "/run/{name}/condition/{condition}/signal",
  ]);
  const link = await all.caller(unlinked, "bob").post(`/run/${name}/condition/approve/links`, {});
  expect(link.body.code).toBe("endpoint_not_found");
  expect((await fetch(`${unlinked}/signal/x.y`)).status).toBe(401);
  const named = all.webhook({ endpoints: ["create_signal_link"] }, false);
  await expect(named).rejects.toThrow("needs signalLinks");
});
