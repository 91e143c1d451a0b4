import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/webhook/endpoint.ts";
import { endpoints } from "../../src/webhook/endpoints.ts";
import type { JsonSchema } from "../../src/webhook/json-schema.ts";
import { problemKinds } from "../../src/webhook/problem-codes.ts";
import { type RawAnswer, rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

/**
 * Requests made from the endpoint table: right in most of their parts and wrong in some. Each has to
 * end, in the answer that the table declares or in a problem document, and never in a 500.
 * `FUZZ_RUNS` sets how many there are of each endpoint.
 */
const numRuns = Math.ceil(Number(process.env["FUZZ_RUNS"] ?? 2000) / endpoints.length);

let webhook: TestWebhook;

beforeAll(async () => {
  webhook = await startTestWebhook({ bodyLimitBytes: 16 * 1024 });
});

afterAll(() => webhook[Symbol.asyncDispose]());

const known = new Set(Object.values(problemKinds).map(({ status }) => status));

const segment = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "development", "flytesnacks", "run-of-allowed") },
  {
    weight: 2,
    arbitrary: fc.constantFrom("allowed.main", "absent", "test-webhook", "run-of-other"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("..", "%2e%2e", "a%2fb", "%00", "%zz", "", "a;b", "%E2%80%AE"),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }).map(encodeURIComponent) },
);

const queryText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("true", "0", "no", "1", "7", "-3", "v1", "/x", "org/model"),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("", "maybe", "1e3", "99999999999999999999", "{}", "[1]", "null"),
  },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
);

/** A parameter of the endpoint or a word that is none, given once or twice. */
function queryOf(endpoint: Endpoint): fc.Arbitrary<string> {
  const names = [...endpoint.parameters.map(({ name }) => name), "tasks", "__proto__", "x"];
  const required = endpoint.parameters.filter((parameter) => parameter.required === true);
  const pair = fc
    .tuple(fc.constantFrom(...names), queryText)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return fc
    .tuple(fc.array(pair, { maxLength: 4 }), fc.integer({ min: 0, max: 9 }))
    .map(([pairs, chance]) => {
      const given = chance < 8 ? required.map(({ name }) => `${name}=x`) : [];
      const query = [...given, ...pairs].join("&");
      return query === "" ? "" : `?${query}`;
    });
}

/** A value that a schema allows, or nearly. */
function schemaValue({
  type,
  properties,
  items,
  additionalProperties,
}: JsonSchema): fc.Arbitrary<unknown> {
  const inner = (schema: JsonSchema | boolean | undefined): fc.Arbitrary<unknown> =>
    typeof schema === "object" ? schemaValue(schema) : fc.jsonValue({ maxDepth: 2 });
  const kinds = (typeof type === "string" ? [type] : (type ?? [])).map((name) => {
    if (name === "object" && properties !== undefined) {
      const members = Object.entries(properties).map(([key, member]) => [key, schemaValue(member)]);
      return fc.record(Object.fromEntries(members), { requiredKeys: [] });
    }
    if (name === "object")
      return fc.dictionary(fc.string(), inner(additionalProperties), { maxKeys: 3 });
    if (name === "array") return fc.array(inner(items), { maxLength: 3 });
    if (name === "boolean") return fc.boolean();
    if (name === "integer") return fc.maxSafeInteger();
    return name === "null" ? fc.constant(null) : fc.string({ maxLength: 6 });
  });
  return fc.oneof({ weight: 6, arbitrary: fc.oneof(...kinds, fc.jsonValue()) }, fc.jsonValue());
}

/** The parameters in one object, some of them wrong, or inputs for a task. */
function bodyOf({ body, parameters }: Endpoint): fc.Arbitrary<string> {
  const members = parameters.map(({ name }) => [name, fc.jsonValue({ maxDepth: 2 })]);
  const whole = fc.record(Object.fromEntries(members), { requiredKeys: [] });
  const value: fc.Arbitrary<unknown> =
    body === undefined
      ? fc.oneof(whole, fc.jsonValue())
      : fc.oneof(schemaValue(body.schema), fc.constant({ x: 1 }));
  return fc.oneof(
    { weight: 8, arbitrary: value.map((one) => JSON.stringify(one)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", "{", '{"x":1,"x":2}', '{"__proto__":{}}', "[".repeat(500)),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
  );
}

const headers = fc
  .tuple(
    fc.oneof(
      { weight: 9, arbitrary: fc.constant("authorization: Bearer key") },
      fc.constantFrom("cookie: a=b", "x: y"),
    ),
    fc.oneof(
      { weight: 9, arbitrary: fc.constant("content-type: application/json") },
      fc.constantFrom(
        "content-type: text/plain",
        "content-type: application/json; x=y",
        "accept: */*",
      ),
    ),
    fc.oneof(
      { weight: 9, arbitrary: fc.constant("accept: */*") },
      fc.constantFrom("origin: null", "content-encoding: gzip"),
    ),
  )
  .map((lines) => [...lines]);

/** The document of a problem, or the declared answer: an object, or what an app says itself. */
function expectDeclared(endpoint: Endpoint, { status, head, body }: RawAnswer): void {
  if (status === 200) {
    const required = endpoint.answer.required ?? [];
    if (required.length > 0)
      expect(Object.keys(JSON.parse(body)).sort()).toEqual([...required].sort());
    return;
  }
  if (status === 307) return; // an empty name at the end is a slash too many
  expect(status).not.toBe(500);
  expect(known).toContain(status);
  expect(head).toMatch(/^content-type: application\/problem\+json\r?$/m);
  const document = JSON.parse(body);
  expect(document).toMatchObject({ status, type: `urn:flyte-webhook:problem:${document.code}` });
  expect(document.detail).toBeTypeOf("string");
}

describe("no request to", () => {
  for (const endpoint of endpoints) {
    test(`${endpoint.name} makes the webhook fail, hang or answer what it does not declare`, async () => {
      const holes = [...endpoint.path.matchAll(/\{\w+\}/g)].length;
      const path = fc
        .array(segment, { minLength: holes, maxLength: holes })
        .map((parts) =>
          parts.reduce((text, part) => text.replace(/\{\w+\}/, () => part), endpoint.path),
        );
      await fc.assert(
        fc.asyncProperty(
          path,
          queryOf(endpoint),
          headers,
          bodyOf(endpoint),
          async (place, query, lines, body) => {
            const line = `${endpoint.method} ${place}${query}`;
            const sent = endpoint.method === "GET" ? "" : body;
            const answer = await sendRaw(webhook.url, rawRequest(line, lines, sent));
            expectDeclared(endpoint, answer);
            webhook.stub.takeMethods();
          },
        ),
        { numRuns },
      );
      expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
    });
  }
});
