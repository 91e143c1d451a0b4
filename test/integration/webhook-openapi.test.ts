import { expect, test } from "vitest";
import type { EndpointGroup } from "../../src/webhook/endpoint.ts";
import { endpoints } from "../../src/webhook/endpoints.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { openApiFaults } from "../support/open-api-faults.ts";
import { startTestWebhook } from "../support/webhook.ts";

type Selection = Pick<WebhookOptions, "endpointGroups" | "endpoints" | "compat">;

/** As far as it is looked at here. */
interface Operation {
  readonly parameters?: readonly { readonly name: string }[];
  readonly responses: Readonly<
    Record<
      number,
      { readonly description: string; readonly headers: Readonly<Record<string, unknown>> }
    >
  >;
}

const groups: readonly EndpointGroup[] = [...new Set(endpoints.map(({ group }) => group))];

const selections: readonly Selection[] = [
  {},
  { compat: "upstream" },
  { endpoints: [] },
  { endpointGroups: [] },
  ...groups.map((group) => ({ endpointGroups: [group] })),
  ...groups.map((left) => ({ endpointGroups: groups.filter((group) => group !== left) })),
  ...endpoints.map(({ name }) => ({ endpoints: [name] })),
];

// biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in the document
async function readDocument(selection: Selection): Promise<any> {
  await using webhook = await startTestWebhook(selection);
  const answer = await fetch(`${webhook.url}/openapi.json`);
  expect(answer.status).toBe(200);
  return answer.json();
}

for (const selection of selections) {
  test(`the document is sound with ${JSON.stringify(selection)}`, async () => {
    expect(openApiFaults(await readDocument(selection))).toEqual([]);
  });
}

/** Ways to break a document, and a word of the fault each makes. */
const breakages: readonly (readonly [
  name: string,
  // biome-ignore lint/suspicious/noExplicitAny: the document is broken on purpose
  spoil: (document: any) => void,
  fault: string,
])[] = [
  ["another version", (it) => Object.assign(it, { openapi: "3.0.3" }), "no OpenAPI 3.1"],
  ["no title", (it) => Object.assign(it.info, { title: "" }), "no info"],
  ["a schema that is gone", (it) => delete it.components.schemas.Problem, "#/components/schemas"],
  [
    "an id used twice",
    (it) => Object.assign(it.paths["/me"].get, { operationId: "health" }),
    "health twice",
  ],
  ["an undeclared parameter", (it) => it.paths["/run/{name}"].get.parameters.shift(), "lacks name"],
  [
    "a parameter without a place in the path",
    (it) =>
      it.paths["/me"].get.parameters?.push({}) ??
      Object.assign(it.paths["/me"].get, {
        parameters: [{ name: "x", in: "path", required: true, schema: {} }],
      }),
    "has x",
  ],
  [
    "an answer without a description",
    (it) => delete it.paths["/me"].get.responses[401].description,
    "has no description",
  ],
  [
    "an unknown scheme",
    (it) => delete it.components.securitySchemes.cookie,
    "unknown scheme cookie",
  ],
  [
    "a body that does not say if it is required",
    (it) => delete it.paths["/run-task/{domain}/{project}/{name}"].post.requestBody.required,
    "does not say",
  ],
  [
    "a body without a schema",
    (it) => {
      it.paths["/run-task/{domain}/{project}/{name}"].post.requestBody.content = {};
    },
    "has no content",
  ],
  [
    "two templates for one path",
    (it) => Object.assign(it.paths, { "/run/{other}": it.paths["/run/{name}"] }),
    "there twice",
  ],
  ["an unknown tag", (it) => it.tags.shift(), "tags"],
];

for (const [name, spoil, fault] of breakages) {
  test(`a document with ${name} would be noticed`, async () => {
    const document = await readDocument({});
    spoil(document);
    expect(openApiFaults(document).join("\n")).toContain(fault);
  });
}

test.each([undefined, "upstream"] as const)(
  "what starts runs takes a key, with compat %s",
  async (compat) => {
    const document = await readDocument({
      ...(compat && { compat }),
      endpointGroups: ["all", "fire"],
    });
    const keyed = Object.entries<Record<string, Operation>>(document.paths).flatMap(
      ([path, methods]) =>
        Object.values(methods)
          .filter((one) => one.parameters?.some((it) => it.name === "Idempotency-Key"))
          .map((one) => ({ path, responses: one.responses })),
    );
    expect(keyed.map(({ path }) => path)).toEqual([
      "/run-task/{domain}/{project}/{name}",
      "/build-image",
      "/prefetch/hf-model",
      "/trigger/{task_name}/{trigger_name}/fire",
    ]);
    for (const { responses } of keyed) {
      expect(responses[200]?.headers["Idempotency-Replayed"]).toBeDefined();
      expect(responses[409]?.headers["Retry-After"]).toBeDefined();
      expect(responses[422]?.description).toContain("another payload");
    }
  },
);
