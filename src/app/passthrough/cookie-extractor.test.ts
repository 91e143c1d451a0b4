import fc from "fast-check";
import { expect, test } from "vitest";
import { cookieExtractor } from "./cookie-extractor.ts";
import { readCredentials } from "./read-credentials.ts";

const read = (extractor: ReturnType<typeof cookieExtractor>, cookie: string) =>
  readCredentials(["cookie", cookie], [extractor]);
const forwarded = (...pairs: [string, string][]) => ({ kind: "present", metadata: pairs });
const absent = { kind: "absent" };

test("without names all cookies are forwarded untouched", () => {
  const cookie = 'a=1; b="2"; c';
  expect(read(cookieExtractor(), cookie)).toEqual(forwarded(["cookie", cookie]));
});

const named = cookieExtractor({ names: ["session", "tenant"] });

test.each([
  ["session=s", "session=s"],
  ["ga=1; session=s; theme=dark; tenant=t", "session=s; tenant=t"],
  ["session=a=b==;x=y", "session=a=b=="],
  [' session = "quoted" ;tenant=', 'session="quoted"'],
  ["tenant=%20;session=s", "tenant=%20; session=s"],
])("of %j the named cookies alone are forwarded", (cookie, kept) => {
  expect(read(named, cookie)).toEqual(forwarded(["cookie", kept]));
});

test.each([
  "ga=1",
  "Session=s",
  "session",
  "session=",
  "xsession=s",
  "session2=s",
  "=session",
  ";;",
  "a=session=s",
])("%j holds no named cookie, so no credential", (cookie) => {
  expect(read(named, cookie)).toEqual(absent);
});

test.each(["session=a; session=b", "session=a;session=a", "session=; session=a"])(
  "%j is refused, as it names two callers",
  (cookie) => {
    const refused = {
      kind: "refused",
      reason: "The cookie session was sent more than once.",
    };
    expect(read(named, cookie)).toEqual(refused);
    const mapped = cookieExtractor({ name: "session", forwardAs: "authorization" });
    expect(read(mapped, cookie)).toEqual(refused);
  },
);

test("one cookie can stand for authorization", () => {
  const mapped = cookieExtractor({ name: "token", forwardAs: "Authorization", prefix: "Bearer " });
  expect(read(mapped, "a=b; token=t.t.t; c=d")).toEqual(
    forwarded(["authorization", "Bearer t.t.t"]),
  );
  expect(read(mapped, "a=b")).toEqual(absent);
  expect(read(mapped, "token=")).toEqual(absent);
});

test.each([
  () => cookieExtractor({ names: [] }),
  () => cookieExtractor({ names: ["a b"] }),
  () => cookieExtractor({ names: ["a", "b;c"] }),
  () => cookieExtractor({ name: "", forwardAs: "authorization" }),
  () => cookieExtractor({ name: "a", forwardAs: "host" }),
  () => cookieExtractor({ name: "a", forwardAs: "authorization", prefix: "é" }),
])("what could never work is refused at the start: %s", (make) => {
  expect(make).toThrow(expect.objectContaining({ code: "invalid_config" }));
});

test("of random cookies exactly the named ones with a value are forwarded", () => {
  const name = fc.constantFrom("session", "tenant", "ga", "sessions", "x");
  const value = fc.stringMatching(/^[!#-+\--:<-[\]-~]{0,6}$/);
  const jar = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key });
  fc.assert(
    fc.property(jar, fc.constantFrom("; ", ";", " ;  "), (cookies, separator) => {
      const reading = read(named, cookies.map((pair) => pair.join("=")).join(separator));
      const kept = cookies
        .filter(([key, text]) => ["session", "tenant"].includes(key) && text !== "")
        .map((pair) => pair.join("="));
      expect(reading).toEqual(kept.length === 0 ? absent : forwarded(["cookie", kept.join("; ")]));
    }),
  );
});
