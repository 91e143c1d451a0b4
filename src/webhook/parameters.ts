/**
 * What a parameter holds. `identifier` follows the rules of a path parameter, `texts` is a list of
 * texts, `object` has scalars or lists of scalars as members, `json` is any JSON value.
 */
export type ParameterKind =
  | "identifier"
  | "text"
  | "boolean"
  | "integer"
  | "texts"
  | "object"
  | "json";

/** One parameter of an endpoint, beside those of its path. */
export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly kind: ParameterKind;
  /** Where the original takes it. Here it may come in either place. */
  readonly place: "query" | "body";
  readonly required?: true;
  readonly default?: string | number | boolean;
  /** The smallest integer that is taken. */
  readonly least?: number;
  /** A body that is a list and no object is the value of this parameter. */
  readonly bare?: true;
  /** The original does not know it, so that `compat: "upstream"` ignores it. */
  readonly added?: true;
}

export const version: Parameter = {
  name: "version",
  description: "The task's version. Without it, the one deployed last.",
  kind: "identifier",
  place: "query",
};

/** The project and domain of what the path names, when not the webhook's own. */
export const scope: readonly Parameter[] = [
  {
    name: "project",
    description: "The project. Without it, the webhook's own.",
    kind: "identifier",
    place: "query",
  },
  {
    name: "domain",
    description: "The domain. Without it, the webhook's own.",
    kind: "identifier",
    place: "query",
  },
];

/** {@link scope} where the original has only its own project and domain. */
export const addedScope: readonly Parameter[] = scope.map((parameter) => ({
  ...parameter,
  added: true,
}));

export const abortReason: Parameter = textParameter(
  "reason",
  "Kept with the run.",
  "Aborted via webhook API",
);

export function textParameter(name: string, description: string, byDefault?: string): Parameter {
  return {
    name,
    description,
    kind: "text",
    place: "query",
    ...(byDefault !== undefined && { default: byDefault }),
  };
}

export function requiredText(name: string, description: string): Parameter {
  return { name, description, kind: "text", place: "query", required: true };
}

export function switchParameter(name: string, description: string): Parameter {
  return { name, description, kind: "boolean", place: "query", default: false };
}

export function integerParameter(name: string, description: string, byDefault: number): Parameter {
  return { name, description, kind: "integer", place: "query", default: byDefault };
}

/** A parameter that the original takes as a member of the body. */
export function bodyParameter(
  name: string,
  description: string,
  kind: "texts" | "object" | "json",
): Parameter {
  return { name, description, kind, place: "body" };
}
