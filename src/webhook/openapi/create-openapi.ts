import type { Endpoint } from "../endpoint.ts";
import { type JsonSchema, list, object, text } from "../json-schema.ts";
import type { ResolvedOptions } from "../options.ts";
import { parameterSchema, parametersSchema } from "../parameter-schema.ts";
import type { Parameter } from "../parameters.ts";
import { parameterNames } from "../path-parameters.ts";
import { toDocument } from "../problem.ts";
import { type ProblemCode, problemKinds } from "../problem-codes.ts";
import { takesParametersInBody } from "../read-parameters.ts";
import { isBuilt } from "../routes/routes.ts";

type Node = Readonly<Record<string, unknown>>;

const problemSchema: JsonSchema = {
  ...object({
    type: { ...text, format: "uri" },
    title: text,
    status: { type: "integer" },
    detail: text,
    code: { ...text, enum: Object.keys(problemKinds) },
    requestId: text,
  }),
  description: "A problem document (RFC 9457). Its type and code are stable.",
};

const problemDocument: JsonSchema = {
  ...problemSchema,
  properties: {
    ...problemSchema.properties,
    hint: { ...text, description: "What was probably meant." },
    errors: {
      ...list(object({ path: text, message: text })),
      description: "Every fault found, with its place.",
    },
  },
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
    ...(isBuilt(endpoint.name) ? [] : (["unimplemented"] as const)),
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

/** One answer for each status; several codes may share one. */
function problemResponses(endpoint: Endpoint): Node {
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

function parametersOf(endpoint: Endpoint): readonly Node[] {
  const path = parameterNames(endpoint.path).map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1, maxLength: 255 },
  }));
  return [...path, ...endpoint.parameters.map((parameter) => inQuery(endpoint, parameter))];
}

/** A parameter in the query: JSON where it is neither a scalar nor a list of texts. */
function inQuery(endpoint: Endpoint, parameter: Parameter): Node {
  const { name, kind, description, required } = parameter;
  const schema = parameterSchema(parameter);
  const inBody = takesParametersInBody(endpoint);
  return {
    name,
    in: "query",
    required: required === true && !inBody,
    description: required && inBody ? `${description} Required, here or in the body.` : description,
    ...(kind === "json" || kind === "object"
      ? { content: { "application/json": { schema } } }
      : { schema }),
  };
}

/** The body of the endpoint's own, or the one object of its parameters. */
function bodyOf(endpoint: Endpoint): Node | undefined {
  const { body, parameters, bodyExample } = endpoint;
  if (body !== undefined) {
    const { schema, required, example } = body;
    return { required, content: { "application/json": { schema, example } } };
  }
  if (!takesParametersInBody(endpoint)) return undefined;
  const object = parametersSchema(parameters);
  const bare = parameters.find((parameter) => parameter.bare);
  const schema =
    bare === undefined
      ? object
      : { oneOf: [object, { ...parameterSchema(bare), description: bare.description }] };
  return {
    required: false,
    description: "The parameters, where they are not in the query.",
    content: { "application/json": { schema, example: bodyExample } },
  };
}

/** What the document tells of an endpoint. */
export function operationOf(endpoint: Endpoint): Node {
  const parameters = parametersOf(endpoint);
  const requestBody = bodyOf(endpoint);
  return {
    operationId: endpoint.name,
    tags: [endpoint.group],
    summary: endpoint.summary,
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody !== undefined && { requestBody }),
    responses: {
      200: {
        description: "Done",
        content: { "application/json": { schema: endpoint.answer, example: endpoint.example } },
      },
      ...problemResponses(endpoint),
    },
    ...(endpoint.public && { security: [] }),
  };
}

/**
 * The OpenAPI 3.1 document of the endpoints that are served, and of no others.
 *
 * @param typed - paths of single tasks, beside those of the endpoints
 */
export function createOpenApi(
  options: Pick<ResolvedOptions, "title" | "description" | "endpoints">,
  typed: Node = {},
): Node {
  const paths: Record<string, Record<string, Node>> = {};
  for (const endpoint of options.endpoints) {
    const operation = { [endpoint.method.toLowerCase()]: operationOf(endpoint) };
    paths[endpoint.path] = { ...paths[endpoint.path], ...operation };
  }
  return {
    openapi: "3.1.0",
    info: { title: options.title, description: options.description, version: "1.0.0" },
    security: [{ bearer: [] }, { cookie: [] }],
    tags: [...new Set(options.endpoints.map(({ group }) => group))].map((name) => ({ name })),
    paths: { ...paths, ...typed },
    components: {
      schemas: { Problem: problemDocument },
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "The caller's own token or API key of the control plane.",
        },
        cookie: {
          type: "apiKey",
          in: "header",
          name: "cookie",
          description: "The caller's own session at the control plane.",
        },
      },
    },
  };
}
