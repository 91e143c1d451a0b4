import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonValue, parseJson } from "../../../src/shared/json.ts";
import { toLiteral } from "../../../src/values/literals.ts";
import { plain, sample, typeOf } from "../../../test/support/value-samples.ts";
import { type TaskCall, toCurl, toPythonCall, toTypeScriptCall } from "./call-snippets.ts";
import { exampleOf } from "./example-inputs.ts";
import { shapeOf } from "./shape.ts";
import { toJsonText, toPython, toTypeScript } from "./value-literals.ts";

const hostile = fc.constantFrom(
  "'; echo $HOME `id` \\ \"",
  "$(id)\n'EOF'\r\n\t",
  "\u202e\u2028\u2029\0\u0007\u{e0001}😀é",
  "</script>$" + "{x}`",
  "\\u0041\\'\\\"",
);
const texts = fc.oneof(hostile, fc.string({ unit: "binary", maxLength: 20 }));
const values: fc.Arbitrary<JsonValue> = fc.oneof(
  plain,
  texts,
  fc.array(texts, { maxLength: 5 }),
  fc.dictionary(
    texts.filter((key) => key !== "__proto__"),
    fc.oneof(plain, texts),
    { maxKeys: 5 },
  ),
);

function callOf(inputs: JsonValue, task = "it's; $(a) task"): TaskCall {
  const scope = { project: "flyte snacks", domain: "development" };
  const addresses = { webhook: "http://127.0.0.1:8080", controlPlane: "http://127.0.0.1:30080" };
  return { ...addresses, scope, task, version: "v'1 &x=\"", inputs: { "a'b": inputs } };
}

/** What another program makes of the values. */
function run(program: string, args: readonly string[], input: string): string {
  const { stdout, stderr, status } = spawnSync(program, args, {
    input,
    encoding: "utf8",
    env: { ...process.env, FLYTE_API_KEY: "the 'key' $x" },
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stdout;
}

test("JSON and TypeScript mean the value that was given", () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(parseJson(toJsonText(value))).toEqual(value);
      expect(new Function(`return (${toTypeScript(value, "  ")});`)()).toEqual(value);
      for (const text of [toJsonText(value), toTypeScript(value), toPython(value)]) {
        expect(text).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u);
      }
    }),
    { numRuns: 300 },
  );
});

test("a shell gives curl the words that were meant", () => {
  const given = fc.sample(values, { numRuns: 60, seed: 7 });
  const shim = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; printf 'end\\0'; }\n`;
  const script = given.map((value) => `${toCurl(callOf(value))}\n`).join("");
  const words = run("sh", [], shim + script)
    .split("end\0")
    .slice(0, -1);
  expect(words.map((each) => each.split("\0").slice(0, -1))).toEqual(
    given.map((value) => [
      "-X",
      "POST",
      "http://127.0.0.1:8080/run-task/development/flyte%20snacks/it's%3B%20%24(a)%20task?version=v'1%20%26x%3D%22",
      "-H",
      "Authorization: Bearer the 'key' $x",
      "-H",
      "Content-Type: application/json",
      "-d",
      toJsonText({ "a'b": value }),
    ]),
  );
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;

test.skipIf(!hasPython)("Python reads the value that was meant", () => {
  const given = fc.sample(values, { numRuns: 100, seed: 7 });
  const calls = given.map((value) => toPythonCall(callOf(value))).join("\n");
  const stub = `
import json, sys, types
class Answer:
    def raise_for_status(self): pass
    def json(self): return {"url": ""}
def post(url, headers, json, timeout):
    written.append([url, headers["Authorization"], json])
    return Answer()
sys.modules["requests"] = types.SimpleNamespace(post=post)
written = []
print = lambda *_: None
`;
  const end = "\nsys.stdout.write(json.dumps(written))\n";
  const read = parseJson(run("python3", ["-X", "utf8", "-"], stub + calls + end));
  expect(read).toEqual(
    given.map((value) => [
      "http://127.0.0.1:8080/run-task/development/flyte%20snacks/it's%3B%20%24(a)%20task?version=v'1%20%26x%3D%22",
      "Bearer the 'key' $x",
      { "a'b": value },
    ]),
  );
});

test("the TypeScript program is one", () => {
  expect(toTypeScriptCall({ ...callOf([2n ** 60n, "x"], "a.b"), version: undefined })).toBe(
    `import { initFromApiKey, remote, run } from "flyte-webhook";

// The key is that of the variable FLYTE_API_KEY.
await initFromApiKey(undefined, {
  endpoint: "http://127.0.0.1:30080",
  project: "flyte snacks",
  domain: "development",
});
const task = remote.Task.get({ name: "a.b" });
const started = await run(task, { "a'b": [1152921504606846976n, "x"] });
console.log(started.url);
`,
  );
});

test("an example of any type is one of its values", () => {
  fc.assert(
    fc.property(sample, ({ type: json }) => {
      const type = typeOf(json);
      expect(() => toLiteral(exampleOf(shapeOf(type)), type)).not.toThrow();
    }),
    { numRuns: 300 },
  );
});
