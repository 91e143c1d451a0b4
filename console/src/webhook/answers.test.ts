import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../../src/shared/json.ts";
import {
  readAnswer,
  readAuditPage,
  readDecision,
  readDeliveries,
  readReplay,
  readWebhookInfo,
} from "./answers.ts";
import { UnreadableAnswer } from "./read-value.ts";

const info: JsonObject = {
  name: "flyte-webhook",
  version: "0.1.0",
  endpoints: [{ name: "me", group: "core", method: "GET", path: "/me" }],
  endpoints_off: [{ name: "list_runs", group: "list" }],
  allowlists: { task: ["a.b"], trigger: null, app: [], build: null, prefetch: null },
  run_scope: "webhook",
  run_options: ["labels"],
  hooks: [
    {
      name: "github",
      path: "/hooks/github",
      provider: "github",
      events: null,
      acts_as: "hook:github",
      keeps_payloads: true,
    },
  ],
  audit: true,
  idempotency: true,
  inspector: false,
  something_newer: 1,
};

const delivery: JsonObject = {
  hook: "github",
  received_at: "2026-11-21T09:30:05.123Z",
  request_id: "q1",
  verdict: "started",
  status: 202,
  duration_ms: 4.2,
  type: "push",
  run: { project: "p", domain: "d", name: "r1", url: "http://x/" },
  can_replay: true,
};

const good: readonly (readonly [(value: JsonValue) => unknown, JsonObject])[] = [
  [(value) => readAnswer(readWebhookInfo, value), info],
  [(value) => readAnswer(readDeliveries, value), { deliveries: [delivery] }],
  [
    (value) => readAnswer(readDecision, value),
    {
      allowed: true,
      rule: "x",
      detail: "",
      steps: [{ rule: "x", outcome: "allowed", detail: "" }],
    },
  ],
  [(value) => readAnswer(readReplay, value), { status: 202, verdict: "duplicate", run: null }],
  [(value) => readAnswer(readAuditPage, value), { lines: [{ seq: 2 }], next: 2 }],
];

describe("the readers of answers", () => {
  test("take what a webhook says, and leave out what they do not know", () => {
    const read = readAnswer(readWebhookInfo, info);
    expect(read).toMatchObject({
      endpointsOff: [{ name: "list_runs", group: "list" }],
      allowlists: { task: ["a.b"], trigger: undefined, app: [] },
      hooks: [{ actsAs: "hook:github", keepsPayloads: true, events: undefined }],
    });
    expect(read).not.toHaveProperty("somethingNewer");
    expect(readAnswer(readDeliveries, { deliveries: [delivery] }).deliveries[0]).toMatchObject({
      receivedAt: "2026-11-21T09:30:05.123Z",
      run: { project: "p", domain: "d", name: "r1" },
      reason: undefined,
    });
  });

  test("name the place of what is wrong", () => {
    const odd = { deliveries: [delivery, { ...delivery, run: { project: 1 } }] };
    expect(() => readAnswer(readDeliveries, odd)).toThrow(
      new UnreadableAnswer("deliveries[1].run.project is not a text"),
    );
  });

  test("never take anything else, and fail in one way", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...good), (value, [read]) => {
        expect(() => read(value as JsonValue)).toThrow(UnreadableAnswer);
      }),
    );
  });

  test("take an answer with one member changed as one of its kind, or not at all", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...good),
        fc.nat(),
        fc.jsonValue(),
        ([read, answer], at, value) => {
          const names = Object.keys(answer);
          const changed = { ...answer, [names[at % names.length] ?? ""]: value as JsonValue };
          const whole = shapeOf(read(answer));
          try {
            expect(Object.keys(shapeOf(read(changed)))).toEqual(Object.keys(whole));
          } catch (error) {
            expect(error).toBeInstanceOf(UnreadableAnswer);
          }
        },
      ),
    );
  });
});

function shapeOf(value: unknown): object {
  expect(value).toBeTypeOf("object");
  return value as object;
}
