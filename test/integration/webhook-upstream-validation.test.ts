import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let webhook: TestWebhook;

beforeAll(async () => {
  webhook = await startTestWebhook({ compat: "upstream" });
});

afterAll(() => webhook[Symbol.asyncDispose]());

interface Row {
  readonly request: string;
  readonly body?: string | Buffer;
  /** @default application/json */
  readonly type?: string;
  /** The body of the answer: what FastAPI and pydantic say to the same request. */
  readonly says: string;
  /** @default 422 */
  readonly status?: number;
}

const run = "POST /run-task/development/flytesnacks/allowed.main";
const call = "POST /app/my-app/call";
const build = "POST /build-image";
const prefetch = "POST /prefetch/hf-model";

const missing = (...loc: readonly string[]) =>
  `{"type":"missing","loc":${JSON.stringify(loc)},"msg":"Field required","input":null}`;
const type = (kind: string, loc: readonly (string | number)[], msg: string, input: string) =>
  `{"type":"${kind}","loc":${JSON.stringify(loc)},"msg":"${msg}","input":${input}}`;
const notDict = (loc: readonly string[], input: string) =>
  type("dict_type", loc, "Input should be a valid dictionary", input);
const notList = (loc: readonly string[], input: string) =>
  type("list_type", loc, "Input should be a valid list", input);
const notString = (loc: readonly (string | number)[], input: string) =>
  type("string_type", loc, "Input should be a valid string", input);
const notBool = (name: string, input: string) =>
  type(
    "bool_parsing",
    ["query", name],
    "Input should be a valid boolean, unable to interpret input",
    input,
  );
const notInt = (input: string) =>
  type(
    "int_parsing",
    ["query", "force"],
    "Input should be a valid integer, unable to parse string as an integer",
    input,
  );
const notJson = (offset: number, reason: string) =>
  `{"type":"json_invalid","loc":["body",${offset}],"msg":"JSON decode error","input":{},"ctx":{"error":"${reason}"}}`;

const rows: readonly Row[] = [
  { request: run, says: missing("body") },
  { request: run, body: "null", says: notDict(["body"], "null") },
  { request: run, body: '[1,"é"]', says: notDict(["body"], '[1,"é"]') },
  { request: run, body: '"x"', says: notDict(["body"], '"x"') },
  { request: run, body: '{"x":1}', type: "text/plain", says: notDict(["body"], '"{\\"x\\":1}"') },
  { request: run, body: '{"x":1}', type: "", says: notDict(["body"], '"{\\"x\\":1}"') },
  {
    request: run,
    body: "[12345678901234567890]",
    type: "Application/vnd.api+json; x",
    says: notDict(["body"], "[12345678901234567890]"),
  },
  {
    request: run,
    body: "{",
    says: notJson(1, "Expecting property name enclosed in double quotes"),
  },
  { request: run, body: '{"a":"😀" x}', says: notJson(9, "Expecting ',' delimiter") },
  { request: run, body: "  ", says: notJson(2, "Expecting value") },
  { request: run, body: "{} x", says: notJson(3, "Extra data") },
  { request: call, says: missing("query", "path") },
  {
    request: call,
    body: "[1]",
    says: [
      missing("query", "path"),
      missing("body", "payload"),
      missing("body", "query_params"),
    ].join(),
  },
  {
    request: `${call}?path=x`,
    body: "null",
    says: [missing("body", "payload"), missing("body", "query_params")].join(),
  },
  {
    request: `${call}?path=x`,
    body: '{"payload":[1],"query_params":"x","z":1}',
    says: [notDict(["body", "payload"], "[1]"), notDict(["body", "query_params"], '"x"')].join(),
  },
  {
    request: call,
    body: '{"payload":1,"path":"/x"}',
    says: [missing("query", "path"), notDict(["body", "payload"], "1")].join(),
  },
  {
    request: `${call}?path`,
    body: "{bad",
    says: notJson(1, "Expecting property name enclosed in double quotes"),
  },
  {
    request: `${build}?pre=q&pip_packages=a`,
    body: '{"pip_packages":"a","apt_packages":[1,"x",null],"platform":{"a":1}}',
    says: [
      notBool("pre", '"q"'),
      notList(["body", "pip_packages"], '"a"'),
      notString(["body", "apt_packages", 0], "1"),
      notString(["body", "apt_packages", 2], "null"),
      notList(["body", "platform"], '{"a":1}'),
    ].join(),
  },
  { request: `${build}?pre=`, says: notBool("pre", '""') },
  { request: `${build}?pre=yes&pre=%20true`, says: notBool("pre", '" true"') },
  { request: "POST /app/my-app/activate?wait=maybe", says: notBool("wait", '"maybe"') },
  { request: "POST /app/my-app/deactivate?wait=2", body: "{bad", says: notBool("wait", '"2"') },
  {
    request: `${prefetch}?force=x`,
    body: '{"modality":["text"]}',
    says: [
      missing("query", "repo"),
      notInt('"x"'),
      notList(["body"], '{"modality":["text"]}'),
    ].join(),
  },
  { request: `${prefetch}?repo=a`, body: '["text",1]', says: notString(["body", 1], "1") },
  {
    request: `${prefetch}?repo=a`,
    body: "text",
    type: "text/plain",
    says: notList(["body"], '"text"'),
  },
  ...["1.5", "1e3", "", "0x1", "1__0", "_1", "1."].map((text) => ({
    request: `${prefetch}?repo=a&force=${text}`,
    says: notInt(JSON.stringify(text)),
  })),
];

/** Read as something else, or with a doubt: refused, in the original's words for what it cannot read. */
const unreadable: readonly (string | Buffer)[] = [
  Buffer.from('{"a":"\xff"}', "latin1"),
  '{"a":NaN}',
  '{"a":1,"a":2}',
  '{"__proto__":1}',
  "[".repeat(100_000),
];

async function send({ request, body = "", type = "application/json" }: Omit<Row, "says">) {
  const bytes = Buffer.from(body);
  const headers = ["authorization: Bearer key"];
  if (bytes.length > 0) headers.push(`content-length: ${bytes.length}`);
  if (bytes.length > 0 && type !== "") headers.push(`content-type: ${type}`);
  return sendRaw(webhook.url, Buffer.concat([Buffer.from(rawRequest(request, headers)), bytes]));
}

describe("what FastAPI refuses is refused letter by letter", () => {
  for (const row of rows) {
    const shown = `${row.request} ${String(row.body ?? "")} ${row.type ?? ""}`;
    test(shown, async () => {
      const answer = await send(row);
      expect(answer.body).toBe(`{"detail":[${row.says}]}`);
      expect(answer.status).toBe(422);
      expect(answer.head).toMatch(/^content-type: application\/json\r?$/m);
    });
  }

  test("what it cannot decode, or we do not trust, is 400", async () => {
    for (const body of unreadable) {
      const answer = await send({ request: run, body });
      expect(answer.status).toBe(400);
      expect(answer.body).toBe('{"detail":"There was an error parsing the body"}');
    }
  });

  test("many faults are not a larger answer than a caller can read", async () => {
    const body = JSON.stringify(Array.from({ length: 100_000 }, () => 1));
    const answer = await send({ request: `${prefetch}?repo=a`, body });
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.body).detail).toHaveLength(100);
  });

  test("none of it reached the control plane", () => {
    expect(webhook.stub.takeMethods()).toEqual([]);
  });
});
