import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { imageRules } from "./image-rules.ts";

type Part = keyof typeof imageRules;

const valid: Readonly<Record<Part, readonly string[]>> = {
  baseImage: [
    "python",
    "python:3.12-slim-bookworm",
    "ghcr.io/flyteorg/flyte:py3.12-v2.0.0",
    "localhost:5000/a/b_c/d__e/f--g.h:T_a.g-1",
    `host.example/a@sha256:${"0a".repeat(32)}`,
    `a:latest@sha256:${"f".repeat(64)}`,
  ],
  name: ["flyte", "a", "a-b", "a--b", "a_b", "a__b", "a.b", "2"],
  registry: ["ghcr.io", "ghcr.io/flyteorg", "localhost:5000", "Host.example:443/a/b"],
  pythonVersion: ["3.9", "3.10", "3.12", "3.0", "3.99"],
  flyteVersion: ["2.0.0", "v2.0.0", "2.0", "2.1.0b4", "2.0.0.dev3+g1a2b", "2.0.0-rc.1"],
  platform: ["linux/amd64", "linux/arm64"],
  aptPackage: [
    "git",
    "g++",
    "libstdc++6",
    "python3.12-venv",
    "libc6:i386",
    "curl=7.88.1-10+deb12u5",
    "x1:arm64=1:2.3~rc1-1",
  ],
  requirement: [
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
  ],
  indexUrl: ["https://pypi.org/simple", "http://127.0.0.1:8080/a_b/", "https://[::1]:8080/x"],
  extraArgs: ["--no-deps", "--prefer-binary --timeout=60", "-c /etc/constraints.txt"],
  command: ["echo 'a b' && ls | wc -l", "true", "\techo x", "echo ü"],
  envName: ["A", "_a", "PATH", "a_1"],
  envValue: ["", "a b", "x=$Y", "tab\there", "ü"],
  workdir: ["/", "/srv/app", "/a.b/..c/d..", "/.hidden", "/a@1/b+c"],
};

/** Wrong everywhere but in the parts that are texts by nature. */
const alwaysHostile = [
  "\0",
  "a\0",
  "a\n",
  "\na",
  "a\nb",
  "a\r",
  "a\u2028b",
  "a\u0085b",
  "a\u001b[2J",
];

const hostile: Readonly<Record<Part, readonly string[]>> = {
  baseImage: [
    "",
    "-v",
    "--privileged",
    "Python",
    "a/B",
    "a b",
    "a:",
    "a:-t",
    `a:${"t".repeat(129)}`,
    "a@sha256:00",
    "a@md5:00000000000000000000000000000000",
    "https://a/b",
    "a//b",
    "/a",
    "a/",
    "a/../b",
    "a/./b",
    "a$(id)",
    "a`id`",
    "a;b",
    "ä",
    "user:secret@host/a",
    "a_-b",
    "a___b",
    `${"a/".repeat(300)}a`,
  ],
  name: ["", "A", "a/b", "a:b", "-a", "a-", ".a", "a..b", "a b", "a@b", "..", "a".repeat(129)],
  registry: ["", "https://a", "-a", "a/", "a/B", "a b", "a:port", "a@b", "a/../b", "a:123456"],
  pythonVersion: ["", "3", "3.", "2.7", "4.0", "3.012", "3.100", "3.12.1", " 3.12", "3.x", "٣.١"],
  flyteVersion: [
    "",
    "latest",
    "2",
    "v",
    "2.0.0 ",
    "2.0.0/x",
    "2.0.0:x",
    "-2.0",
    "2.0.0_x",
    "2.0.0@x",
  ],
  platform: ["", "linux", "linux/mips", "LINUX/AMD64", "linux/amd64 ", "windows/amd64"],
  aptPackage: [
    "",
    "a",
    "-y",
    "--allow-unauthenticated",
    "git -y",
    "git curl",
    "git-",
    "git-=1",
    "Git",
    "git=",
    "git=-1",
    "git:",
    "git:AMD64",
    "git/sid",
    "./a.deb",
    "a*",
    "git;id",
    "git&&id",
    "git|id",
    "$(id)",
    "`id`",
    "git#",
    `a${"b".repeat(300)}`,
  ],
  requirement: [
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
  ],
  indexUrl: [
    "",
    "-x",
    "ftp://a",
    "file:///a",
    "javascript:alert(1)",
    "https://a b",
    "https://-a",
    "https://a?x --pre",
    "https://a'b",
    "https://$(id)",
    "https://",
    "//a",
    "a",
  ],
  extraArgs: ["", "a;b", "a|b", "a&b", "$(id)", "`id`", "a>b", "a'b", 'a"b', "a\tb", "a\\b", "é"],
  command: ["", " ", "\t", "a".repeat(10_001)],
  envName: ["", "1a", "a-b", "a b", "a=b", "__proto__", "ä", "A".repeat(201)],
  envValue: ["a".repeat(10_001)],
  workdir: [
    "",
    "a",
    "./a",
    "../a",
    "/..",
    "/.",
    "/a/../b",
    "/a/./b",
    "/a/..",
    "/a b",
    "/a'b",
    "/$HOME",
    "/a\\b",
    "~",
  ],
};

describe.each(Object.keys(imageRules) as Part[])("%s", (part) => {
  const { holds, message } = imageRules[part];

  test.each(valid[part])("can be %j", (text) => {
    expect(holds(text)).toBe(true);
  });

  test.each([...hostile[part], ...alwaysHostile])("cannot be %j", (text) => {
    expect(holds(text)).toBe(false);
  });

  test("holds no control character, however it is mixed into a valid text", () => {
    const control = fc.constantFrom("\0", "\n", "\r", "\v", "\f", "\u001b", "\u007f", "\u0085");
    fc.assert(
      fc.property(fc.constantFrom(...valid[part]), control, fc.nat(), (text, character, at) => {
        const cut = at % (text.length + 1);
        expect(holds(`${text.slice(0, cut)}${character}${text.slice(cut)}`)).toBe(false);
      }),
    );
  });

  test("is explained in a sentence that can follow its path", () => {
    expect(message).toMatch(/^(is|may have) .+[^.]$/);
  });
});

const arguments_: readonly Part[] = [
  "baseImage",
  "name",
  "registry",
  "pythonVersion",
  "flyteVersion",
  "platform",
  "aptPackage",
  "requirement",
  "indexUrl",
  "workdir",
];

test.each(arguments_)("no text that begins like an option is taken as %s", (part) => {
  fc.assert(
    fc.property(fc.constantFrom("-", "--"), fc.string(), (dashes, rest) => {
      expect(imageRules[part].holds(`${dashes}${rest}`)).toBe(false);
    }),
  );
});

test("nothing that a shell would act on is in any argument", () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(..."ab1.-_ =<>;'\"$(){}`|&\\!*[]@:/~#%+,\n") }),
    fc
      .constantFrom(...Object.values(valid).flat())
      .chain((seed) => fc.constantFrom(...";|&$`\\\n").map((character) => `${seed}${character}`)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...arguments_), text, (part, given) => {
      if (imageRules[part].holds(given)) expect(given).not.toMatch(/[$`\\|&\n]|^-| -/);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  `a; ${"a in b and ".repeat(90)}`,
  `a; ${"xinininx and ".repeat(70)}!`,
  `a${" ".repeat(900)}!`,
  `a[${"b,".repeat(490)}`,
  `a>=1${",>=1".repeat(240)}?`,
  `${"a-".repeat(490)}!`,
])("a text made to take long is answered, case %#", (text) => {
  expect(imageRules.requirement.holds(text)).toBe(false);
  expect(imageRules.baseImage.holds(text)).toBe(false);
  expect(imageRules.aptPackage.holds(text.slice(0, 200))).toBe(false);
});
