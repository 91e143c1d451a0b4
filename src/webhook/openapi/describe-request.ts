import type { Endpoint } from "../endpoint.ts";
import { type JsonSchema, map, nullable, optional } from "../json-schema.ts";
import { parameterSchema, parametersSchema } from "../parameter-schema.ts";
import type { Parameter } from "../parameters.ts";
import { parameterNames } from "../path-parameters.ts";
import { takesParametersInBody } from "../read-parameters.ts";

type Node = Readonly<Record<string, unknown>>;

function inPath(endpoint: Endpoint): readonly Node[] {
  return parameterNames(endpoint.path).map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1, maxLength: 255 },
  }));
}

/** The parameters in the path and the query. */
export function parametersOf(endpoint: Endpoint): readonly Node[] {
  return [
    ...inPath(endpoint),
    ...endpoint.parameters.map((parameter) => inQuery(endpoint, parameter)),
  ];
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
export function bodyOf(endpoint: Endpoint): Node | undefined {
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

/** The parameters in the path and the query as the original has them. */
export function upstreamParametersOf(endpoint: Endpoint): readonly Node[] {
  const known = endpoint.parameters.filter(({ place, added }) => place === "query" && !added);
  const query = known.map((parameter) => ({
    name: parameter.name,
    in: "query",
    required: parameter.required === true,
    description: parameter.description,
    schema: parameterSchema(parameter),
  }));
  return [...inPath(endpoint), ...query];
}

function upstreamSchema(parameter: Parameter): JsonSchema {
  const { kind, description } = parameter;
  // The original takes objects alone where any JSON will do here.
  return nullable(
    kind === "texts" ? { ...parameterSchema(parameter), description } : map(description),
  );
}

/** The body as the original has it. */
export function upstreamBodyOf(endpoint: Endpoint): Node | undefined {
  if (endpoint.body !== undefined) return bodyOf(endpoint);
  const parameters = endpoint.parameters.filter(({ place }) => place === "body");
  if (parameters.length === 0) return undefined;
  const bare = parameters.find((parameter) => parameter.bare);
  const schema =
    bare === undefined
      ? optional(Object.fromEntries(parameters.map((one) => [one.name, upstreamSchema(one)])))
      : upstreamSchema(bare);
  return { required: false, content: { "application/json": { schema } } };
}
