import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  credential,
  describeHostile,
  type HostileRow,
  json,
  modes,
  runAllowed,
  startFenced,
} from "../support/hostile-rows.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import type { TestWebhook } from "../support/webhook.ts";

const type = "content-type: application/json";

/** Every endpoint that reads a body, with all that it needs beside it. */
const readers: readonly string[] = [
  runAllowed,
  "POST /prefetch/hf-model?repo=org/model",
  "POST /app/my-app/call?path=/x",
  "POST /build-image?name=x",
];

/** Those at which the original passes over a body that is no object. */
const passingOver = readers.slice(2);

const mediaTypes: readonly (readonly [name: string, headers: readonly string[]])[] = [
  ["none", []],
  ["an empty one", ["content-type:"]],
  ["text", ["content-type: text/plain"]],
  ["text that is JSON", ["content-type: text/json"]],
  ["JSON by another name", ["content-type: application/x-json"]],
  ["a form", ["content-type: application/x-www-form-urlencoded"]],
  ["an upload", ["content-type: multipart/form-data; boundary=x"]],
  ["anything", ["content-type: */*"]],
  ["bytes", ["content-type: application/octet-stream"]],
  ["a suffix", ["content-type: application/vnd.api+json"]],
  ["a short suffix", ["content-type: application/+json"]],
  ["a longer name", ["content-type: application/jsonx"]],
  ["a longer type", ["content-type: xapplication/json"]],
  ["a shorter name", ["content-type: application/jso"]],
  ["no name", ["content-type: application/"]],
  ["no type", ["content-type: json"]],
  ["trailing text", ["content-type: application/json garbage"]],
  ["a trailing tab and text", ["content-type: application/json\tx"]],
  ["a tab before its parameter", ["content-type: application/json\t; charset=utf-8"]],
  ["a space inside", ["content-type: application /json"]],
  ["a space after its slash", ["content-type: application/ json"]],
  ["a NUL byte", ["content-type: application/json\u0080"]],
  ["a comma list", ["content-type: application/json, text/plain"]],
  ["a comma list of itself", ["content-type: application/json, application/json"]],
  ["a semicolon list", ["content-type: application/json; text/plain"]],
  ["another charset", ["content-type: application/json; charset=utf-16"]],
  ["a charset with text behind it", ["content-type: application/json; charset=utf-8x"]],
  ["two charsets", ["content-type: application/json; charset=utf-8; charset=utf-16"]],
  ["another parameter", ["content-type: application/json; boundary=x"]],
  ["a quoted name", ['content-type: "application/json"']],
  ["itself twice", [type, type]],
  ["two kinds", [type, "content-type: multipart/form-data; boundary=x"]],
  ["two kinds in other letters", ["Content-Type: text/plain", "CONTENT-TYPE: application/json"]],
  ["its name in another header", ["x-content-type: application/json"]],
];

/** What the original reads as JSON as well. */
const likeTheOriginal: ReadonlySet<string> = new Set([
  "a suffix",
  "a short suffix",
  "a tab before its parameter",
  "a semicolon list",
  "another charset",
  "a charset with text behind it",
  "two charsets",
  "another parameter",
  "itself twice",
  "two kinds",
]);

describeHostile(
  "a body with the media type",
  mediaTypes.flatMap(([name, headers]) =>
    readers.map((line) => ({
      name: `${name}, at ${line.split(/[?]/)[0]}`,
      line,
      headers: [credential, ...headers],
      body: line.includes("prefetch") ? '["x"]' : '{"x":1}',
      status: 415,
      taken: likeTheOriginal.has(name) || passingOver.includes(line),
    })),
  ),
);

/** Sixteen megabytes as sixteen kilobytes. */
const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024, 0x20));

const encodings: readonly (readonly [name: string, headers: readonly string[]])[] = [
  ["gzip", ["content-encoding: gzip"]],
  ["gzip in other letters", ["Content-Encoding: GZIP"]],
  ["gzip after identity", ["content-encoding: identity", "content-encoding: gzip"]],
  ["gzip in a list", ["content-encoding: identity, gzip"]],
  ["deflate", ["content-encoding: deflate"]],
  ["br", ["content-encoding: br"]],
  ["an unknown one", ["content-encoding: x"]],
];

describeHostile(
  "a bomb with the encoding",
  encodings.map(([name, headers]) => ({
    name,
    line: runAllowed,
    headers: [...json, ...headers],
    body: bomb,
    status: 415,
  })),
);

describeHostile("a bomb", [
  { name: "that does not say so", line: runAllowed, headers: json, body: bomb, status: 400 },
]);

const texts: readonly (readonly [name: string, body: string | Buffer])[] = [
  ["cut off", '{"x":'],
  ["cut off in a text", '{"x":"'],
  ["no JSON", "x=1"],
  ["XML", "<x>1</x>"],
  ["only spaces", "   "],
  ["two values", "{}{}"],
  ["a value and text", "{} x"],
  ["a trailing comma", '{"x":1,}'],
  ["single quotes", "{'x':1}"],
  ["a name without quotes", "{x:1}"],
  ["a comment", "{}//"],
  ["a prefix against script inclusion", ")]}',\n{}"],
  ["NaN", '{"x":NaN}'],
  ["Infinity", '{"x":Infinity}'],
  ["a hexadecimal number", '{"x":0x10}'],
  ["a leading zero", '{"x":010}'],
  ["a plus", '{"x":+1}'],
  ["a control character in a text", '{"x":"\u0001"}'],
  ["a newline in a text", '{"x":"\n"}'],
  ["a bad escape", '{"x":"\\x41"}'],
  ["a NUL behind it", "{}\0"],
  ["a byte order mark", Buffer.from("\ufeff{}")],
  ["UTF-16", Buffer.from("{}", "utf16le")],
  ["a byte that is no UTF-8", Buffer.from([0x7b, 0x22, 0x78, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])],
  ["an overlong slash", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
  ["half a surrogate pair in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ["a character cut off", Buffer.from([0x22, 0xe2, 0x82])],
  ["a key twice", '{"x":1,"x":2}'],
  ["a key twice, once escaped", '{"x":1,"\\u0078":2}'],
  ["a prototype key", '{"__proto__":{"x":1}}'],
  ["an escaped prototype key", '{"__pr\\u006fto__":{"x":1}}'],
  ["a prototype key deep inside", '{"a":[{"__proto__":1}]}'],
  ["a depth bomb", "[".repeat(60_000)],
  ["a depth bomb of objects", '{"a":'.repeat(10_000)],
  ["a closed depth bomb", `{"x":${"[".repeat(1000)}${"]".repeat(1000)}}`],
];

describeHostile(
  "a body of JSON that is",
  texts.flatMap(([name, body]) =>
    readers.map(
      (line): HostileRow => ({
        name: `${name}, at ${line.split(/[?]/)[0]}`,
        line,
        headers: json,
        body,
        status: 400,
        taken: name === "a byte order mark",
      }),
    ),
  ),
);

const shapes: readonly (readonly [name: string, body: string])[] = [
  ["an array", "[1]"],
  ["an empty array", "[]"],
  ["a text", '"x"'],
  ["a number", "1"],
  ["a huge number", "1e400"],
  ["true", "true"],
  ["null", "null"],
  ["nothing", ""],
];

describeHostile(
  "the inputs of a task given as",
  shapes.map(([name, body]) => ({
    name,
    line: runAllowed,
    headers: json,
    body,
    status: name === "a huge number" ? 400 : 422,
  })),
);

for (const mode of modes) {
  describe(`what is a little different and allowed, in the mode ${mode}`, () => {
    let webhook: TestWebhook;
    beforeAll(async () => {
      webhook = await startFenced(mode);
    });
    afterAll(() => webhook[Symbol.asyncDispose]());

    for (const spelling of [
      "application/json",
      "Application/JSON",
      "  application/json  ",
      "\tapplication/json\t",
      "application/json;charset=utf-8",
      "application/json; charset=UTF-8",
      'application/json; charset="utf-8"',
    ]) {
      test(`the media type ${JSON.stringify(spelling)} is read`, async () => {
        const headers = [credential, `content-type: ${spelling}`, "content-encoding: identity"];
        const answer = await sendRaw(webhook.url, rawRequest(runAllowed, headers, '{"x":1}'));
        expect(answer.status).toBe(200);
        expect(webhook.stub.takeMethods()).toContain("createRun");
      });
    }

    test("keys that are dangerous elsewhere are names of inputs like any other", async () => {
      for (const body of [
        '{"constructor":{"prototype":{"x":1}}}',
        '{"toString":1,"hasOwnProperty":1}',
      ]) {
        const answer = await sendRaw(webhook.url, rawRequest(runAllowed, json, body));
        expect(answer.status).toBeGreaterThanOrEqual(400); // the original says 500
        expect(webhook.stub.takeMethods()).not.toContain("createRun");
      }
      expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
      expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
    });
  });
}
