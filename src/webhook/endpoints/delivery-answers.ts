import type { JsonObject } from "../../shared/json.ts";
import { flag, integer, type JsonSchema, object, optional, text } from "../json-schema.ts";
import { exampleRun, exampleRunUrl } from "./run-answers.ts";

/** What became of a delivery to a hook. */
export const deliveryAnswer: JsonSchema = {
  ...optional({
    hook: text,
    received_at: { ...text, format: "date-time" },
    request_id: text,
    verdict: {
      ...text,
      enum: [
        "started",
        "duplicate",
        "ignored",
        "refused",
        "answered",
        "bad_signature",
        "malformed",
        "failed",
      ],
    },
    status: integer,
    duration_ms: { type: "number" },
    reason: text,
    id: text,
    type: text,
    run: object({ project: text, domain: text, name: text, url: text }),
    body: { ...text, description: "What came, where the hook keeps payloads." },
    replay_of: { ...text, description: "The request id of the delivery that was replayed." },
    can_replay: flag,
  }),
  required: ["hook", "received_at", "request_id", "verdict", "status", "duration_ms", "can_replay"],
};

export const exampleDelivery: JsonObject = {
  hook: "github",
  received_at: "2026-05-01T08:00:00.000Z",
  request_id: "3f0e1c8a-5a0e-4f9f-9f0b-5a2d8b1c7e11",
  verdict: "started",
  status: 202,
  duration_ms: 41.3,
  id: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
  type: "push",
  run: {
    project: "flytesnacks",
    domain: "development",
    name: exampleRun.name,
    url: exampleRunUrl,
  },
  can_replay: false,
};
