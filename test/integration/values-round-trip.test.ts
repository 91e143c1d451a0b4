import { afterAll, beforeAll, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { isJsonObject, type JsonObject, parseJson, stringifyJson } from "../../src/shared/json.ts";
import { ServerProcess } from "../support/dev-process.ts";

/** Values as the texts they are sent as: what comes back is compared as text, digit for digit. */
type Texts = Readonly<Record<string, string>>;

let server: ServerProcess;
let controlPlane: ControlPlane;

beforeAll(async () => {
  server = await ServerProcess.start([
    "dev",
    "--state",
    "memory",
    "--port",
    "0",
    "--devbox-port",
    "0",
  ]);
  controlPlane = createControlPlane({
    endpoint: server.ready.controlPlane,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(server.ready.keys["alice"] ?? ""),
  });
});

afterAll(async () => {
  await controlPlane?.close();
  await server?.[Symbol.asyncDispose]();
});

const file = (name: string, format: string): string =>
  `{"path":"s3://bucket/${name}","name":"${name}","format":"${format}","hash":null}`;

/** One value of every type, as it is shown. */
const ordinary: Texts = {
  whole: "42",
  big: "9223372036854775807",
  number: "0.1",
  text: '"a\\"b\\\\c\\n\u{1f600}"',
  flag: "true",
  moment: '"2024-01-02T03:04:05.250000+00:00"',
  pause: "90.5",
  anything: '{"a":[1,{"b":null}],"constructor":{"deep":[[[]]]}}',
  place: '{"x":0.5,"y":-1.5,"label":"here"}',
  list: "[1,2,3]",
  // A map has no order on the wire; the control plane stores it by key.
  table: '{"":[],"a/b.c":[0.25],"constructor":[1.5],"toString":[2.5]}',
  color: '"green"',
  maybe: '"some"',
  either: "7",
  file: file("in.csv", "csv"),
  folder: file("images", ""),
  dataset: '{"uri":"s3://bucket/df","format":"parquet"}',
};

const names = Object.keys(ordinary);

function toBody(texts: Texts): string {
  return `{${Object.entries(texts)
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join(",")}}`;
}

async function call(path: string, body?: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${server.ready.webhook}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${server.ready.keys["alice"]}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, text: await answer.text() };
}

function member(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  if (isJsonObject(value)) return value;
  throw new Error(`no object ${name} in ${stringifyJson(object)}`);
}

const echo = "/run-task/development/flytesnacks/types.echo";

/** Runs the task that gives its inputs back. Answers the texts of inputs and outputs by input name. */
async function run(changed: Texts): Promise<{ inputs: Texts; outputs: Texts }> {
  const started = await call(echo, toBody({ ...ordinary, ...changed }));
  expect(started.status, started.text).toBe(200);
  const { name } = JSON.parse(started.text);
  const { phase, error } = await controlPlane.runs.wait({ name });
  expect(phase, error?.message).toBe("succeeded");
  const io = parseJson((await call(`/run/${name}/io`)).text);
  if (!isJsonObject(io)) throw new Error("not an object");
  const [inputs, outputs] = [member(io, "inputs"), member(io, "outputs")];
  const textOf = (object: JsonObject, key: string): string => stringifyJson(object[key] ?? null);
  return {
    inputs: Object.fromEntries(names.map((key) => [key, textOf(inputs, key)])),
    outputs: Object.fromEntries(names.map((key, index) => [key, textOf(outputs, `o${index}`)])),
  };
}

const cases: Readonly<Record<string, Texts>> = {
  "ordinary values": {},
  "the least of everything": {
    whole: "-9007199254740991",
    big: "-9223372036854775808",
    number: "5e-324",
    text: '""',
    flag: "false",
    moment: '"0001-01-01T00:00:00+00:00"',
    pause: "0",
    anything: "{}",
    list: "[]",
    table: "{}",
    maybe: "null",
    either: '"7"',
  },
  "the most of everything": {
    whole: "9007199254740991",
    big: "9007199254740993",
    number: '"NaN"',
    moment: '"9999-12-31T23:59:59.999000+00:00"',
    pause: "-0.001",
    place: '{"x":"Infinity","y":"-Infinity","label":""}',
    table: '{"a":["NaN","Infinity","-Infinity",1.7976931348623157e+308]}',
    either: "-1",
  },
};

test.each(Object.entries(cases))("%s come back as they were sent", async (_, changed) => {
  const { inputs, outputs } = await run(changed);
  const sent = { ...ordinary, ...changed };
  expect(inputs).toEqual(sent);
  expect(outputs).toEqual(sent);
});

test("nanoseconds of a moment are kept, though a JavaScript date has none", async () => {
  const moment = '"2024-01-02T03:04:05.123456789+00:00"';
  const { inputs, outputs } = await run({ moment });
  expect(inputs["moment"]).toBe(moment);
  expect(outputs["moment"]).toBe('"2024-01-02T03:04:05.123000+00:00"');
});

test("values beyond their types are refused all at once, and nothing starts", async () => {
  const before = await controlPlane.runs.list();
  const answer = await call(
    echo,
    toBody({
      ...ordinary,
      big: "9223372036854775808",
      number: '"1"',
      moment: '"2024-02-30T00:00:00Z"',
      color: '"pink"',
      list: "[1,2.5]",
      file: '"flyte://x"',
    }),
  );
  expect(answer.status).toBe(400);
  const { errors } = JSON.parse(answer.text);
  expect(errors.map(({ path }: { path: string }) => path)).toEqual([
    "big",
    "number",
    "moment",
    "list[1]",
    "color",
    "file",
  ]);
  expect(await controlPlane.runs.list()).toEqual(before);
});

test.each(["table", "anything", "place"])("the key __proto__ in %s is refused", async (name) => {
  const answer = await call(echo, toBody({ ...ordinary, [name]: '{"__proto__":[1]}' }));
  expect(answer.status).toBe(400);
  expect(answer.text).toContain("__proto__");
});
