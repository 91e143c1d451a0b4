import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../../src/webhook/endpoints.ts";
import { problemKinds } from "../../src/webhook/problem-codes.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let open: TestWebhook;
let small: TestWebhook;
let shut: TestWebhook;
let off: TestWebhook;

beforeAll(async () => {
  [open, small, shut, off] = await Promise.all([
    startTestWebhook({ title: "A <b>title</b>" }),
    startTestWebhook({ endpointGroups: ["core"] }),
    startTestWebhook({ docs: "protected" }),
    startTestWebhook({ docs: "off" }),
  ]);
});

afterAll(async () => {
  await Promise.all([open, small, shut, off].map((webhook) => webhook[Symbol.asyncDispose]()));
});

// biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in the document
async function readOpenApi({ url }: TestWebhook): Promise<any> {
  const answer = await fetch(`${url}/openapi.json`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  return answer.json();
}

describe("/openapi.json", () => {
  test("describes every endpoint of the table with its parameters, body and errors", async () => {
    const document = await readOpenApi(open);
    expect(document.openapi).toBe("3.1.0");
    expect(document.info).toEqual({
      title: "A <b>title</b>",
      description: "A webhook service for Flyte operations",
      version: "1.0.0",
    });
    for (const endpoint of endpoints) {
      const operation = document.paths[endpoint.path][endpoint.method.toLowerCase()];
      expect(operation.operationId).toBe(endpoint.name);
      const listed: { name: string; in: string }[] = operation.parameters ?? [];
      const names = listed
        .filter((one) => one.in !== "header")
        .map(({ name }: { name: string }) => name);
      const inPath = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(names).toEqual([...inPath, ...endpoint.parameters.map(({ name }) => name)]);
      const ownBody = endpoint.body?.required ?? false;
      expect(operation.requestBody?.required).toBe(
        endpoint.method === "POST" ? ownBody : undefined,
      );
      const { content } = operation.responses[200];
      const json = content["application/json"] ?? content["*/*"];
      if (json === undefined) expect(Object.keys(content)).not.toEqual([]);
      else expect(json.example).toEqual(endpoint.example);
      expect(operation.security).toEqual(endpoint.public ? [] : undefined);
      if (!endpoint.public) expect(Object.keys(operation.responses)).toContain("401");
    }
    const { Problem } = document.components.schemas;
    expect(Problem.properties.code.enum).toEqual(Object.keys(problemKinds));
  });

  test("lists nothing that is not served", async () => {
    const document = await readOpenApi(small);
    expect(Object.keys(document.paths)).toEqual(["/health", "/me"]);
    expect(document.tags).toEqual([{ name: "core" }]);
  });

  test("refers to nothing that is not there, and to nothing outside", async () => {
    const document = await readOpenApi(open);
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
    for (const [, path = ""] of references) {
      const target = path.split("/").reduce((node, key) => node?.[key], document);
      expect(target).toBeDefined();
    }
  });
});

describe("pages", () => {
  for (const page of ["docs", "redoc"]) {
    test(`/${page} works from files of its own under a strict policy`, async () => {
      const answer = await fetch(`${open.url}/${page}`);
      const html = await answer.text();
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(html).toContain("A &lt;b&gt;title&lt;/b&gt;");
      expect(html).not.toMatch(/<script>|https?:/);
      const files = [...html.matchAll(/(?:src|href)="([^":]+)"/g)].map(([, file]) => file);
      expect(files.length).toBeGreaterThanOrEqual(2);
      for (const file of files) {
        const asset = await fetch(`${open.url}/${file}`);
        expect(`${file} ${asset.status}`).toBe(`${file} 200`);
        expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
        expect(asset.headers.get("x-content-type-options")).toBe("nosniff");
        expect((await asset.text()).length).toBeGreaterThan(50);
      }
    });
  }

  test("the logo of Redoc is not fetched from its maker", async () => {
    const script = await (await fetch(`${open.url}/redoc/redoc.standalone.js`)).text();
    expect(script).not.toContain("cdn.redoc.ly/redoc/logo");
  });

  test("protected pages need a credential", async () => {
    for (const path of ["/docs", "/redoc", "/openapi.json", "/docs/init.js"]) {
      expect((await fetch(`${shut.url}${path}`)).status).toBe(401);
      const headers = { authorization: "Bearer key" };
      expect((await fetch(`${shut.url}${path}`, { headers })).status).toBe(200);
    }
    expect((await fetch(`${shut.url}/health`)).status).toBe(200);
  });

  test("pages that are off are not there", async () => {
    for (const path of ["/docs", "/redoc", "/openapi.json", "/docs/init.js"]) {
      expect((await fetch(`${off.url}${path}`)).status).toBe(401);
      const headers = { authorization: "Bearer key" };
      expect((await fetch(`${off.url}${path}`, { headers })).status).toBe(404);
    }
  });
});
