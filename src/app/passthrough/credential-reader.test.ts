import { expect, test } from "vitest";
import type { CredentialExtractor, CredentialFunction } from "./credential-extractor.ts";
import { type CredentialSource, createCredentialReader } from "./credential-reader.ts";
import { logExtractorFailures } from "./extractor-failure.ts";
import { authorizationExtractor, headerExtractor } from "./extractors.ts";

/** One reading, and what was logged on the way. */
function start(extractors: readonly CredentialExtractor[], rawHeaders: string[], more = {}) {
  const logged: { details: object; message: string }[] = [];
  const log = logExtractorFailures({
    warn: (details, message) => void logged.push({ details, message }),
  });
  const source: CredentialSource = {
    rawHeaders,
    merged: false,
    target: "/me?x=1",
    method: "GET",
    ...more,
  };
  return { reading: createCredentialReader(extractors)(source, log), logged };
}

const present = (...metadata: [string, string][]) => ({ kind: "present", metadata });
const absent = { kind: "absent" };
const secret = "planted-secret";

const fromKey: CredentialFunction = ({ headers }) =>
  headers["x-key"] === undefined ? undefined : ["authorization", `Bearer ${headers["x-key"]}`];

test("a function sees single headers in lower case, the target and the method", () => {
  let seen: unknown;
  start(
    [
      (request) => {
        seen = request;
        return undefined;
      },
    ],
    ["X-Key", "k", "__proto__", "p", "x-twice", "1", "X-Twice", "2", "x-twice", "3"],
  );
  const headers = Object.assign(Object.create(null), { "x-key": "k" });
  Object.defineProperty(headers, "__proto__", { value: "p", enumerable: true });
  expect(seen).toEqual({ headers, url: "/me?x=1", method: "GET" });
  expect(Object.getPrototypeOf((seen as { headers: object }).headers)).toBeNull();
});

test("without an asynchronous function nothing becomes asynchronous", () => {
  const headers = ["x-key", "k"];
  expect(start([authorizationExtractor, fromKey], headers).reading).toEqual(
    present(["authorization", "Bearer k"]),
  );
  expect(start([headerExtractor("x-key")], headers).reading).toEqual(present(["x-key", "k"]));
});

test("ready extractors and functions mix, in the order of the list", async () => {
  const later: CredentialFunction = async () => ["x-later", "l"];
  const { reading } = start(
    [later, headerExtractor("x-key"), fromKey],
    ["x-key", "k", "cookie", "a=b"],
  );
  expect(reading).toBeInstanceOf(Promise);
  expect(await reading).toEqual(
    present(["x-later", "l"], ["x-key", "k"], ["authorization", "Bearer k"]),
  );
});

const broken: readonly (readonly [string, unknown])[] = [
  [
    "that throws",
    () => {
      throw new RangeError(`no such token ${secret}`);
    },
  ],
  ["that throws no error", () => Promise.reject(secret)],
  [
    "that rejects",
    async () => {
      throw new Error(`${secret}\n    at ${secret}`);
    },
  ],
  ["that gives a header of the protocol", () => ["content-length", secret]],
  ["that gives no header name", () => ["a b", secret]],
  ["that mixes up name and value", async () => [`Bearer ${secret}`, "authorization"]],
  ["that gives a text", () => `Bearer ${secret}`],
  ["that gives three things", () => ["authorization", "Bearer", secret]],
  ["that gives a number", () => ["authorization", 7]],
  ["that gives an object", () => ({ authorization: secret })],
];

test.each(broken)(
  "a function %s is logged without the credential, and skipped",
  async (_, extractor) => {
    const headers = ["authorization", `Bearer ${secret}`];
    const list = [extractor as CredentialFunction, authorizationExtractor];
    const { reading, logged } = start(list, headers);
    expect(await reading).toEqual(present(["authorization", `Bearer ${secret}`]));
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).toContain("headerExtractors[0]");
    expect(JSON.stringify(logged)).not.toContain(secret);
    expect(await start([extractor as CredentialFunction], headers).reading).toEqual(absent);
  },
);

test("the log names the function, the kind of error and its place in the code", () => {
  const fromVault: CredentialFunction = () => {
    throw new RangeError(secret);
  };
  const { logged } = start([fromVault], []);
  expect(logged[0]?.details).toMatchObject({
    extractor: "headerExtractors[0] (fromVault)",
    error: "RangeError",
  });
  expect(JSON.stringify(logged)).toContain("credential-reader.test.ts");
});

test.each([undefined, null, ["authorization", ""], ["authorization", "  "]])(
  "a function that gives %j has found none",
  async (given) => {
    const give = (() => given) as CredentialFunction;
    const { reading, logged } = start([give], []);
    expect(reading).toEqual(absent);
    expect(logged).toEqual([]);
  },
);

test.each(["Bearer é", "a\r\nb: c", "a\0"])(
  "the value %j of a function is refused",
  async (value) => {
    const { reading } = start([async () => ["authorization", value]], []);
    expect(await reading).toMatchObject({ kind: "refused" });
    expect(JSON.stringify(await reading)).not.toContain(value);
  },
);

test("doubled credentials are refused before any function sees them", () => {
  let called = false;
  const spy: CredentialFunction = () => {
    called = true;
    return undefined;
  };
  for (const header of ["authorization", "cookie"]) {
    expect(start([spy], [header, "a", header, "b"]).reading).toMatchObject({ kind: "refused" });
  }
  expect(called).toBe(false);
});

test("where repeated headers come joined, a comma in a credential is refused, but not in a cookie", () => {
  const merged = { merged: true };
  const readers = [authorizationExtractor, headerExtractor("cookie")];
  for (const list of [readers, [...readers, fromKey]]) {
    expect(start(list, ["authorization", "Bearer a, Bearer b"], merged).reading).toEqual({
      kind: "refused",
      reason: "The header authorization was sent more than once.",
    });
    expect(start(list, ["cookie", "a=b,c"], merged).reading).toEqual(present(["cookie", "a=b,c"]));
    const scheme = ["authorization", 'Digest a="b", c="d"'];
    expect(start(list, scheme).reading).toMatchObject({ kind: "present" });
  }
});
