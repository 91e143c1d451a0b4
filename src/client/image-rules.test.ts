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
  requirement: ["httpx", "a>=1, <2", 'a; python_version < "3.11"'],
  npmPackage: ["fastify", "fastify@^5.1.0", "@fastify/cors@~11"],
  source: ["/srv/app", "a b", "-x", "C:\\x", "\n"],
  destination: [".", "./src", "/srv/app/", "a.b/c@1", "..a", "/", "a/..b"],
  user: ["node", "_x", "1000", "1000:1000", "node:staff", "0"],
  nodeVersion: ["20", "24", "24.1", "24.1.0", "26.0.10"],
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
  requirement: ["", "-r", "a --pre", "./a", "a;id", "$(id)", "a'"],
  npmPackage: ["", "-g", "a b", "a/b", "a@npm:b", "a.tgz", "$(id)", "a'"],
  source: ["", "a".repeat(4_097)],
  destination: [
    "",
    "-a",
    "a b",
    "..",
    "../a",
    "a/..",
    "/a/../b",
    "$HOME",
    "a'",
    'a"',
    "a\\b",
    "ä",
    "a:b",
  ],
  user: ["", "Node", "-x", "a b", "a:", ":a", "a:b:c", "$USER", "1000 1000", "a".repeat(33)],
  nodeVersion: ["", "18", "4", "latest", "lts", "24.", "24.1.0.0", "24-slim", "v24", "٢٤"],
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

  // A path of this machine is no part of any command.
  if (part === "source") return;

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
  "npmPackage",
  "destination",
  "user",
  "nodeVersion",
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
