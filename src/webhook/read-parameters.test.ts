import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JsonObject, type JsonValue, stringifyJson } from "../shared/json.ts";
import type { Endpoint } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";
import { parametersSchema } from "./parameter-schema.ts";
import { readParameters } from "./read-parameters.ts";

function endpoint(name: Endpoint["name"]): Endpoint {
  const found = endpoints.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

const buildImage = endpoint("build_image");
const callApp = endpoint("call_app");
const prefetch = endpoint("prefetch_hf_model");
const activate = endpoint("activate_app");

const places = (
  of: Endpoint,
  query: Readonly<Record<string, unknown>>,
  body?: JsonValue,
): readonly string[] => readParameters(of, query, body).faults.map(({ path }) => path.join("."));

const message = (of: Endpoint, query: Readonly<Record<string, unknown>>, body?: JsonValue) =>
  readParameters(of, query, body).faults[0]?.message;

test("defaults are filled in, and unknown parameters of the query ignored", () => {
  expect(readParameters(callApp, { path: "/", other: "x" }, undefined)).toEqual({
    values: { path: "/", method: "GET" },
    faults: [],
  });
  expect(readParameters(activate, {}, undefined).values["wait"]).toBe(false);
});

test("every parameter is taken from the query and from the body alike", () => {
  const query = {
    name: "my-image",
    pre: "yes",
    pip_packages: ["a", "b"],
    apt_packages: "git",
    project: "p",
  };
  const body = {
    name: "my-image",
    pre: true,
    pip_packages: ["a", "b"],
    apt_packages: ["git"],
    project: "p",
  };
  const { values, faults } = readParameters(buildImage, query, undefined);
  expect(faults).toEqual([]);
  expect(values).toMatchObject(body);
  expect(readParameters(buildImage, {}, body)).toEqual({ values, faults });
  expect(readParameters(buildImage, query, body)).toEqual({ values, faults });
});

test("what is no text comes as JSON in the query", () => {
  const query = { path: "/", payload: '{"x":[1]}', query_params: '{"a":1,"b":["c",null]}' };
  expect(readParameters(callApp, query, undefined).values).toMatchObject({
    payload: { x: [1] },
    query_params: { a: 1, b: ["c", null] },
  });
  expect(places(callApp, { path: "/", payload: "{x", query_params: "[1]" })).toEqual([
    "query.payload",
    "query.query_params",
  ]);
});

for (const [word, value] of [
  ...["1", "true", "T", "yes", "Y", "on", "TRUE"].map((word) => [word, true] as const),
  ...["0", "false", "F", "no", "N", "off"].map((word) => [word, false] as const),
]) {
  test(`${word} is ${value} in the query and in the body`, () => {
    expect(readParameters(activate, { wait: word }, undefined).values["wait"]).toBe(value);
    expect(readParameters(activate, {}, { wait: word }).values["wait"]).toBe(value);
  });
}

test("integers are exact", () => {
  const force = (query: Readonly<Record<string, unknown>>, body?: JsonValue) =>
    readParameters(prefetch, { repo: "r", ...query }, body).values["force"];
  expect(force({ force: "-7" })).toBe(-7);
  expect(force({}, { force: -7 })).toBe(-7);
  expect(force({}, { force: "-7" })).toBe(-7);
  for (const text of ["9007199254740993", "1e3", "0x10", "", " 1", "NaN"]) {
    expect(places(prefetch, { repo: "r", force: text })).toEqual(["query.force"]);
    expect(places(prefetch, { repo: "r" }, { force: text })).toEqual(["body.force"]);
  }
  for (const value of [1.5, 2n ** 60n, true, [1]]) {
    expect(places(prefetch, { repo: "r" }, { force: value })).toEqual(["body.force"]);
  }
});

test("all faults of the query and the body are reported together", () => {
  const query = { pre: "maybe", name: ["a", "b"], project: "a/b" };
  const body = { pip_packages: ["a", 1, "\0"], apt_packages: "git", domain: "..", plattform: [] };
  expect(places(buildImage, query, body)).toEqual([
    "query.name",
    "query.pre",
    "body.pip_packages.1",
    "body.apt_packages",
    "query.project",
    "body.domain",
    "body.plattform",
  ]);
});

test("an unknown member of the body is refused naming the nearest parameter", () => {
  expect(message(buildImage, {}, { pip_package: ["a"] })).toBe(
    "is not a parameter; did you mean pip_packages?",
  );
  expect(message(activate, {}, { zzzzzz: 1 })).toBe(
    "is not a parameter; there are: project, domain, wait",
  );
  expect(places(activate, {}, { constructor: 1, toString: 2 })).toEqual([
    "body.constructor",
    "body.toString",
  ]);
});

test("two values for one parameter are a fault, the same value twice is none", () => {
  expect(places(activate, { wait: "yes" }, { wait: false })).toEqual(["body.wait"]);
  expect(places(activate, { wait: "yes" }, { wait: true })).toEqual([]);
  const twice = { path: "/", payload: '{"a":1,"b":2}' };
  expect(places(callApp, twice, { payload: { b: 2, a: 1 } })).toEqual([]);
  expect(places(callApp, twice, { payload: { b: 2 } })).toEqual(["body.payload"]);
});

test("null in the body is as good as nothing, except for what is required", () => {
  expect(readParameters(callApp, { path: "/" }, { method: null, payload: null })).toEqual(
    readParameters(callApp, { path: "/" }, undefined),
  );
  expect(readParameters(activate, {}, null)).toEqual(readParameters(activate, {}, undefined));
  expect(places(callApp, {}, { path: null })).toEqual(["query.path"]);
});

test("identifiers keep their rules wherever they come from", () => {
  for (const hostile of ["a/b", "..", "a\\b", "a\0", "a\u202eb", "a%2fb", "", "x".repeat(256)]) {
    expect(places(activate, { project: hostile })).toEqual(["query.project"]);
    expect(places(activate, {}, { project: hostile })).toEqual(["body.project"]);
  }
});

describe("the modality of a model", () => {
  test("is the body, a member of it, or repeated in the query", () => {
    for (const [query, body] of [
      [{}, ["text", "image"]],
      [{}, { modality: ["text", "image"] }],
      [{ modality: ["text", "image"] }, undefined],
    ] as const) {
      const { values } = readParameters(prefetch, { repo: "r", ...query }, body);
      expect(values["modality"]).toEqual(["text", "image"]);
    }
  });

  test("has its faults where it stands", () => {
    expect(places(prefetch, { repo: "r" }, ["text", 1])).toEqual(["body.1"]);
    expect(places(prefetch, { repo: "r" }, { modality: ["text", 1] })).toEqual(["body.modality.1"]);
    expect(message(prefetch, { repo: "r" }, "text")).toBe(
      "must be an object or the list modality, not a string",
    );
    expect(places(prefetch, { repo: "r", modality: "text" }, ["image"])).toEqual(["body"]);
  });
});

test("the body of run_task is its inputs and names no parameter", () => {
  const runTask = endpoint("run_task");
  expect(readParameters(runTask, {}, { version: "v1" })).toEqual({
    values: { dry_run: false },
    faults: [],
  });
  expect(places(runTask, { version: "" }, [])).toEqual(["query.version", "body"]);
  expect(places(runTask, {}, undefined)).toEqual(["body"]);
});

test("no endpoint has two parameters of one name, nor one that its path has", () => {
  for (const { name, path, parameters, method } of endpoints) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const names = [...inPath, ...parameters.map((parameter) => parameter.name)];
    expect(`${name} ${[...new Set(names)]}`).toBe(`${name} ${names}`);
    if (method === "GET") expect(parameters.every(({ place }) => place === "query")).toBe(true);
  }
});

test("no request throws, and every parameter has a value or a fault", () => {
  const known = [...new Set(endpoints.flatMap(({ parameters }) => parameters))];
  const name = fc.constantFrom(...new Set(known.map((parameter) => parameter.name)), "__proto__x");
  const words = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("yes", "1", "{}", "[1]"));
  const query = fc.dictionary(name, fc.oneof(words, fc.array(words)));
  const body = fc.oneof(fc.dictionary(name, fc.jsonValue()), fc.jsonValue());
  fc.assert(
    fc.property(fc.constantFrom(...endpoints), query, body, (of, inQuery, inBody) => {
      const { values, faults } = readParameters(of, inQuery, inBody as JsonValue);
      for (const parameter of of.parameters) {
        if (Object.hasOwn(values, parameter.name)) continue;
        expect(faults.length).toBeGreaterThan(0);
      }
      if (faults.length === 0) expect(Object.keys(values)).toHaveLength(of.parameters.length);
    }),
  );
});

test("what was read from the query is read the same from the body", () => {
  const { parameters } = buildImage;
  const name = fc.constantFrom(...parameters.map((parameter) => parameter.name));
  const query = fc.dictionary(name, fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 1 })));
  fc.assert(
    fc.property(query, (inQuery) => {
      const first = readParameters(buildImage, inQuery, undefined);
      if (first.faults.length > 0) return;
      const body = JSON.parse(stringifyJson(first.values as JsonObject));
      expect(readParameters(buildImage, {}, body)).toEqual(first);
    }),
  );
});

test("the schema of the body lists exactly the parameters", () => {
  const { properties, additionalProperties } = parametersSchema(callApp.parameters);
  expect(Object.keys(properties ?? {})).toEqual(callApp.parameters.map(({ name }) => name));
  expect(additionalProperties).toBe(false);
  expect(properties?.["method"]).toMatchObject({ type: ["string", "null"], default: "GET" });
  expect(properties?.["path"]?.type).toBe("string");
});
