import { expect, test } from "vitest";
import { isImageReference } from "./image-reference.ts";
import { isRequirement } from "./image-requirement.ts";
import { isNpmPackage } from "./npm-package.ts";

test.each([
  "httpx",
  "A",
  "a1",
  "ruamel.yaml",
  "httpx==0.27.0",
  "httpx >=0.27, <1",
  "numpy~=1.26",
  "pkg!=1.*",
  "pkg===1.0-weird",
  "pkg==1!2.0+local.1",
  "uvicorn[standard]>=0.30",
  "a[b, c_d]",
  "a @ https://host.example/a-1.0.whl#sha256=00",
  "a@git+https://host.example/o/r.git@main",
  'a>=1; python_version < "3.11"',
  "a ; sys_platform == 'linux' and python_version>='3.10' or extra == \"x\"",
  'a; "linux" in sys_platform',
  'a; sys_platform not in "win32 darwin"',
])("%j is a requirement", (text) => {
  expect(isRequirement(text)).toBe(true);
});

test.each([
  "",
  " a",
  "a ",
  "-r",
  "-rrequirements.txt",
  "--index-url=https://evil.example",
  "--pre",
  "httpx --pre",
  "httpx -r x",
  "httpx requests",
  "httpx>=1 requests",
  "httpx>=",
  "httpx>=-1",
  "httpx=1",
  "httpx[",
  "httpx[]",
  "httpx[a b]",
  "./a",
  "/etc/passwd",
  "../a",
  "a/b",
  "a\\b",
  "file:///etc/passwd",
  "a @ file:///etc/passwd",
  "a @ ftp://x",
  "a @ https://x --pre",
  "a @ https://$(id)",
  "a @ https://-x",
  "git+https://x/y",
  "a;id",
  "a; rm -rf /",
  'a; python_version < "3" ; x',
  'a; python_version < "$(id)"',
  "a; python_version < '`id`'",
  "a && id",
  "a | id",
  "a > /x y",
  "$(id)",
  "`id`",
  "a'",
  'a"',
  "a#b",
  "a\tb",
  "a\u00a0b",
  "аbc",
  `a${"b".repeat(1_000)}`,
])("%j is none", (text) => {
  expect(isRequirement(text)).toBe(false);
});

test.each([
  `a; ${"a in b and ".repeat(90)}`,
  `a; ${"xinininx and ".repeat(70)}!`,
  `a${" ".repeat(900)}!`,
  `a[${"b,".repeat(490)}`,
  `a>=1${",>=1".repeat(240)}?`,
  `${"a-".repeat(490)}!`,
])("a text made to take long is answered, case %#", (text) => {
  expect(isRequirement(text)).toBe(false);
  expect(isImageReference(text)).toBe(false);
  expect(isNpmPackage(text)).toBe(false);
});
