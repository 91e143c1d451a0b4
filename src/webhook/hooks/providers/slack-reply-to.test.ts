import { expect, test } from "vitest";
import { slackReplyTo } from "./slack-reply-to.ts";

const replyTo = (payload: unknown) =>
  slackReplyTo({
    ...{ provider: "slack", type: "command.train", id: "1", sentAt: new Date(0), secret: "0" },
    payload: payload as never, // whatever came
  });

test("answers go where Slack takes them", () => {
  const response_url = "https://hooks.slack.com/commands/T1/2/abc";
  expect(replyTo({ response_url })).toBe(response_url);
});

test.each([
  "http://hooks.slack.com/commands/1",
  "https://hooks.slack.com.example.com/1",
  "https://hooks.slack.com@example.com/1",
  "https://user@hooks.slack.com/1",
  "https://hooks.slack.com:8443/1",
  "https://slack.com/1",
  "https://127.0.0.1/",
  "hooks.slack.com/1",
  "",
  `https://hooks.slack.com/${"x".repeat(2048)}`,
  1,
  null,
])("and not to %j", (response_url) => {
  expect(replyTo({ response_url })).toBeUndefined();
});

test.each([null, [], "https://hooks.slack.com/1", { response_urls: [] }])(
  "%j has none",
  (payload) => {
    expect(replyTo(payload)).toBeUndefined();
  },
);
