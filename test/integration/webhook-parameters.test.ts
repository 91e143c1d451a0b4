import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/webhook/endpoint.ts";
import { endpoints } from "../../src/webhook/endpoints.ts";
import type { Parameter } from "../../src/webhook/parameters.ts";
import { type Answer, createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let webhook: TestWebhook;

beforeAll(async () => {
  webhook = await startTestWebhook();
});

afterAll(() => webhook[Symbol.asyncDispose]());

afterEach(() => {
  webhook.stub.takeMethods();
});

const post = (path: string, body?: unknown): Promise<Answer> =>
  createCaller(webhook.url, "key").post(path, body);

const faults = ({ status, body }: Answer) => ({
  status,
  paths: body.errors?.map(({ path }: { readonly path: string }) => path),
});

const posts = endpoints.filter(({ method, body }) => method === "POST" && body === undefined);
const required = "path=x&repo=x&endpoint=me";

function address({ path }: Endpoint, query = ""): string {
  return `${path.replaceAll(/\{\w+\}/g, "x")}?${query}`;
}

/** What has to be given and can stand in the body alone, with other members. */
function bodyOf({ parameters }: Endpoint, others?: object): object | undefined {
  const needed = parameters.filter((one) => one.kind === "json" && one.required === true);
  if (needed.length === 0) return others;
  return { ...Object.fromEntries(needed.map(({ name }) => [name, true])), ...others };
}

/** A value that no parameter of this kind takes. */
function unfit({ kind }: Parameter): unknown {
  if (kind === "texts") return [1];
  return kind === "object" ? { a: { b: 1 } } : [[]];
}

for (const endpoint of posts) {
  describe(endpoint.name, () => {
    test("takes each of its parameters as a member of the body, and checks it there", async () => {
      const checked = endpoint.parameters.filter(({ kind }) => kind !== "json");
      const body = Object.fromEntries(checked.map((one) => [one.name, unfit(one)]));
      const given = faults(await post(address(endpoint), bodyOf(endpoint, body)));
      expect(given.status).toBe(422);
      const found = given.paths.map((path: string) => path.split(/[.[]/)[1]);
      expect(found).toEqual(checked.map(({ name }) => name));
    });

    test("refuses a member that it does not know, naming the nearest", async () => {
      const [first] = endpoint.parameters;
      const answer = await post(
        address(endpoint, required),
        bodyOf(endpoint, { [`${first?.name}s`]: "x" }),
      );
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toContain(`did you mean ${first?.name}?`);
      expect(answer.body.errors).toEqual([
        { path: `body.${first?.name}s`, message: expect.stringContaining("not a parameter") },
      ]);
    });

    test("reads a body as exactly one media type", async () => {
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"]) {
        const headers = ["authorization: Bearer key", `content-type: ${type}`];
        const line = `POST ${address(endpoint, required)}`;
        const answer = await sendRaw(webhook.url, rawRequest(line, headers, "{}"));
        expect(answer.status).toBe(415);
      }
    });

    // What follows is tried with project and domain.
    if (!endpoint.parameters.some(({ name }) => name === "project")) return;

    test("refuses identifiers that could be taken for something else, from both places", async () => {
      for (const hostile of ["a/b", "..", "a\\b", "a\u0000", "a\u202eb", "a%2fb", ""]) {
        const query = `${required}&project=${encodeURIComponent(hostile)}`;
        expect(faults(await post(address(endpoint, query), bodyOf(endpoint)))).toEqual({
          status: 422,
          paths: ["query.project"],
        });
        expect(
          faults(await post(address(endpoint, required), bodyOf(endpoint, { domain: hostile }))),
        ).toEqual({
          status: 422,
          paths: ["body.domain"],
        });
      }
    });

    test("refuses two values for one parameter", async () => {
      const query = `${required}&project=one`;
      expect(
        faults(await post(address(endpoint, query), bodyOf(endpoint, { project: "two" }))),
      ).toEqual({
        status: 422,
        paths: ["body.project"],
      });
      expect(
        faults(await post(address(endpoint, `${query}&project=one`), bodyOf(endpoint))),
      ).toEqual({
        status: 422,
        paths: ["query.project"],
      });
    });

    test("reports the faults of the query and the body together", async () => {
      const query = `${required}&project=a%2Fb`;
      const given = faults(
        await post(address(endpoint, query), bodyOf(endpoint, { domain: ".", zzzzzz: 1 })),
      );
      expect({ ...given, paths: given.paths.toSorted() }).toEqual({
        status: 422,
        paths: ["body.domain", "body.zzzzzz", "query.project"],
      });
    });
  });
}

test("nothing that was refused reached the control plane", async () => {
  await post("/app/x/activate", { domain: ".." });
  await post("/build-image", { pip_package: [] });
  await post("/run/x/abort", { project: "a/b" });
  expect(webhook.stub.takeMethods()).toEqual([]);
});

test("the reason and the place of a run may come from the body", async () => {
  const body = { reason: "too slow", project: "other", domain: "staging" };
  expect((await post("/run/run-of-other/abort", body)).body).toEqual({
    name: "run-of-other",
    status: "abort_requested",
    reason: "too slow",
    phase: "running",
    done: false,
  });
  const mixed = await post("/run/run-of-other/abort?reason=too%20slow&project=other", {
    reason: "too slow",
    domain: "staging",
  });
  expect(mixed.body.reason).toBe("too slow");
  expect((await post("/run/run-of-other/abort", { reason: null })).body.reason).toBe(
    "Aborted via webhook API",
  );
});

test("the body of run_task is its inputs, whatever their names", async () => {
  const path = "/run-task/development/flytesnacks/allowed.main";
  const answer = await post(`${path}?version=v1`, { version: "v9", x: 1 });
  expect(answer.status).toBe(400);
  expect(faults(answer).paths).toEqual(["version"]);
  expect(webhook.stub.takeMethods()).toEqual(["getTaskDetails"]);
  expect((await post(path, { x: 1 })).status).toBe(200);
});

test("endpoints that only read take no body, and say so to nobody", async () => {
  const headers = ["authorization: Bearer key", "content-type: text/plain"];
  const answer = await sendRaw(
    webhook.url,
    rawRequest("GET /run/run-of-other", headers, '{"project":"other"}'),
  );
  expect(answer.status).toBe(200);
  expect(answer.body).toContain("/project/flytesnacks/");
});

test("the OpenAPI document describes each body and the parameters in the query", async () => {
  const { body: document } = await createCaller(webhook.url).get("/openapi.json");
  for (const endpoint of posts) {
    const operation = document.paths[endpoint.path].post;
    const { schema, example } = operation.requestBody.content["application/json"];
    const object = schema.oneOf?.[0] ?? schema;
    expect(object.additionalProperties).toBe(false);
    expect(Object.keys(object.properties)).toEqual(endpoint.parameters.map(({ name }) => name));
    for (const name of Object.keys(example)) expect(Object.keys(object.properties)).toContain(name);
    const known = await post(address(endpoint), example);
    expect(known.body.code).not.toBe("invalid_request");
  }
  const { schema } =
    document.paths["/prefetch/hf-model"].post.requestBody.content["application/json"];
  expect(schema.oneOf[1]).toMatchObject({ type: "array", items: { type: "string" } });
  const packages = document.paths["/build-image"].post.parameters.find(
    ({ name }: { readonly name: string }) => name === "pip_packages",
  );
  expect(packages.schema).toMatchObject({ type: "array", items: { type: "string" } });
  const payload = document.paths["/app/{name}/call"].post.parameters.find(
    ({ name }: { readonly name: string }) => name === "payload",
  );
  expect(payload.content).toEqual({ "application/json": { schema: {} } });
});
