import type { Endpoint } from "../endpoint.ts";
import { type JsonSchema, list, object, text } from "../json-schema.ts";
import { problemKinds } from "../problem-codes.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { problemResponses, upstreamResponses } from "./describe-failures.ts";
import { keyParametersOf, keyResponsesOf, withReplayed } from "./describe-key.ts";
import { bodyOf, parametersOf, upstreamBodyOf, upstreamParametersOf } from "./describe-request.ts";
import { preferHeader, takesWait, waitingResponse } from "./describe-waits.ts";

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

/** What `compat: "upstream"` answers instead. */
const detailDocument: JsonSchema = {
  ...object({ detail: { description: "A text; with status 422 the list of what is wrong." } }),
  description: "The original's form of every failure.",
};

function jsonAnswer(endpoint: Endpoint): Node {
  const { answer, example, mediaType = "application/json" } = endpoint;
  return {
    description: "Done",
    content: endpoint.mediaTypes ?? { [mediaType]: { schema: answer, example } },
  };
}

function answerOf(endpoint: Endpoint): Node {
  if (endpoint.passesOn !== true) return jsonAnswer(endpoint);
  const { answer, example } = endpoint;
  return {
    description: "The other server's answer, with its own status and media type",
    content: { "*/*": { schema: answer, example } },
  };
}

/** What the document tells of an endpoint. */
export function operationOf(endpoint: Endpoint, compat: ResolvedOptions["compat"]): Node {
  const upstream = compat === "upstream";
  const asOriginal = upstream && endpoint.added !== true;
  const parameters = asOriginal ? upstreamParametersOf(endpoint) : parametersOf(endpoint);
  const waits = !asOriginal && takesWait(endpoint);
  const requestBody = asOriginal ? upstreamBodyOf(endpoint) : bodyOf(endpoint);
  return {
    operationId: endpoint.name,
    tags: [endpoint.group],
    summary: endpoint.summary,
    ...(parameters.length > 0 && {
      parameters: [...parameters, ...keyParametersOf(endpoint), ...(waits ? [preferHeader] : [])],
    }),
    ...(requestBody !== undefined && { requestBody }),
    responses: {
      200: withReplayed(endpoint, upstream ? jsonAnswer(endpoint) : answerOf(endpoint)),
      ...(waits && { 202: waitingResponse }),
      ...(endpoint.mediaTypes !== undefined && {
        204: { description: "Nothing more: the `Last-Event-ID` is that of the end" },
      }),
      ...(upstream ? upstreamResponses(endpoint) : problemResponses(endpoint)),
      ...keyResponsesOf(endpoint, compat),
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
  options: Pick<ResolvedOptions, "title" | "description" | "endpoints" | "compat">,
  typed: Node = {},
): Node {
  const paths: Record<string, Record<string, Node>> = {};
  for (const endpoint of options.endpoints) {
    const operation = { [endpoint.method.toLowerCase()]: operationOf(endpoint, options.compat) };
    paths[endpoint.path] = { ...paths[endpoint.path], ...operation };
  }
  return {
    openapi: "3.1.0",
    info: { title: options.title, description: options.description, version: "1.0.0" },
    security: [{ bearer: [] }, { cookie: [] }],
    tags: [...new Set(options.endpoints.map(({ group }) => group))].map((name) => ({ name })),
    paths: { ...paths, ...typed },
    components: {
      schemas:
        options.compat === "upstream" ? { Detail: detailDocument } : { Problem: problemDocument },
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
