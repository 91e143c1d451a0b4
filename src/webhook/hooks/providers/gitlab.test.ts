import { Webhook } from "standardwebhooks";
import { expect, expectTypeOf, test } from "vitest";
import { now, reading } from "../../../../test/support/hook-deliveries.ts";
import { gitlab, gitlabProvider } from "./gitlab.ts";
import type { GitLabMergeRequest } from "./gitlab-events.ts";

const token = "a-secret-token-of-gitlab";
const signing = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const headers = {
  "content-type": "application/json",
  "x-gitlab-event": "Push Hook",
  "idempotency-key": "key-1",
  "x-gitlab-event-uuid": "shared-by-many",
  "x-gitlab-webhook-uuid": "of-the-webhook",
};
const body = '{"object_kind":"push"}';

function signed(provider = gitlabProvider(signing), text = body, given = headers) {
  return {
    headers: provider.sign({ headers: given, body: Buffer.from(text), sentAt: now }),
    body: text,
  };
}

test("signs as the reference library of Standard Webhooks does", () => {
  expect(signed().headers["webhook-signature"]).toBe(new Webhook(signing).sign("key-1", now, body));
});

test("a delivery that has a signature is judged by it, whatever token it has", () => {
  const both = gitlabProvider({ signing, token });
  const good = signed();
  expect(reading(both, good)).toMatchObject({ event: { secret: "signing", id: "key-1" } });
  const forged = { ...good.headers, "webhook-signature": "v1,AAAA", "x-gitlab-token": token };
  expect(reading(both, { headers: forged, body }).kind).toBe("refused");
  const tokenOnly = { ...headers, "x-gitlab-token": token };
  expect(reading(both, { headers: tokenOnly, body })).toMatchObject({ event: { secret: "token" } });
});

test("a hook with a signing token alone takes no token, and one with a token needs no signature", () => {
  const tokenOnly = { ...headers, "x-gitlab-token": token };
  expect(reading(gitlabProvider(signing), { headers: tokenOnly, body }).kind).toBe("refused");
  // GitLab signs for others, too.
  const signedForOthers = { ...signed().headers, "x-gitlab-token": token };
  const read = reading(gitlabProvider(token), { headers: signedForOthers, body });
  expect(read).toMatchObject({ kind: "event", event: { secret: "0" } });
});

test("compares tokens of other letters as the bytes that they are sent as", () => {
  const provider = gitlabProvider("ein-Schlüssel-für-GitLab");
  expect(reading(provider, signed(provider))).toMatchObject({ kind: "event" });
});

test("has the id that stays the same when a delivery is tried again, and no other", () => {
  const { "idempotency-key": _key, ...without } = headers;
  const old = { ...without, "x-gitlab-token": token };
  expect(reading(gitlabProvider(token), { headers: old, body })).toMatchObject({
    kind: "event",
    event: { id: undefined },
  });
});

test.each([
  ['{"object_kind":"merge_request","object_attributes":{"action":"open"}}', "merge_request.open"],
  ['{"object_kind":"pipeline","object_attributes":{"status":"success"}}', "pipeline"],
  ['{"object_kind":"release","action":"create"}', "release.create"],
  ['{"event_name":"project_create"}', "project_create"],
  ['{"by":"a template"}', "push"],
])("names %s", (text, type) => {
  const provider = gitlabProvider(token);
  expect(reading(provider, signed(provider, text))).toMatchObject({ event: { type } });
});

test("does not understand what nothing names", () => {
  const provider = gitlabProvider(token);
  const sent = signed(provider, "{}", { ...headers, "x-gitlab-event": "<b>" });
  expect(reading(provider, sent)).toMatchObject({ kind: "malformed" });
});

test("a hook types events by what is asked", () => {
  const hook = gitlab({
    secret: signing,
    runAs: { token: "a-token" },
    toleranceSeconds: 60,
    start: (event) => {
      if (event.type === "merge_request.merge") {
        expectTypeOf(event.payload).toEqualTypeOf<GitLabMergeRequest>();
      }
      return event.name === "push"
        ? { task: "t", inputs: { commit: event.payload.after } }
        : undefined;
    },
  });
  expect(hook.name).toBe("gitlab");
});
