import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { withEnoughTime } from "../support/enough-time.ts";
import { createGate } from "../support/served.ts";
import { type StartingWebhook, StartingWebhooks } from "../support/starting-webhooks.ts";

let all: StartingWebhooks;
let webhook: StartingWebhook;
let known: number;

beforeAll(async () => {
  all = await StartingWebhooks.start();
  webhook = await all.webhook();
});
afterEach(() => all.front.decide(() => "through"));
afterAll(() => all?.[Symbol.asyncDispose]());

/** How many runs the work has added. */
async function added(work: () => Promise<unknown>): Promise<number> {
  known = (await all.runs()).length;
  await work();
  return (await all.runs()).length - known;
}

/** The control plane gets every call, and after the first start answers none. */
function loseEveryAnswerFromStart(): void {
  let isLost = false;
  all.front.decide((method) => {
    isLost ||= method === "CreateRun";
    return isLost ? "answer lost" : "through";
  });
}

describe("a run was created and its answer never arrived:", () => {
  test("the client repeats, and there is exactly one run", async () => {
    const runs = await added(async () => {
      loseEveryAnswerFromStart();
      const lost = await webhook.send({ key: "lost" });
      expect(lost.status).toBe(503);
      expect(lost.body.detail).toContain("not known whether the run was started");
      expect(lost.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      all.front.decide(() => "through");
      const found = await webhook.send({ key: "lost" });
      expect(found).toMatchObject({ status: 200, replayed: true });
      expect((await all.controlPlane.runs.get({ name: found.body.name })).done).toBeDefined();
      expect(await webhook.send({ key: "lost" })).toMatchObject({ body: found.body });
    });
    expect(runs).toBe(1);
  });

  test("also when the webhook was restarted in between", async () => {
    const before = await all.webhook();
    const runs = await added(async () => {
      loseEveryAnswerFromStart();
      expect((await before.send({ key: "restart" })).status).toBe(503);
      await before.close();
      all.front.decide(() => "through");
      const after = await all.webhook();
      expect(await after.send({ key: "restart" })).toMatchObject({ status: 200, replayed: true });
      await after.close();
    });
    expect(runs).toBe(1);
  });

  test("also when nothing but the start's own answer is lost: then it is read back", async () => {
    const runs = await added(async () => {
      all.front.decide((method) => (method === "CreateRun" ? "answer lost" : "through"));
      expect(await webhook.send({ key: "alone" })).toMatchObject({ status: 200, replayed: false });
    });
    expect(runs).toBe(1);
  });

  test("also when the client of the webhook was gone before the answer", async () => {
    const runs = await added(async () => {
      const gone = new AbortController();
      const created = createGate();
      all.front.decide((method) => (method === "CreateRun" ? created : "through"));
      const started = all.front.next("CreateRun");
      const lost = webhook.send({ key: "gone", signal: gone.signal });
      await started;
      gone.abort();
      await expect(lost).rejects.toThrow();
      const early = await webhook.send({ key: "gone" });
      expect(early).toMatchObject({ status: 409, body: { code: "in_flight" } });
      created.open();
      let found = await webhook.send({ key: "gone" });
      while (found.status === 409) found = await webhook.send({ key: "gone" });
      expect(found).toMatchObject({ status: 200, replayed: true });
    });
    expect(runs).toBe(1);
  });
});

test("a control plane that creates the run and hangs is told of as one, and has one run", () =>
  withEnoughTime(1_000, async (timeoutMs) => {
    const key = `hang-${timeoutMs}`;
    const hasty = await all.webhook({}, { timeoutMs });
    const hang = createGate();
    const runs = await added(async () => {
      let isHanging = false;
      all.front.decide((method) => {
        isHanging ||= method === "CreateRun";
        return isHanging ? hang : "through";
      });
      const late = await hasty.send({ key });
      all.front.decide(() => "through");
      hang.open();
      await hasty.close();
      expect(late).toMatchObject({ status: 504, replayed: false });
      expect(late.body.detail).toContain("not known whether the run was started");
      expect(await webhook.send({ key })).toMatchObject({ status: 200, replayed: true });
    });
    expect(runs).toBe(1);
  }));

test("with compat the answer to a key says the same, and without one the original's words", async () => {
  const upstream = await all.webhook({ compat: "upstream" });
  all.front.decide((method) => (method === "CreateRun" ? "refused" : "through"));
  const keyed = await upstream.send({ key: "upstream" });
  expect(keyed).toMatchObject({ status: 503, headers: expect.anything() });
  expect(Object.keys(keyed.body)).toEqual(["detail"]);
  expect(keyed.body.detail).toContain("not known whether the run was started");
  expect(await upstream.send()).toMatchObject({
    status: 500,
    body: { detail: expect.stringContaining("Flyte system is currently unavailable") },
  });
  all.front.decide(() => "through");
  expect(await upstream.send({ key: "upstream" })).toMatchObject({ status: 200 });
  await upstream.close();
});

test("a start that never reached the control plane is made by the repetition", async () => {
  const runs = await added(async () => {
    all.front.decide((method) => (method === "CreateRun" ? "refused" : "through"));
    const lost = await webhook.send({ key: "never" });
    expect(lost.status).toBe(503);
    expect(lost.body.detail).toContain("not known whether the run was started");
    all.front.decide(() => "through");
    expect(await webhook.send({ key: "never" })).toMatchObject({ status: 200, replayed: false });
  });
  expect(runs).toBe(1);
});

test("without a key a lost answer is told as one", async () => {
  all.front.decide((method) => (method === "CreateRun" ? "answer lost" : "through"));
  const lost = await webhook.send();
  expect(lost.status).toBe(503);
  expect(lost.body.detail).toContain("look for the run first");
  expect(lost.body.detail).not.toContain(all.front.url);
});

describe("two webhooks at once", () => {
  /** Has both look for the run before either of them starts it. */
  async function race(first: unknown, second: unknown) {
    const [one, two] = await Promise.all([all.webhook(), all.webhook()]);
    let looking = 0;
    const both = createGate();
    all.front.decide((method) => {
      if (method !== "GetRunDetails") return "through";
      looking += 1;
      if (looking === 2) both.open();
      return both;
    });
    const key = `race-${JSON.stringify([first, second])}`;
    const answers = await Promise.all([
      one.send({ key, body: first }),
      two.send({ key, body: second }),
    ]);
    await Promise.all([one.close(), two.close()]);
    return answers;
  }

  test("start one run, and one of them says that it was the other's", async () => {
    const runs = await added(async () => {
      const answers = await race({ x: 1 }, { x: 1 });
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers[0].body).toEqual(answers[1].body);
      expect(answers.map(({ replayed }) => replayed).sort()).toEqual([false, true]);
    });
    expect(runs).toBe(1);
  });

  test("with different payloads: the one that lost is told", async () => {
    const runs = await added(async () => {
      const answers = await race({ x: 1 }, { x: 2 });
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
      const won = answers[0].status === 200 ? 1 : 2;
      const { name } = answers.find(({ status }) => status === 200)?.body ?? {};
      expect((await all.controlPlane.runs.io({ name })).inputs).toEqual({ x: won });
    });
    expect(runs).toBe(1);
  });
});

test("of 50 requests at once with one key one starts the run, and all others know", async () => {
  const runs = await added(async () => {
    const sent = Array.from({ length: 50 }, () => webhook.send({ key: "fifty" }));
    const answers = await Promise.all(sent);
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 200 && status !== 409)).toEqual([]);
    const good = answers.filter(({ status }) => status === 200);
    expect(good.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(good.map(({ body }) => body.name)).size).toBe(1);
    for (const { status, headers } of answers) {
      if (status === 409) expect(headers.get("retry-after")).toBe("1");
    }
  });
  expect(runs).toBe(1);
});

describe("whose a key is:", () => {
  test("another caller's is another key", async () => {
    const runs = await added(async () => {
      const alice = await webhook.send({ key: "shared" });
      const bob = await webhook.send({ key: "shared", user: "bob" });
      expect([alice.status, bob.status]).toEqual([200, 200]);
      expect(bob).toMatchObject({ replayed: false });
      expect(bob.body.name).not.toBe(alice.body.name);
    });
    expect(runs).toBe(2);
  });

  test("a token that was renewed is that of the same caller", async () => {
    await all.createKey("bob", "bob's second");
    const runs = await added(async () => {
      const first = await webhook.send({ key: "renewed", user: "bob" });
      const second = await webhook.send({ key: "renewed", user: "bob's second" });
      expect(second).toMatchObject({ status: 200, replayed: true, body: first.body });
    });
    expect(runs).toBe(1);
  });

  test("while the control plane cannot tell, nothing is started", async () => {
    const fresh = await all.webhook();
    const runs = await added(async () => {
      all.front.decide((method) => (method === "UserInfo" ? "refused" : "through"));
      const unknown = await fresh.send({ key: "who" });
      expect(unknown).toMatchObject({ status: 503, body: { code: "unavailable" } });
      expect(unknown.body.detail).toContain("Nothing was started");
      expect(all.front.methods.at(-1)).toBe("UserInfo");
    });
    expect(runs).toBe(0);
    all.front.decide(() => "through");
    expect(await fresh.send({ key: "who" })).toMatchObject({ status: 200, replayed: false });
    await fresh.close();
  });

  test("where the control plane knows no users, it is the credential's", async () => {
    const fresh = await all.webhook();
    await all.createKey("bob", "bob's third");
    all.front.decide((method) =>
      method === "UserInfo" ? { status: 501, code: "unimplemented" } : "through",
    );
    const first = await fresh.send({ key: "nobody", user: "bob" });
    const again = await fresh.send({ key: "nobody", user: "bob" });
    expect(again).toMatchObject({ status: 200, replayed: true, body: first.body });
    const other = await fresh.send({ key: "nobody", user: "bob's third" });
    expect(other).toMatchObject({ status: 200, replayed: false });
    expect(other.body.name).not.toBe(first.body.name);
    await fresh.close();
  });

  test("a credential that is not accepted is 401", async () => {
    const refused = await webhook.send({ key: "refused", user: "nobody" });
    expect(refused.status).toBe(401);
  });

  test("a webhook of another name has other keys", async () => {
    const other = await all.webhook({ name: "other" });
    const first = await webhook.send({ key: "name" });
    const second = await other.send({ key: "name" });
    expect(second.replayed).toBe(false);
    expect(second.body.name).not.toBe(first.body.name);
    await other.close();
  });
});
