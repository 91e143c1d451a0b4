import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { problemKinds } from "../../src/webhook/problem-codes.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

/** Random requests over real sockets. `FUZZ_RUNS` sets how many; the seed is printed on failure. */
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 2000);

let webhook: TestWebhook;

beforeAll(async () => {
  webhook = await startTestWebhook({ taskAllowlist: ["development/flytesnacks/allowed.main"] });
});

afterAll(() => webhook[Symbol.asyncDispose]());

const known = new Set(Object.values(problemKinds).map(({ status }) => status));
const credential = "authorization: Bearer key";

async function expectSound(line: string, headers: readonly string[], body: string) {
  const answer = await sendRaw(webhook.url, rawRequest(line, headers, body));
  if ([200, 307].includes(answer.status)) return answer;
  expect(known).toContain(answer.status);
  expect(answer.status).not.toBe(500);
  expect(JSON.parse(answer.body)).toMatchObject({ status: answer.status });
  return answer;
}

const piece = fc.oneof(
  fc.constantFrom(
    "run",
    "run-task",
    "task",
    "app",
    "io",
    "abort",
    "health",
    "me",
    "..",
    ".",
    "%2f",
    "%2e",
  ),
  fc.constantFrom(
    "%00",
    "%5c",
    "%25",
    "%",
    "%zz",
    "%ff",
    ";",
    "#",
    "?",
    "//",
    "docs",
    "allowed.main",
  ),
  fc.constantFrom("development", "flytesnacks", "run-of-other", "run-of-allowed", "a=b", "&"),
  fc.string({ maxLength: 5 }).map(encodeURIComponent),
);
const target = fc.array(piece, { maxLength: 6 }).map((pieces) => `/${pieces.join("/")}`);

test("no target makes the webhook fail, or passes the fence", async () => {
  const method = fc.constantFrom("GET", "POST", "HEAD", "PUT");
  await fc.assert(
    fc.asyncProperty(method, target, async (verb, path) => {
      webhook.stub.takeMethods();
      const answer = await sendRaw(webhook.url, rawRequest(`${verb} ${path}`, [credential]));
      expect(answer.status === 200 || answer.status === 307 || known.has(answer.status)).toBe(true);
      expect(answer.status).not.toBe(500);
      const methods = webhook.stub.takeMethods();
      expect(methods).not.toContain("createRun");
      if (!path.includes("run-of-allowed")) expect(methods).not.toContain("abortRun");
    }),
    { numRuns },
  );
});

test("no body makes the webhook fail", async () => {
  const text = fc.oneof(
    fc.json({ maxDepth: 6 }),
    fc.string({ unit: "binary" }),
    fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 3 })).map(([json, at, inserted]) => {
      const index = at % (json.length + 1);
      return json.slice(0, index) + inserted + json.slice(index);
    }),
  );
  const headers = [credential, "content-type: application/json"];
  await fc.assert(
    fc.asyncProperty(text, async (body) => {
      const line = "POST /run-task/development/flytesnacks/allowed.main";
      await expectSound(line, headers, body);
    }),
    { numRuns },
  );
});

test("no header value makes the webhook fail", async () => {
  const name = fc.constantFrom("authorization", "cookie", "content-type", "x-request-id", "expect");
  const value = fc
    .string({ unit: "binary", maxLength: 40 })
    .map((text) => text.replaceAll(/[\r\n\0]/g, ""));
  await fc.assert(
    fc.asyncProperty(name, value, async (header, text) => {
      const answer = await sendRaw(webhook.url, rawRequest("GET /run/x", [`${header}: ${text}`]));
      expect(known.has(answer.status) || answer.status === 417).toBe(true);
      expect(answer.status).not.toBe(500);
    }),
    { numRuns },
  );
});
