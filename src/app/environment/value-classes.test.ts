import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Domain } from "./domain.ts";
import { Link } from "./link.ts";
import { Port } from "./port.ts";
import { Resources } from "./resources.ts";
import { Scaling } from "./scaling.ts";
import { Secret } from "./secret.ts";
import { Timeouts } from "./timeouts.ts";

/** What plain JavaScript may hand over: no type has seen it. */
const given = (value: unknown): never => value as never;

describe("scaling", () => {
  test("is from none to one by default", () => {
    expect(new Scaling()).toMatchObject({
      replicas: [0, 1],
      metric: undefined,
      scaledownAfterMs: undefined,
    });
  });

  test("keeps what it is given", () => {
    const options = {
      replicas: [1, 4],
      metric: { concurrency: 10 },
      scaledownAfter: "5m",
    } as const;
    expect(new Scaling(options)).toMatchObject({
      replicas: [1, 4],
      metric: { concurrency: 10 },
      scaledownAfterMs: 300_000,
    });
    expect(new Scaling({ scaledownAfter: 90 }).scaledownAfterMs).toBe(90_000);
    expect(new Scaling({ metric: { requestRate: 1 } }).metric).toEqual({ requestRate: 1 });
  });

  test("of one number is fixed to it, of two a range that is one", () => {
    const count = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(count, count, (min, max) => {
        expect(new Scaling({ replicas: min }).replicas).toEqual([min, min]);
        const make = () => new Scaling({ replicas: [min, max] }).replicas;
        if (max >= min && max >= 1) expect(make()).toEqual([min, max]);
        else expect(make).toThrow(/max from 1 that is not below min/);
      }),
    );
  });

  test.each([
    [{ replicas: -1 }, /replicas -1 must be a whole number from 0/],
    [{ replicas: 1.5 }, /replicas 1\.5/],
    [{ replicas: "2" }, /replicas "2"/],
    [{ replicas: [1] }, /\[min, max\]/],
    [{ replicas: [1, 2, 3] }, /\[min, max\]/],
    [{ replicas: [0, 0] }, /max from 1/],
    [{ replicas: [2, 1] }, /not below min/],
    [{ replicas: Number.NaN }, /whole number/],
    [{ replicas: null }, /whole number/],
    [{ metric: { concurrency: 0 } }, /whole number from 1/],
    [{ metric: { concurrency: 1, requestRate: 1 } }, /one of/],
    [{ metric: {} }, /one of/],
    [{ metric: { concurency: 1 } }, /Did you mean "concurrency"/],
    [{ metric: 10 }, /takes an object/],
    [{ scaledownAfter: -1 }, /duration from 0/],
    [{ scaledownAfter: "soon" }, /scaledownAfter "soon" must be a duration/],
    [{ scaledownAfter: {} }, /must be a duration/],
    [{ replica: 1 }, /Scaling has no option "replica"\. Did you mean "replicas"\?/],
    [[], /takes an object of options/],
    ["1", /takes an object of options/],
  ])("%j is refused", (options, says) => {
    expect(() => new Scaling(given(options))).toThrow(says);
  });
});

describe("resources", () => {
  test("keep what they are given", () => {
    const options = { cpu: 0.5, memory: ["512Mi", "1Gi"], gpu: "A100:2", disk: "10Gi" } as const;
    expect({ ...new Resources(options) }).toEqual(options);
    expect(new Resources({ cpu: "500m" }).cpu).toBe("500m");
    expect(new Resources({ gpu: 1 }).gpu).toBe(1);
  });

  test.each([
    [{ cpu: 0 }, /cpu 0 is not an amount above zero/],
    [{ cpu: -1 }, /cpu -1/],
    [{ cpu: "one" }, /cpu "one"/],
    [{ cpu: ["2", "1"] }, /request 2 is above its limit 1/],
    [{ cpu: [1] }, /two parts/],
    [{ cpu: true }, /cpu true/],
    [{ memory: 512 }, /memory 512 must be a text with a unit, like "512Mi"/],
    [{ memory: "512MB" }, /memory "512MB" is not an amount/],
    [{ memory: "512m" }, /fractions of a byte/],
    [{ memory: "1000m" }, /fractions of a byte/],
    [{ memory: "0.5" }, /fractions of a byte/],
    [{ memory: ["1Gi", "512Mi"] }, /above its limit/],
    [{ disk: "lots" }, /disk "lots"/],
    [{ gpu: 0 }, /gpu 0/],
    [{ gpu: "A100:0" }, /gpu "A100:0"/],
    [{ gpu: "" }, /gpu ""/],
    [{ ram: "1Gi" }, /Resources has no option "ram"/],
    [{ memmory: "1Gi" }, /Did you mean "memory"/],
    [undefined, /takes an object/],
  ])("%j are refused", (options, says) => {
    expect(() => new Resources(given(options))).toThrow(says);
  });
});

describe("a secret", () => {
  test.each([
    [{ key: "api-key" }, "API_KEY"],
    [{ key: "apiKey" }, "APIKEY"],
    [{ key: "key", group: "my-group" }, "MY_GROUP_KEY"],
    [{ key: "9.key", asEnvVar: "NINE" }, "NINE"],
  ])("%j is the variable %s", (options, variable) => {
    expect(new Secret(options)).toMatchObject({ ...options, asEnvVar: variable, mount: undefined });
  });

  test("with a mount is a file and no variable", () => {
    const secret = new Secret({ key: "tls", mount: "/etc/flyte/secrets" });
    expect(secret).toMatchObject({ asEnvVar: undefined, mount: "/etc/flyte/secrets" });
  });

  test.each([
    [{ key: "" }, /key "" of a secret/],
    [{ key: "a/b" }, /key "a\/b"/],
    [{ key: "../x" }, /key "\.\.\/x"/],
    [{ key: 5 }, /key 5/],
    [{}, /key undefined/],
    [{ key: "a", group: "b c" }, /group "b c"/],
    [{ key: "9lives" }, /variable "9LIVES".*asEnvVar/],
    [{ key: "a.b" }, /variable "A\.B".*asEnvVar/],
    [{ key: "a", asEnvVar: "lower" }, /upper case/],
    [{ key: "a", asEnvVar: "A=B" }, /upper case/],
    [{ key: "a", mount: "/tmp" }, /must be "\/etc\/flyte\/secrets"/],
    [{ key: "a", mount: "/etc/flyte/secrets", asEnvVar: "A" }, /mount or asEnvVar/],
    [{ key: "a", envVar: "A" }, /Did you mean "asEnvVar"/],
  ])("%j is refused", (options, says) => {
    expect(() => new Secret(given(options))).toThrow(says);
  });
});

test.each([8012, 8022, 8112, 9090, 9091])("port %i is reserved", (port) => {
  expect(() => new Port({ port })).toThrow(`port ${port} is not allowed`);
});

test.each([
  [{ port: 0 }, /port 0 must be a whole number from 1 to 65535/],
  [{ port: 65_536 }, /65536/],
  [{ port: 80.5 }, /80\.5/],
  [{ port: "8080" }, /"8080"/],
  [{ port: 80, name: "http2" }, /"http1" or "h2c"/],
])("a port of %j is refused", (options, says) => {
  expect(() => new Port(given(options))).toThrow(says);
});

test("a port keeps its number and protocol", () => {
  expect({ ...new Port({ port: 80, name: "h2c" }) }).toEqual({ port: 80, name: "h2c" });
});

test.each([
  [0, 0],
  [3600, 3_600_000],
  ["1h", 3_600_000],
  [undefined, undefined],
])("a request timeout of %j is kept", (request, requestMs) => {
  expect(new Timeouts(request === undefined ? {} : { request }).requestMs).toBe(requestMs);
});

test.each([
  [{ request: -1 }, /from 0/],
  [{ request: 3600.001 }, /not be above one hour/],
  [{ request: "61m" }, /not be above one hour/],
  [{ request: "x" }, /duration/],
  [{ requests: 1 }, /Did you mean "request"/],
])("timeouts of %j are refused", (options, says) => {
  expect(() => new Timeouts(given(options))).toThrow(says);
});

test("a link is relative when its path begins with a slash, unless it says otherwise", () => {
  expect(new Link({ path: "/docs", title: "Docs" }).isRelative).toBe(true);
  expect(new Link({ path: "https://example.com", title: "Home" }).isRelative).toBe(false);
});

test.each([
  [{ path: "docs", title: "a" }, /an address/],
  [{ path: "docs", title: "a", isRelative: true }, /a path like/],
  [{ path: "//evil.example", title: "a" }, /a path like/],
  [{ path: "/\\evil.example", title: "a" }, /a path like/],
  [{ path: "javascript:alert(1)", title: "a" }, /an address/],
  [{ path: "/a b", title: "a" }, /a path like/],
  [{ path: "/", title: " " }, /not empty/],
  [{ path: 5, title: "a" }, /must be a text/],
  [{ path: "/", title: "a", relative: true }, /Did you mean "isRelative"/],
])("a link of %j is refused", (options, says) => {
  expect(() => new Link(given(options))).toThrow(says);
});

test("a domain keeps its names", () => {
  const options = { subdomain: "my-app", customDomain: "hooks.example.com" };
  expect({ ...new Domain(options) }).toEqual(options);
});

test.each([
  [{ subdomain: "My-App" }, /subdomain "My-App"/],
  [{ subdomain: "a.b" }, /subdomain/],
  [{ subdomain: "-a" }, /subdomain/],
  [{ customDomain: "localhost" }, /host name/],
  [{ customDomain: "127.0.0.1" }, /host name/],
  [{ customDomain: "https://a.example" }, /host name/],
  [{ customDomain: "a..example" }, /host name/],
  [{ custom: "a" }, /no option "custom"/],
])("a domain of %j is refused", (options, says) => {
  expect(() => new Domain(given(options))).toThrow(says);
});
