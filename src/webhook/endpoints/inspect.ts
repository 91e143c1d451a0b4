import type { Endpoint } from "../endpoint.ts";
import {
  flag,
  integer,
  type JsonSchema,
  list,
  map,
  nullable,
  object,
  optional,
  text,
} from "../json-schema.ts";
import { integerParameter, type Parameter, switchParameter } from "../parameters.ts";
import { deliveryAnswer, exampleDelivery } from "./delivery-answers.ts";
import { exampleRun, exampleRunUrl } from "./run-answers.ts";

const identifier = (name: string, description: string): Parameter => ({
  name,
  description,
  kind: "identifier",
  place: "body",
});

const names: JsonSchema = { ...list(text), type: ["array", "null"] };

/** The endpoints of the group `inspect`, for people who want to know what this webhook does and why. */
export const inspectEndpoints: readonly Endpoint[] = [
  {
    name: "inspect",
    group: "inspect",
    added: true,
    method: "GET",
    path: "/inspect",
    summary: "Tell what this webhook serves, what it allows and which hooks it has",
    parameters: [],
    answer: object({
      name: text,
      version: text,
      endpoints: list(object({ name: text, group: text, method: text, path: text })),
      endpoints_off: list(object({ name: text, group: text })),
      allowlists: object(
        { task: names, trigger: names, app: names, build: names, prefetch: names },
        "As the operator wrote them; null allows all, an empty list none.",
      ),
      run_scope: { ...text, enum: ["webhook", "task"] },
      run_options: list(text),
      hooks: list(
        object({
          name: text,
          path: text,
          provider: text,
          events: names,
          acts_as: text,
          subject: {
            ...nullable(text),
            description: "Whom the control plane takes the hook for; null for who is no inspector.",
          },
          keeps_payloads: flag,
        }),
      ),
      audit: { ...flag, description: "Whether there is a file of the audit log." },
      idempotency: flag,
      inspector: { ...flag, description: "Whether the caller may see what others did." },
    }),
    example: {
      name: "restricted-webhook",
      version: "1.0.0",
      endpoints: [
        {
          name: "run_task",
          group: "task",
          method: "POST",
          path: "/run-task/{domain}/{project}/{name}",
        },
      ],
      endpoints_off: [{ name: "get_task", group: "task" }],
      allowlists: {
        task: ["development/flytesnacks/env.greet"],
        trigger: null,
        app: [],
        build: null,
        prefetch: null,
      },
      run_scope: "webhook",
      run_options: ["overwrite_cache", "interruptible"],
      hooks: [
        {
          name: "github",
          path: "/hooks/github",
          provider: "github",
          events: ["push"],
          acts_as: "hook:github",
          subject: "robot",
          keeps_payloads: false,
        },
      ],
      audit: true,
      idempotency: true,
      inspector: true,
    },
    fence: "none",
  },
  {
    name: "inspect_decision",
    group: "inspect",
    added: true,
    method: "POST",
    path: "/inspect/decision",
    summary:
      "Tell whether a request of the caller would get past, and by which rule; nothing is changed",
    parameters: [
      {
        ...identifier(
          "endpoint",
          "The endpoint by its name, or `hook:NAME` for a delivery to a hook.",
        ),
        required: true,
      },
      identifier("domain", "The domain of the target. Without it, the webhook's own."),
      identifier("project", "The project of the target. Without it, the webhook's own."),
      identifier("name", "The name of the task, run or app."),
      identifier("task_name", "The task of the trigger."),
      identifier("trigger_name", "The trigger."),
      identifier("hook", "The hook."),
      {
        name: "parameters",
        description: "Parameters of the endpoint that decide, such as `env_vars` or `repo`.",
        kind: "json",
        place: "body",
      },
    ],
    bodyExample: {
      endpoint: "run_task",
      project: "flytesnacks",
      domain: "development",
      name: "env.greet",
    },
    answer: object({
      allowed: flag,
      rule: { ...text, description: "What decided, by the names of the audit log." },
      detail: text,
      steps: list(
        object({
          rule: text,
          outcome: { ...text, enum: ["allowed", "refused", "not_asked"] },
          detail: text,
        }),
      ),
    }),
    example: {
      allowed: false,
      rule: "taskAllowlist",
      detail: "Task development/flytesnacks/env.greet is not in the allowlist",
      steps: [
        {
          rule: "endpoint",
          outcome: "allowed",
          detail: "The endpoint run_task is served: POST /run-task/{domain}/{project}/{name}.",
        },
        {
          rule: "taskAllowlist",
          outcome: "refused",
          detail: "Task development/flytesnacks/env.greet is not in the allowlist",
        },
        {
          rule: "controlPlane",
          outcome: "not_asked",
          detail: "taskAllowlist has refused it before.",
        },
      ],
    },
    fence: "none",
  },
  {
    name: "inspect_deliveries",
    group: "inspect",
    added: true,
    method: "GET",
    path: "/inspect/deliveries",
    summary: "Read what became of the last deliveries to hooks, the newest first; for inspectors",
    parameters: [
      {
        ...identifier("hook", "The hook. Without it, all of them."),
        place: "query",
      },
    ],
    answer: object({ deliveries: list(deliveryAnswer) }),
    example: { deliveries: [exampleDelivery] },
    fence: "none",
  },
  {
    name: "replay_delivery",
    group: "inspect",
    added: true,
    method: "POST",
    path: "/inspect/deliveries/{hook}/{request_id}/replay",
    summary: "Give a delivery whose body was kept to its hook again, signed anew; for inspectors",
    parameters: [
      switchParameter(
        "as_new",
        "Whether it gets a new id and so starts a run again. Without it, the run of its id is found, or started if there is none.",
      ),
    ],
    bodyExample: { as_new: true },
    answer: {
      ...optional({
        status: { ...integer, description: "What the hook would have answered with." },
        verdict: text,
        delivery: { ...text, description: "The id that it had." },
        run: object({ name: text, url: text }),
        reason: text,
        masked: {
          ...text,
          description: "There where it is not what came, as secrets were taken out of it.",
        },
      }),
      required: ["status", "verdict"],
    },
    example: {
      status: 202,
      verdict: "started",
      delivery: "replay-8e03978e-40d5-43e8-bc93-6894a57f9324",
      run: { name: exampleRun.name, url: exampleRunUrl },
    },
    fence: "none",
  },
  {
    name: "inspect_audit",
    group: "inspect",
    added: true,
    method: "GET",
    path: "/inspect/audit",
    summary: "Read the audit log from its end, a page at a time; for inspectors",
    parameters: [
      integerParameter("limit", "The most lines that are told, from 1 to 200.", 50),
      {
        name: "before",
        description: "Lines of a lower `seq` alone: `next` of the page before.",
        kind: "integer",
        place: "query",
        least: 1,
      },
    ],
    answer: {
      ...optional({
        lines: list(map("A line as it was written.")),
        next: nullable(integer),
        incomplete: {
          ...flag,
          description:
            "True where other programs have written so much into the file that it was given up.",
        },
      }),
      required: ["lines", "next"],
    },
    example: {
      lines: [
        {
          time: "2026-05-01T08:00:00.123Z",
          subject: "ada",
          method: "GET",
          endpoint: "me",
          status: 200,
          seq: 17,
        },
      ],
      next: 17,
    },
    fence: "none",
  },
];
