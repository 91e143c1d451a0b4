import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlyteError } from "../../shared/errors.ts";
import { AppEndpoint } from "./app-endpoint.ts";
import type { MaterializedParameter } from "./materialized-parameter.ts";
import { decodeParameters, encodeParameters } from "./parameter-transport.ts";

const plain = { envVar: undefined, download: false, mount: undefined, ignorePatterns: [] };
const pack = (value: unknown) => gzipSync(JSON.stringify(value)).toString("base64");

test("parameters travel as the JSON that other launchers read", () => {
  const text = encodeParameters([
    { ...plain, name: "text", value: "a", envVar: "TEXT" },
    {
      ...plain,
      name: "model",
      value: { directory: "s3://b/d" },
      download: true,
      mount: "/m",
      ignorePatterns: ["*.tmp"],
    },
    { ...plain, name: "llm", value: new AppEndpoint({ appName: "llm", public: true }) },
  ]);
  expect(JSON.parse(gunzipSync(Buffer.from(text, "base64")).toString())).toEqual({
    parameters: [
      {
        name: "text",
        value: "a",
        download: false,
        type: "string",
        env_var: "TEXT",
        dest: null,
        ignore_patterns: [],
      },
      {
        name: "model",
        value: "s3://b/d",
        download: true,
        type: "directory",
        env_var: null,
        dest: "/m",
        ignore_patterns: ["*.tmp"],
      },
      {
        name: "llm",
        value: '{"type":"string","app_name":"llm","public":true}',
        download: false,
        type: "app_endpoint",
        env_var: null,
        dest: null,
        ignore_patterns: [],
      },
    ],
  });
});

test("the header of the archive holds neither time nor system", () => {
  const header = Buffer.from(encodeParameters([]), "base64").subarray(0, 10);
  expect([...header]).toEqual([31, 139, 8, 0, 0, 0, 0, 0, 2, 255]);
});

test("a path of this machine is refused", () => {
  const parameter = { ...plain, name: "p", value: { file: "model.bin" } };
  expect(() => encodeParameters([parameter])).toThrow(/"p" is a path of this machine.*include/);
});

const address = fc.webPath().map((path) => `s3://bucket${path}`);
const value = fc.oneof(
  fc.string(),
  address.map((file) => ({ file })),
  address.map((directory) => ({ directory })),
  fc
    .record({ appName: fc.constantFrom("a", "my-app"), public: fc.boolean() })
    .map((options) => new AppEndpoint(options)),
);
const parameter: fc.Arbitrary<MaterializedParameter> = fc
  .record({
    name: fc.string({ minLength: 1 }),
    value,
    envVar: fc.option(fc.constantFrom("A", "_b9"), { nil: undefined }),
    download: fc.boolean(),
    mount: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    ignorePatterns: fc.array(fc.string()),
  })
  .map((made) => {
    const isStored = typeof made.value === "object" && !(made.value instanceof AppEndpoint);
    return { ...made, download: made.download && isStored };
  });

test("what is read is what was written, and writing it again changes nothing", () => {
  fc.assert(
    fc.property(fc.array(parameter, { maxLength: 5 }), (parameters) => {
      const text = encodeParameters(parameters);
      const read = decodeParameters(text);
      expect(read).toEqual(parameters);
      expect(encodeParameters(read)).toBe(text);
    }),
  );
});

describe("what is no parameters", () => {
  test.each<[string, RegExp]>([
    ["", /not base64/],
    ["%%%", /not base64/],
    ["aGVsbG8=", /not gzip around JSON/],
    [gzipSync("{").toString("base64"), /not gzip around JSON/],
    [pack([]), /no list/],
    [pack({ parameters: {} }), /no list/],
    [pack({ parameters: [1] }), /one is no object/],
    [pack({ parameters: [{ name: "a" }] }), /no name or no value/],
    [pack({ parameters: [{ name: "a", value: "b", type: "x" }] }), /"a" has a field/],
    [pack({ parameters: [{ name: "a", value: "b", download: 1 }] }), /"a" has a field/],
    [pack({ parameters: [{ name: "a", value: "b", ignore_patterns: [1] }] }), /"a" has a field/],
    [pack({ parameters: [{ name: "a", value: "{", type: "app_endpoint" }] }), /not the endpoint/],
    [
      pack({ parameters: [{ name: "a", value: "null", type: "app_endpoint" }] }),
      /not the endpoint/,
    ],
    [gzipSync(Buffer.alloc(17 * 1024 * 1024)).toString("base64"), /not gzip/],
  ])("is refused (%#)", (text, says) => {
    expect(() => decodeParameters(text)).toThrow(says);
  });

  test("ends in an error of ours, whatever it is", () => {
    const anything = fc.oneof(
      fc.base64String(),
      fc.jsonValue().map(pack),
      fc.jsonValue().map((json) => pack({ parameters: [json] })),
      fc.string(),
    );
    fc.assert(
      fc.property(anything, (text) => {
        try {
          decodeParameters(text);
        } catch (error) {
          expect(FlyteError.is(error) && error.code).toBe("invalid_input");
        }
      }),
    );
  });

  test("leaves fields out that a launcher does not need", () => {
    const [read] = decodeParameters(pack({ parameters: [{ name: "a", value: "b" }] }));
    expect(read).toEqual({ ...plain, name: "a", value: "b" });
  });
});
