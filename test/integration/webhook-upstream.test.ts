import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../../src/webhook/endpoints.ts";
import { createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let webhook: TestWebhook;
let fenced: TestWebhook;
let small: TestWebhook;
let cutOff: TestWebhook;

beforeAll(async () => {
  [webhook, fenced, small, cutOff] = await Promise.all([
    startTestWebhook({ compat: "upstream" }),
    startTestWebhook({ compat: "upstream", taskAllowlist: ["other.task"] }),
    startTestWebhook({ compat: "upstream", bodyLimitBytes: 100 }),
    startTestWebhook({ compat: "upstream" }),
  ]);
  await cutOff.stub[Symbol.asyncDispose]();
});

afterAll(async () => {
  const all = [webhook, fenced, small, cutOff];
  await Promise.all(all.map((one) => one[Symbol.asyncDispose]()));
});

afterEach(() => webhook.stub.failures.clear());

const key = "authorization: Bearer planted-credential";
const send = (line: string, headers: readonly string[] = [key], body = "", to = webhook) =>
  sendRaw(to.url, rawRequest(line, headers, body));

const details = (answer: { readonly head: string }): void =>
  expect(answer.head).toMatch(/^content-type: application\/json\r?$/m);

describe("before an endpoint is reached", () => {
  test("a request without a credential is 401 wherever it goes", async () => {
    for (const line of ["GET /me", "GET /nowhere", "POST /me", "GET /me/"]) {
      const answer = await send(line, []);
      expect(answer.status).toBe(401);
      expect(answer.body).toBe('{"detail":"Authentication credentials required"}');
      expect(answer.head).toMatch(/^www-authenticate: Bearer\r?$/m);
      details(answer);
    }
  });

  test("an unknown path is 404", async () => {
    const answer = await send("GET /nowhere");
    expect(answer.status).toBe(404);
    expect(answer.body).toBe('{"detail":"Not Found"}');
    details(answer);
  });

  test("another method is 405 with Allow, HEAD included", async () => {
    for (const { path, method } of endpoints) {
      const concrete = path.replaceAll(/\{\w+\}/g, "x");
      const answer = await send(`${method === "GET" ? "POST" : "GET"} ${concrete}`);
      expect(answer.status).toBe(405);
      expect(answer.body).toBe('{"detail":"Method Not Allowed"}');
      expect(answer.head).toMatch(new RegExp(`^allow: ${method}\\r?$`, "m"));
      details(answer);
      expect((await send(`HEAD ${concrete}`)).status).toBe(405);
    }
  });

  test("a slash at the end is 307", async () => {
    expect((await send("GET /me/?a=b")).status).toBe(307);
  });
});

describe("what stays safe answers in the same form", () => {
  test("hostile path segments and identifiers are 400", async () => {
    for (const line of [
      "GET /run/a%2fb",
      "GET /run/..",
      "GET /run/a%00",
      "GET /app/my-app?project=a%2Fb",
      "POST /app/my-app/activate?domain=..",
      "GET /task/d/p/t?version=%e2%80%ae",
      "GET /task/d/p/t?version=",
      "GET /run/%zz",
    ]) {
      const answer = await send(line);
      expect(`${line} ${answer.status}`).toBe(`${line} 400`);
      expect(Object.keys(JSON.parse(answer.body))).toEqual(["detail"]);
      details(answer);
    }
    expect(webhook.stub.takeMethods()).toEqual([]);
  });

  test("bodies above the limit are 413, whether they are read or not", async () => {
    for (const path of ["/run-task/d/p/t", "/run/r/abort", "/build-image"]) {
      const answer = await send(`POST ${path}`, [key], "x".repeat(101), small);
      expect(answer.status).toBe(413);
      expect(answer.body).toBe('{"detail":"The body is longer than the 100 bytes allowed here."}');
    }
  });

  test("a control plane out of reach does not give its address away", async () => {
    for (const [line, words] of [
      ["GET /run/r", "Run r not found: The control plane cannot be reached. Try again later."],
      ["GET /task/d/p/t", "The control plane cannot be reached. Try again later."],
    ] as const) {
      expect((await send(line, [key], "", cutOff)).body).toBe(JSON.stringify({ detail: words }));
    }
    const me = await send("GET /me", [key], "", cutOff);
    expect(me.status).toBe(401);
    expect(me.body).toBe('{"detail":"Invalid credentials or unauthorized"}');
    expect(me.head).not.toMatch(/^www-authenticate/m);
  });

  test("the caller's credential is taken out of what the control plane says", async () => {
    webhook.stub.failures.set(
      "getRunDetails",
      new ConnectError('got "Bearer planted-credential"', Code.PermissionDenied),
    );
    expect((await send("GET /run/r")).body).toBe(
      '{"detail":"Run r not found: got \\"[credential]\\""}',
    );
    const body = '{"x":"planted-credential","y":["planted-credential"]}';
    const answer = await send("POST /run-task/d/p/t", [key, "content-type: text/plain"], body);
    expect(answer.status).toBe(422);
    expect(answer.body).not.toContain("planted");
  });

  test("a run outside the allowlist reads like an absent one, letter by letter", async () => {
    for (const [method, tail] of [
      ["GET", ""],
      ["GET", "/io"],
      ["POST", "/abort"],
    ] as const) {
      const read = async (run: string) => {
        const answer = await send(`${method} /run/${run}${tail}`, [key], "", fenced);
        return `${answer.status} ${answer.body.replaceAll(run, "RUN")}`;
      };
      const absent = await read("run-absent");
      expect(absent).not.toContain("shard");
      expect(await read("run-of-other")).toBe(absent);
      expect(await read("run-of-unknown")).toBe(absent);
    }
    expect(fenced.stub.takeMethods()).not.toContain("abortRun");
  });
});

test("project and domain of runs are not known to the original and ignored", async () => {
  const answer = await send("GET /run/run-of-other?project=a%2Fb&domain=staging");
  expect(answer.status).toBe(200);
  expect(answer.body).toContain("/v2/domain/development/project/flytesnacks/");
  webhook.stub.takeMethods();
});

test("an empty project or domain is the webhook's own", async () => {
  expect((await send("GET /run/run-of-other?project=&domain=")).status).toBe(200);
  webhook.stub.takeMethods();
});

test("the OpenAPI document has the parameters in the original's places alone", async () => {
  const { body } = await createCaller(webhook.url).get("/openapi.json");
  const { paths, components } = body;
  const names = (path: string, method: string) =>
    (paths[path][method].parameters ?? [])
      .filter((one: { readonly in: string }) => one.in !== "header")
      .map(({ name }: { readonly name: string }) => name);
  expect(names("/run/{name}", "get")).toEqual(["name"]);
  expect(names("/build-image", "post")).toEqual([
    "base_image",
    "python_version",
    "flyte_version",
    "name",
    "pre",
  ]);
  const schemaOf = (path: string) =>
    paths[path].post.requestBody?.content["application/json"].schema;
  expect(Object.keys(schemaOf("/build-image").properties)).toEqual([
    "pip_packages",
    "apt_packages",
    "platform",
  ]);
  expect(schemaOf("/prefetch/hf-model").type).toEqual(["array", "null"]);
  expect(schemaOf("/app/{name}/call").properties.payload.type).toEqual(["object", "null"]);
  expect(schemaOf("/run/{name}/abort")).toBeUndefined();
  expect(Object.keys(components.schemas)).toEqual(["Detail"]);
  expect(JSON.stringify(paths)).not.toContain("problem+json");
  for (const { path, method } of endpoints) {
    expect(Object.keys(paths[path][method.toLowerCase()].responses)).toContain("400");
  }
});
