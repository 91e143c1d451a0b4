import { createHmac } from "node:crypto";
import { sign } from "@octokit/webhooks-methods";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { github } from "../../src/webhook/hooks/providers/github.ts";
import { slack } from "../../src/webhook/hooks/providers/slack.ts";
import { stripe } from "../../src/webhook/hooks/providers/stripe.ts";
import { HookWebhooks, type ServedHooks } from "../support/hook-webhook.ts";

/** Stories 3, 4, 5 and 10 of docs/stories.md: deliveries, each signed as its provider says. */
const githubSecrets = { next: "the next secret of GitHub", old: "the old secret of GitHub" };
const slackSecret = "the signing secret of Slack";
const stripeSecret = "whsec_the_secret_of_Stripe";
let all: HookWebhooks;
let webhook: ServedHooks;

/** People of Slack who are somebody here. */
const known = ["U0ONCALL"];

beforeAll(async () => {
  all = await HookWebhooks.start();
  const runAs = { token: all.robot };
  webhook = await all.webhook({
    hooks: [
      github({
        secret: githubSecrets,
        runAs,
        events: ["push"],
        start: (event) =>
          event.type === "push"
            ? { task: "ci.build", inputs: { commit: event.payload.after } }
            : undefined,
      }),
      slack({
        secret: slackSecret,
        runAs,
        start: (event) => {
          if (event.kind !== "command") return undefined;
          if (!known.includes(event.payload.user_id)) {
            return { refuse: "You are not known to Flyte. Ask in #ml-platform." };
          }
          return { task: "ci.build", inputs: { commit: event.payload.text } };
        },
      }),
      stripe({
        secret: stripeSecret,
        runAs,
        events: ["checkout.session.completed"],
        start: ({ payload }) => ({ task: "ci.other", inputs: { commit: payload.id } }),
      }),
    ],
  });
});

afterAll(() => all?.[Symbol.asyncDispose]());

async function post(hook: string, body: string, headers: Readonly<Record<string, string>>) {
  const before = await names();
  const response = await fetch(`${webhook.url}/hooks/${hook}`, { method: "POST", body, headers });
  const text = await response.text();
  const started = (await names()).filter((name) => !before.includes(name));
  return { status: response.status, body: text === "" ? null : JSON.parse(text), started };
}

const names = async () => (await all.runs()).map(({ name }) => name);
const seconds = (from: number = Date.now()) => String(Math.floor(from / 1000));

describe("GitHub", () => {
  let count = 0;

  async function push(given: {
    readonly secret?: string;
    readonly id?: string;
    readonly event?: string;
    readonly signature?: string;
  }) {
    const { secret = githubSecrets.next, event = "push" } = given;
    count += 1;
    const body = JSON.stringify({ ref: "refs/heads/main", after: `commit-${count}` });
    const { signature = await sign(secret, body), id = `push-${count}` } = given;
    const answer = await post("github", body, {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": id,
      ...(signature !== "" && { "x-hub-signature-256": signature }),
    });
    return { ...answer, commit: `commit-${count}` };
  }

  test("a push starts its task with the commit, once for each delivery", async () => {
    const first = await push({ id: "72d3162e" });
    expect(first).toMatchObject({
      status: 202,
      body: { status: "started", delivery: "72d3162e", subject: "robot" },
    });
    expect(first.started).toEqual([first.body.run.name]);
    const alice = all.controlPlane(all.devbox.keys["alice"]);
    const { inputs } = await alice.runs.io({ name: first.body.run.name });
    expect(inputs).toEqual({ commit: first.commit });

    const again = await push({ id: "72d3162e" });
    expect(again).toMatchObject({
      status: 202,
      body: { status: "duplicate", run: { name: first.body.run.name } },
      started: [],
    });
  });

  test("a wrong or missing signature is 401 and starts nothing", async () => {
    const refused = {
      status: 401,
      body: { code: "bad_signature", detail: expect.stringMatching(/./) },
      started: [],
    };
    expect(await push({ secret: "not the secret of GitHub" })).toMatchObject(refused);
    expect(await push({ signature: "" })).toMatchObject(refused);
    expect(await push({ signature: "sha256=00" })).toMatchObject(refused);
  });

  test("an event that nobody takes is 202, and the ping is 200", async () => {
    expect(await push({ event: "star" })).toMatchObject({
      status: 202,
      body: { status: "ignored" },
      started: [],
    });
    expect(await push({ event: "ping" })).toMatchObject({ status: 200, started: [] });
  });

  test("both secrets are taken while one is replaced, and the log says which", async () => {
    for (const name of ["next", "old"] as const) {
      const { status, body } = await push({ secret: githubSecrets[name] });
      expect(status).toBe(202);
      const line = webhook.lines.find((text) => text.includes(body.delivery)) ?? "{}";
      expect(JSON.parse(line)).toMatchObject({ hook: "github", secret: name });
    }
    await using rotated = await all
      .webhook({
        hooks: [all.hook({ secret: { next: githubSecrets.next } })],
      })
      .then((served) => ({ ...served, [Symbol.asyncDispose]: served.close }));
    const body = "{}";
    const response = await fetch(`${rotated.url}/hooks/github`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-github-event": "push",
        "x-github-delivery": "rotated-1",
        "x-hub-signature-256": await sign(githubSecrets.old, body),
      },
    });
    expect(response.status).toBe(401);
  });
});

describe("Slack", () => {
  let count = 0;

  function command(given: {
    readonly user?: string;
    readonly time?: string;
    readonly secret?: string;
  }) {
    const { user = "U0ONCALL", time = seconds(), secret = slackSecret } = given;
    count += 1;
    const body = new URLSearchParams({
      ...{ token: "unused", team_id: "T1", channel_id: "C1", user_id: user, command: "/train" },
      ...{ text: "churn", response_url: "https://hooks.slack.com/commands/1", api_app_id: "A1" },
      trigger_id: `13345224609.738474920.${count}`,
    }).toString();
    const mac = createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex");
    return post("slack", body, {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": time,
      "x-slack-signature": `v0=${mac}`,
    });
  }

  test("a slash command is answered at once, to whom gave it, with the run", async () => {
    const { status, body, started } = await command({});
    expect([status, started.length]).toEqual([200, 1]);
    expect(body.response_type).toBe("ephemeral");
    expect(body.text).toContain(`/runs/${started[0]}`);
  });

  test("somebody whom Flyte does not know is refused in words", async () => {
    const { status, body, started } = await command({ user: "U0STRANGER" });
    expect([status, started]).toEqual([200, []]);
    expect(body).toMatchObject({
      response_type: "ephemeral",
      text: "You are not known to Flyte. Ask in #ml-platform.",
    });
  });

  test("a time of more than five minutes ago and a bad signature are 401", async () => {
    const old = seconds(Date.now() - 301_000);
    for (const given of [{ time: old }, { secret: "not the secret of Slack" }]) {
      expect(await command(given)).toMatchObject({
        status: 401,
        body: { code: "bad_signature" },
        started: [],
      });
    }
  });
});

describe("Stripe", () => {
  const event = (id: string) => `{\n  "id": "${id}",  "type": "checkout.session.completed",
  "created": 1792000000, "livemode": false, "data": { "object": { "amount": 10.00 } }\n}`;

  function send(body: string, { signed = body, time = seconds() } = {}) {
    const mac = createHmac("sha256", stripeSecret).update(`${time}.${signed}`).digest("hex");
    return post("stripe", body, {
      "content-type": "application/json; charset=utf-8",
      "stripe-signature": `t=${time},v1=${mac},v0=00`,
    });
  }

  test("a payment starts provisioning once, as the service's own identity", async () => {
    const first = await send(event("evt_1"));
    expect(first).toMatchObject({ status: 202, body: { status: "started", subject: "robot" } });
    expect(first.started).toHaveLength(1);
    // Stripe sends again with a new time, and so with a new signature.
    const again = await send(event("evt_1"), { time: seconds(Date.now() + 60_000) });
    expect(again).toMatchObject({ status: 202, body: { status: "duplicate" }, started: [] });
  });

  test("the bytes that came are what is proved: the same JSON written anew is refused", async () => {
    const raw = event("evt_2");
    const rewritten = JSON.stringify(JSON.parse(raw));
    expect(await send(rewritten, { signed: raw })).toMatchObject({ status: 401, started: [] });
    const late = await send(raw, { time: seconds(Date.now() - 301_000) });
    expect(late).toMatchObject({ status: 401, started: [] });
    expect((await send(raw)).status).toBe(202);
  });
});
