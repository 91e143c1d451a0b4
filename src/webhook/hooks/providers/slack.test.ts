import { expect, expectTypeOf, test } from "vitest";
import { now, reading } from "../../../../test/support/hook-deliveries.ts";
import { slack, slackProvider } from "./slack.ts";
import type { SlackCommand } from "./slack-events.ts";

const secret = "8f742231b10e8888abcd99yyyzzz85a5";
const provider = slackProvider(secret);
const form = { "content-type": "application/x-www-form-urlencoded" };
const json = { "content-type": "application/json" };

function signed(headers: Readonly<Record<string, string>>, body: string, sentAt = now) {
  return { headers: provider.sign({ headers, body: Buffer.from(body), sentAt }), body };
}

// The example of https://docs.slack.dev/authentication/verifying-requests-from-slack
test("verifies the example of Slack's documentation", () => {
  const body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  const { headers } = signed(form, body, new Date(1_531_420_618_000));
  expect(headers["x-slack-signature"]).toBe(
    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
  );
});

test.each([
  [
    form,
    "command=%2Ftrain&text=churn+now&trigger_id=1.2&user_id=U1",
    { kind: "command", type: "command.train", id: "1.2", payload: { text: "churn now" } },
  ],
  [
    form,
    `payload=${encodeURIComponent('{"type":"block_actions","trigger_id":"3.4"}')}`,
    { kind: "interaction", type: "interaction.block_actions", id: "3.4" },
  ],
  [
    json,
    '{"type":"event_callback","event_id":"Ev1","event":{"type":"app_mention"}}',
    { kind: "event", type: "event.app_mention", id: "Ev1" },
  ],
  [json, '{"type":"app_rate_limited"}', { type: "event.app_rate_limited", id: undefined }],
])("reads %j %s", (headers, body, event) => {
  expect(reading(provider, signed(headers, body))).toMatchObject({ kind: "event", event });
});

test("answers url_verification and ssl_check, once they are proved", () => {
  const ask = signed(json, '{"type":"url_verification","challenge":"3eZbrw1a","token":"t"}');
  expect(reading(provider, ask)).toEqual({
    kind: "answer",
    status: 200,
    body: { challenge: "3eZbrw1a" },
    what: "url_verification",
  });
  expect(reading(provider, signed(form, "ssl_check=1&token=t"))).toMatchObject({
    kind: "answer",
    what: "ssl_check",
  });
  expect(reading(provider, { headers: json, body: ask.body }).kind).toBe("refused");
});

test.each([
  [form, ""],
  [form, "command=train"],
  [form, "command=%2Fa.b"],
  [form, "command=%2Fa&command=%2Fb"],
  [form, "command=%2Fa&__proto__=b"],
  [form, "payload=%7B"],
  [form, "payload={}"],
  [json, "{}"],
  [json, '{"type":"url_verification"}'],
  [json, '{"type":"event_callback"}'],
  [json, '{"type":"event_callback","event":[]}'],
  [{ "content-type": "text/plain" }, "hello"],
])("does not understand %j %s", (headers, body) => {
  expect(reading(provider, signed(headers, body))).toMatchObject({ kind: "malformed" });
});

test("tells whoever gave a command, and them alone", () => {
  const event = {
    provider: "slack",
    type: "command.train",
    id: "1",
    sentAt: now,
    payload: {},
    secret: "0",
  };
  const url = "http://localhost:30080/v2/runs/r1?a&b";
  const said = (outcome: Parameters<NonNullable<typeof provider.acknowledge>>[1]) =>
    provider.acknowledge?.(event, outcome);
  const told = (text: string) => ({ status: 200, body: { response_type: "ephemeral", text } });
  expect(said({ kind: "started", run: "r1", url, existed: false })).toEqual(
    told("Run r1 was started: http://localhost:30080/v2/runs/r1?a&amp;b"),
  );
  expect(said({ kind: "refused", reason: "You are <unknown>" })).toEqual(
    told("You are &lt;unknown&gt;"),
  );
  expect(said({ kind: "ignored" })).toEqual(told("/train starts nothing here."));
  expect(provider.acknowledge?.({ ...event, type: "event.x" }, { kind: "ignored" })).toEqual({
    status: 200,
    body: undefined,
  });
});

test("leaves out of records what is meant for the app alone", () => {
  const without = (text: string) =>
    Buffer.from(provider.withoutSecrets(Buffer.from(text))).toString();
  expect(without('{"token":"a","type":"t","response_url":"https://b"}')).toBe(
    '{"token":"hidden","type":"t","response_url":"hidden"}',
  );
  expect(without("token=a&command=%2Ft&response_url=b")).toBe(
    "token=hidden&command=%2Ft&response_url=hidden",
  );
  const payload = encodeURIComponent('{"token":"a","type":"t"}');
  expect(decodeURIComponent(without(`payload=${payload}`))).toBe(
    'payload={"token":"hidden","type":"t"}',
  );
});

test("a hook types events by their kind", () => {
  const hook = slack({
    secret,
    runAs: { token: "a-token" },
    start: (event) => {
      if (event.kind !== "command") return undefined;
      expectTypeOf(event.payload).toEqualTypeOf<SlackCommand>();
      return { task: "train", inputs: { model: event.payload.text } };
    },
  });
  expect(hook.from.answerWithinMs).toBe(3_000);
});
