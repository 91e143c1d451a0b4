import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import { toRunUrl } from "./console-urls.ts";
import { resolveOptions } from "./options.ts";
import { passthroughAuthenticator } from "./passthrough-authenticator.ts";

test("an endpoint alone gives all that is needed", () => {
  expect(resolveOptions({ endpoint: "acme.us.example.com" })).toMatchObject({
    endpoint: { baseUrl: "https://acme.us.example.com" },
    org: "acme",
    project: undefined,
    domain: undefined,
    authenticator: passthroughAuthenticator,
    tls: {},
    timeoutMs: 30_000,
    retries: 3,
    maxConnections: 64,
    consoleUrl: "https://acme.us.example.com",
  });
});

test("plain text is for this machine, or for those who ask for it", () => {
  expect(resolveOptions({ endpoint: "http://127.0.0.1:30080" }).org).toBe("");
  const endpoint = "http://flyte.internal.example.com";
  expect(() => resolveOptions({ endpoint })).toThrow(/allowPlaintext/);
  expect(() => resolveOptions({ endpoint: "flyte:8090", insecure: true })).toThrow(FlyteError);
  expect(resolveOptions({ endpoint, allowPlaintext: true }).endpoint.secure).toBe(false);
});

test.each([
  { timeoutMs: 0 },
  { timeoutMs: 1.5 },
  { retries: -1 },
  { maxResponseBytes: Number.NaN },
  { maxConnections: 0 },
  { taskCacheTtlMs: -5 },
])("%j is refused by name", (options) => {
  const [name = ""] = Object.keys(options);
  expect(() => resolveOptions({ endpoint: "localhost", ...options })).toThrow(name);
});

test("a certificate file has to be one", () => {
  const endpoint = "localhost";
  expect(() => resolveOptions({ endpoint, caCertFile: "/nowhere/ca.pem" })).toThrow(
    /cannot be read/,
  );
  expect(() => resolveOptions({ endpoint, caCertFile: import.meta.filename })).not.toThrow();
  expect(() => resolveOptions({ endpoint, caCertFile: "package.json" })).toThrow(/no PEM/);
});

test("skipping verification never weakens a certificate file", () => {
  const endpoint = "localhost";
  expect(resolveOptions({ endpoint, insecureSkipVerify: true }).tls).toEqual({
    rejectUnauthorized: false,
  });
  // This very file holds the words that mark one: -----BEGIN CERTIFICATE-----
  const both = { endpoint, insecureSkipVerify: true, caCertFile: import.meta.filename };
  expect(resolveOptions(both).tls.rejectUnauthorized).toBeUndefined();
});

test.each([
  ["http://localhost:8090", undefined, "http://localhost:8080"],
  ["http://127.0.0.1:8090", undefined, "http://127.0.0.1:8090"],
  ["e.com", "https://console.e.com/flyte/", "https://console.e.com/flyte"],
])("the pages of %s with console %s are below %s", (endpoint, consoleUrl, expected) => {
  expect(resolveOptions({ endpoint, consoleUrl }).consoleUrl).toBe(expected);
});

test.each(["nonsense", "ftp://e.com", "https://u:p@e.com"])("no page is below %s", (consoleUrl) => {
  expect(() => resolveOptions({ endpoint: "e.com", consoleUrl })).toThrow(/consoleUrl/);
});

test("names in page addresses are encoded", () => {
  const url = toRunUrl("https://e.com", { project: "a/b", domain: "d?" }, "r #1");
  expect(url).toBe("https://e.com/v2/domain/d%3F/project/a%2Fb/runs/r%20%231");
});
