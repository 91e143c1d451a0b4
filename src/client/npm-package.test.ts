import { expect, test } from "vitest";
import { isNpmPackage } from "./npm-package.ts";

test.each([
  "fastify",
  "fastify@5",
  "fastify@^5.1.0",
  "fastify@>=5",
  "fastify@latest",
  "fastify@5.0.0-beta.1+x",
  "@fastify/cors@~11",
  "ruamel.yaml",
  "a_b@*",
  "a@=1",
])("%j is a package", (text) => {
  expect(isNpmPackage(text)).toBe(true);
});

test.each([
  "",
  "-g",
  "--registry=x",
  "Fastify",
  "a b",
  "a --global",
  "./a",
  "../a",
  "/a",
  "a/b",
  "@a",
  "@a/",
  "@a/b/c",
  "a@",
  "a@-1",
  "a@1 b",
  "a@1 || 2",
  "a@npm:b",
  "a@file:b",
  "a@https://x/y",
  "a@git+ssh://x",
  "https://x/y.js",
  "github:a/b",
  "a.tgz",
  "a@1.tar.gz",
  "a@1.TGZ",
  "a;id",
  "a&&id",
  "$(id)",
  "`id`",
  "a'",
  'a"',
  "a\\b",
  "ä",
  `${"a".repeat(301)}`,
])("%j is none", (text) => {
  expect(isNpmPackage(text)).toBe(false);
});
