import type { Endpoint, EndpointName } from "../endpoint.ts";
import { toDocument } from "../problem.ts";
import { type ProblemCode, problemKinds } from "../problem-codes.ts";
import { takesWait } from "./describe-waits.ts";

type Node = Readonly<Record<string, unknown>>;

/** Codes of endpoints that do more than ask the control plane. */
const special: Readonly<Partial<Record<EndpointName, readonly ProblemCode[]>>> = {
  activate_app: ["app_failed", "conflict"],
  deactivate_app: ["app_failed", "conflict"],
  call_app: ["app_failed", "conflict", "bad_gateway"],
  activate_trigger: ["conflict"],
  deactivate_trigger: ["conflict"],
  signal_condition: ["conflict"],
  create_signal_link: ["conflict"],
  get_run_events: ["not_acceptable", "overloaded"],
  get_run_logs: ["not_acceptable", "overloaded"],
  build_image: ["not_allowlisted", "unimplemented"],
  prefetch_hf_model: ["not_allowlisted", "unimplemented"],
};

/** The codes an endpoint can answer with, beside those every request can meet. */
function codesOf(endpoint: Endpoint): readonly ProblemCode[] {
  if (endpoint.public) return ["invalid_input"];
  const fenced: readonly ProblemCode[] =
    endpoint.fence === "none" ? [] : ["not_allowlisted", "not_found"];
  const body: readonly ProblemCode[] =
    endpoint.method === "POST" ? ["payload_too_large", "unsupported_media_type"] : [];
  const query: readonly ProblemCode[] = endpoint.parameters.length === 0 ? [] : ["invalid_request"];
  return [
    "invalid_input",
    "unauthenticated",
    "permission_denied",
    ...fenced,
    ...body,
    ...query,
    "exhausted",
    "internal",
    "control_plane_failed",
    ...(special[endpoint.name] ?? []),
    ...(takesWait(endpoint) ? (["run_failed"] as const) : []),
    "unavailable",
    "deadline_exceeded",
  ];
}

const authenticate: Node = {
  "WWW-Authenticate": { description: "The scheme to use.", schema: { type: "string" } },
};
const retryAfter: Node = {
  "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" } },
};

function headersOf(status: number): Node {
  if (status === 401) return { headers: authenticate };
  return status === 429 || status === 503 ? { headers: retryAfter } : {};
}

/** The problems of an endpoint, one answer for each status; several codes may share one. */
export function problemResponses(endpoint: Endpoint): Node {
  const responses: Record<string, Node> = {};
  for (const code of codesOf(endpoint)) {
    const { status, title } = problemKinds[code];
    if (responses[status] !== undefined) continue;
    const example = toDocument({ code, detail: title }, "3f0e1c8a-5a0e-4f9f-9f0b-5a2d8b1c7e11");
    responses[status] = {
      description: title,
      ...headersOf(status),
      content: {
        "application/problem+json": {
          schema: { $ref: "#/components/schemas/Problem" },
          example,
        },
      },
    };
  }
  return responses;
}

/** Whether an allowlist has to name what a request is about, runs aside. */
function isListed({ fence, name }: Endpoint): boolean {
  return (
    (fence !== "none" && fence !== "run") || (special[name]?.includes("not_allowlisted") ?? false)
  );
}

/** The failures of an endpoint under `compat: "upstream"`. */
export function upstreamResponses(endpoint: Endpoint): Node {
  const { fence, method, parameters, body } = endpoint;
  const statuses: readonly (readonly [status: number, title: string, given: boolean])[] = [
    [400, "Not acceptable", true],
    [401, "Unauthenticated", !endpoint.public],
    [403, "Not in the allowlist", isListed(endpoint)],
    [
      404,
      "Not found, or not readable",
      method === "GET" ? fence !== "none" : fence === "task" || fence === "fire",
    ],
    [413, "Body too large", method === "POST"],
    [422, "Not of the form asked for", parameters.length > 0 || body !== undefined],
    [500, "Failed", fence === "task" || method === "POST"],
  ];
  const schema = { $ref: "#/components/schemas/Detail" };
  const entries = statuses.flatMap(([status, description, given]) =>
    given ? [[status, { description, content: { "application/json": { schema } } }] as const] : [],
  );
  return Object.fromEntries(entries);
}
