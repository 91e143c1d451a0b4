import { describe, expect, test } from "vitest";
import { AppEnvironment } from "../environment/app-environment.ts";
import { AppEndpoint } from "./app-endpoint.ts";
import { Parameter } from "./parameter.ts";
import { RunOutput } from "./run-output.ts";

/** What plain JavaScript may hand over: no type has seen it. */
const given = (value: unknown): never => value as never;

const endpoint = new AppEndpoint({ appName: "llm" });
const output = new RunOutput({ task: "train.main", type: "directory" });

describe("a parameter", () => {
  test.each([
    ["text", "string", "text"],
    [{ file: "s3://b/k" }, "file", { file: "s3://b/k" }],
    [{ directory: "data" }, "directory", { directory: "data" }],
    [endpoint, "app_endpoint", endpoint],
    [output, "directory", output],
  ])("of %o is of type %s", (value, type, kept) => {
    expect(new Parameter({ name: "p", value: given(value) })).toMatchObject({ type, value: kept });
  });

  test("has defaults for all but its name", () => {
    expect({ ...new Parameter({ name: "p" }) }).toEqual({
      name: "p",
      value: undefined,
      type: undefined,
      envVar: undefined,
      download: true,
      mount: undefined,
      ignorePatterns: [],
    });
  });

  test("turns a text into what its type says", () => {
    const file = new Parameter({ name: "p", value: "s3://b/k", type: "file", mount: "/m" });
    expect(file.value).toEqual({ file: "s3://b/k" });
    const later = new Parameter({ name: "p", type: "directory" }).withValue("s3://b/d");
    expect(later.value).toEqual({ directory: "s3://b/d" });
  });

  test("keeps all else with another value, and checks it anew", () => {
    const options = { name: "p", mount: "/m", envVar: "P", ignorePatterns: ["*.tmp"] };
    const changed = new Parameter(options).withValue({ directory: "d" });
    expect(changed).toMatchObject({ ...options, value: { directory: "d" }, type: "directory" });
    expect(() => new Parameter(options).withValue("text")).toThrow(/mount of parameter "p"/);
    const typed = new Parameter({ name: "p", value: "a", type: "string" });
    expect(() => typed.withValue({ file: "f" })).toThrow(/of type file, not string/);
  });

  test.each<[object, RegExp]>([
    [{}, /The name undefined of a parameter must be a text that is not empty/],
    [{ name: " " }, /name " "/],
    [{ name: "p", vlaue: 1 }, /Parameter has no option "vlaue"\. Did you mean "value"\?/],
    [{ name: "p", value: 5 }, /value 5 of parameter "p" must be a text, \{ file: address \}/],
    [{ name: "p", value: null }, /value null/],
    [{ name: "p", value: [] }, /must be a text/],
    [{ name: "p", value: { file: "a", directory: "b" } }, /must be a text/],
    [{ name: "p", value: { uri: "a" } }, /must be a text/],
    [{ name: "p", value: { file: "" } }, /file "" of parameter "p" must be an address/],
    [{ name: "p", value: { directory: 5 } }, /directory 5 of parameter "p"/],
    [{ name: "p", value: { file: "a\nb" } }, /must be an address/],
    [{ name: "p", type: "text" }, /type "text" of parameter "p" must be one of: string, file/],
    [{ name: "p", type: "file", value: { directory: "d" } }, /of type directory, not file/],
    [{ name: "p", type: "app_endpoint", value: "llm" }, /of type string, not app_endpoint/],
    [{ name: "p", type: "string", value: output }, /of type directory, not string/],
    [{ name: "p", envVar: "A-B" }, /envVar "A-B" of parameter "p" must consist of letters/],
    [{ name: "p", envVar: "9A" }, /envVar "9A"/],
    [{ name: "p", envVar: "" }, /envVar ""/],
    [{ name: "p", download: "no" }, /download of parameter "p" must be true or false/],
    [{ name: "p", mount: 5 }, /mount of parameter "p" must be a text/],
    [{ name: "p", mount: "" }, /mount "" of parameter "p" must be a folder/],
    [{ name: "p", mount: "/m", download: false }, /has a mount, so download cannot be false/],
    [{ name: "p", mount: "/m", value: "a" }, /goes with a file or a directory.*type string/],
    [{ name: "p", mount: "/m", value: endpoint }, /of type app_endpoint/],
    [{ name: "p", ignorePatterns: "*" }, /ignorePatterns of parameter "p" must be a list/],
    [{ name: "p", ignorePatterns: [""] }, /"" in ignorePatterns/],
    [{ name: "p", ignorePatterns: ["*"], value: { file: "f" } }, /go with a directory/],
  ])("of %o is refused", (options, says) => {
    expect(() => new Parameter(given(options))).toThrow(says);
  });

  test("does not show a text that it refuses", () => {
    expect(() => new Parameter({ name: "p", value: "hunter2\0" })).toThrow(/^(?!.*hunter2)/);
  });
});

describe("the output of a run", () => {
  test("is the first one by default", () => {
    expect({ ...new RunOutput({ run: "r1", type: "file" }) }).toMatchObject({
      run: "r1",
      getter: [0],
      type: "file",
    });
  });

  test.each<[object, RegExp]>([
    [{ type: "file" }, /needs either run or task/],
    [{ run: "a", task: "b", type: "file" }, /needs either run or task/],
    [{ run: "", type: "file" }, /run of a RunOutput must not be empty/],
    [{ task: 5, type: "file" }, /task must be a text/],
    [{ run: "a", version: "v1", type: "file" }, /version and autoVersion of a RunOutput go with/],
    [{ task: "a", version: "v", autoVersion: "latest", type: "file" }, /version or autoVersion/],
    [{ task: "a", autoVersion: "current", type: "file" }, /autoVersion "current".*"latest"/],
    [{ run: "a" }, /type undefined of a RunOutput must be "string", "file" or "directory"/],
    [{ run: "a", type: "app_endpoint" }, /type "app_endpoint"/],
    [{ run: "a", type: "file", getter: [] }, /getter \[\] of a RunOutput/],
    [{ run: "a", type: "file", getter: ["o0"] }, /begins with the place of an output/],
    [{ run: "a", type: "file", getter: [-1] }, /getter \[-1\]/],
    [{ run: "a", type: "file", getter: [0, null] }, /getter \[0,null\]/],
    [{ run: "a", type: "file", getters: [0] }, /Did you mean "getter"\?/],
  ])("of %o is refused", (options, says) => {
    expect(() => new RunOutput(given(options))).toThrow(says);
  });
});

test.each<[object, RegExp]>([
  [{}, /The name undefined must consist of lower case/],
  [{ appName: "LLM" }, /The name "LLM"/],
  [{ appName: "llm", public: 1 }, /public must be true or false/],
  [{ app: "llm" }, /no option "app"/],
])("an endpoint of %o is refused", (options, says) => {
  expect(() => new AppEndpoint(given(options))).toThrow(says);
});

describe("the parameters of an app", () => {
  test("are kept, plain ones too", () => {
    const env = new AppEnvironment({ name: "app", parameters: [{ name: "p", value: "1" }] });
    expect(env.parameters).toEqual([new Parameter({ name: "p", value: "1" })]);
    expect(env.parameters[0]).toBeInstanceOf(Parameter);
    expect(env.cloneWith("other").parameters).toEqual(env.parameters);
  });

  test("may share a folder when they are files", () => {
    const files = ["a", "b"].map((name) => ({ name, value: { file: name }, mount: "/m" }));
    expect(new AppEnvironment({ name: "app", parameters: files }).parameters).toHaveLength(2);
  });

  const two = (one: object, other: object) => [
    { name: "a", ...one },
    { name: "b", ...other },
  ];
  const file = { value: { file: "f" }, mount: "/m" };
  test.each<[object, RegExp]>([
    [{ parameters: {} }, /parameters must be a list/],
    [{ parameters: ["p"] }, /Parameter takes an object of options/],
    [{ parameters: two({}, { name: "a" }) }, /Two parameters are named "a"/],
    [{ parameters: two(file, { value: { directory: "d" }, mount: "/m/" }) }, /same mount "\/m"/],
    [
      { parameters: two({ envVar: "P" }, { envVar: "P" }) },
      /P of parameter "b" is that of another/,
    ],
    [{ parameters: two({ envVar: "P" }, {}), envVars: { P: "1" } }, /"a" is in envVars, too/],
    [{ parameters: two({ envVar: "K" }, {}), secrets: ["k"] }, /the variable of a secret, too/],
    [{ parameters: two({ envVar: "PORT" }, {}) }, /PORT.*is set where the app is started/],
  ])("%j are refused", (options, says) => {
    expect(() => new AppEnvironment({ name: "app", ...options })).toThrow(says);
  });
});
