import type { Endpoint } from "../endpoint.ts";
import { flag, type JsonSchema, list, nullable, object, text } from "../json-schema.ts";

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
];
