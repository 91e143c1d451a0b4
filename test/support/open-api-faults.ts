/** A node of a document that was read from the wire. */
type Node = Readonly<Record<string, unknown>>;

const methods = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

function members(value: unknown): readonly (readonly [name: string, value: Node])[] {
  return isNode(value)
    ? Object.entries(value).flatMap(([name, member]) => (isNode(member) ? [[name, member]] : []))
    : [];
}

function list(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function resolves(reference: string, document: Node): boolean {
  if (!reference.startsWith("#/")) return false;
  const names = reference.slice(2).split("/");
  let current: unknown = document;
  for (const name of names) {
    const key = decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isNode(current) || !Object.hasOwn(current, key)) return false;
    current = current[key];
  }
  return isNode(current);
}

function references(value: unknown): readonly string[] {
  if (!isNode(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === "$ref" && typeof member === "string" ? [member] : references(member),
  );
}

function twice(names: readonly unknown[]): readonly unknown[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

function contentFaults(place: string, holder: Node): readonly string[] {
  const media = members(holder["content"]);
  if (media.length === 0) return [`${place} has no content`];
  return media.flatMap(([type, { schema }]) =>
    isNode(schema) ? [] : [`${place} ${type} has no schema`],
  );
}

function parameterFaults(place: string, path: string, operation: Node): readonly string[] {
  const parameters = list(operation["parameters"]);
  const inPath = parameters.filter((one) => one["in"] === "path");
  const wanted = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name);
  const declared = inPath.map(({ name }) => name);
  return [
    ...wanted.filter((name) => !declared.includes(name)).map((name) => `${place} lacks ${name}`),
    ...declared
      .filter((name) => !wanted.includes(String(name)))
      .map((name) => `${place} has ${name}`),
    ...inPath.filter(({ required }) => required !== true).map(() => `${place} path not required`),
    ...twice(parameters.map((one) => `${one["in"]} ${one["name"]}`)).map(
      (name) => `${place} ${name} twice`,
    ),
    ...parameters
      .filter((one) => isNode(one["schema"]) === isNode(one["content"]))
      .map(({ name }) => `${place} ${name} has not one schema`),
  ];
}

function bodyFaults(place: string, method: string, body: unknown): readonly string[] {
  if (body === undefined) return [];
  if (!isNode(body)) return [`${place} body`];
  return [
    ...(method === "post" ? [] : [`${place} has a body`]),
    ...(typeof body["required"] === "boolean"
      ? []
      : [`${place} body does not say if it is required`]),
    ...contentFaults(`${place} body`, body),
  ];
}

function responseFaults(place: string, responses: unknown): readonly string[] {
  const all = members(responses);
  return [
    ...(all.some(([status]) => status === "200") ? [] : [`${place} never succeeds`]),
    ...all.flatMap(([status, response]) => [
      ...(/^[1-5]\d\d$/.test(status) ? [] : [`${place} ${status} is no status`]),
      ...(typeof response["description"] === "string" && response["description"] !== ""
        ? []
        : [`${place} ${status} has no description`]),
      // That status stands for an answer without a body.
      ...(status === "204" ? [] : contentFaults(`${place} ${status}`, response)),
    ]),
  ];
}

function securityFaults(place: string, security: unknown, document: Node): readonly string[] {
  const { securitySchemes } = isNode(document["components"]) ? document["components"] : {};
  const known = members(securitySchemes).map(([name]) => name);
  return list(security)
    .flatMap((requirement) => Object.keys(requirement))
    .filter((name) => !known.includes(name))
    .map((name) => `${place} asks for the unknown scheme ${name}`);
}

/** Everything in which a document is no OpenAPI 3.1 document that a generator could use. */
export function openApiFaults(document: Node): readonly string[] {
  const { info, tags } = document;
  const knownTags = list(tags).map(({ name }) => name);
  const paths = members(document["paths"]);
  const operations = paths.flatMap(([path, item]) =>
    members(item).map(([method, operation]) => ({ path, method, operation })),
  );
  const shapes = paths.map(([path]) => path.replaceAll(/\{[^}]*\}/g, "{}"));
  return [
    ...(/^3\.1\.\d+$/.test(String(document["openapi"])) ? [] : ["no OpenAPI 3.1"]),
    ...(isNode(info) && info["title"] && info["version"] ? [] : ["no info"]),
    ...(isNode(document["paths"]) ? [] : ["no paths"]),
    ...paths.filter(([path]) => !path.startsWith("/")).map(([path]) => `${path} is no path`),
    ...twice(shapes).map((path) => `${path} is there twice`),
    ...twice(operations.map(({ operation }) => operation["operationId"])).map(
      (id) => `${id} twice`,
    ),
    ...references(document).filter((one) => !resolves(one, document)),
    ...securityFaults("document", document["security"], document),
    ...operations.flatMap(({ path, method, operation }) => {
      const place = `${method} ${path}`;
      const { operationId, tags: own } = operation;
      return [
        ...(methods.has(method) ? [] : [`${place} is no method`]),
        ...(/^\w+$/.test(String(operationId ?? "")) ? [] : [`${place} has no operationId`]),
        ...(Array.isArray(own) && own.every((tag) => knownTags.includes(tag))
          ? []
          : [`${place} tags`]),
        ...parameterFaults(place, path, operation),
        ...bodyFaults(place, method, operation["requestBody"]),
        ...responseFaults(place, operation["responses"]),
        ...securityFaults(place, operation["security"], document),
      ];
    }),
  ];
}
