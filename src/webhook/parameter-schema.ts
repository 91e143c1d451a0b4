import { maxTextLength } from "./convert-parameter.ts";
import {
  anything,
  flag,
  integer,
  type JsonSchema,
  list,
  map,
  nullable,
  optional,
  text,
} from "./json-schema.ts";
import type { Parameter, ParameterKind } from "./parameters.ts";

const shortText: JsonSchema = { ...text, maxLength: maxTextLength };

const kinds: Readonly<Record<ParameterKind, JsonSchema>> = {
  identifier: { ...text, minLength: 1, maxLength: 255 },
  text: shortText,
  boolean: flag,
  integer,
  texts: list(shortText),
  object: map("An object."),
  json: anything,
};

/** The values of a parameter as a JSON Schema. */
export function parameterSchema({ kind, default: byDefault, least }: Parameter): JsonSchema {
  const schema = least === undefined ? kinds[kind] : { ...kinds[kind], minimum: least };
  return byDefault === undefined ? schema : { ...schema, default: byDefault };
}

/** The one object of all parameters, as the body may be. */
export function parametersSchema(parameters: readonly Parameter[]): JsonSchema {
  const members = parameters.map((parameter) => {
    const { name, kind, description, required } = parameter;
    const schema = { ...parameterSchema(parameter), description };
    return [name, required === true || kind === "json" ? schema : nullable(schema)] as const;
  });
  return { ...optional(Object.fromEntries(members)), additionalProperties: false };
}
