import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isImageReference } from "../client/image-reference.ts";
import { type AskedParts, compileBuildAllowlist } from "./build-allowlist.ts";

const nothing: AskedParts = { base: undefined, pip: [], apt: [] };
const digest = `sha256:${"0a".repeat(32)}`;

function refused(entries: readonly string[] | undefined, parts: Partial<AskedParts>) {
  return compileBuildAllowlist(entries)({ ...nothing, ...parts });
}

test("without an allowlist everything is allowed, with an empty one Flyte's own image alone", () => {
  const parts = { base: "evil.example/a", pip: ["a"], apt: ["b"] };
  expect(refused(undefined, parts)).toEqual([]);
  expect(refused([], parts)).toEqual(["Base image evil.example/a", "Package a", "Package b"]);
  expect(refused([], {})).toEqual([]);
});

describe("a base image", () => {
  test.each([
    ["python", "python"],
    ["python", "python:3.12-slim"],
    ["python", `python@${digest}`],
    ["python:3.*", "python:3.12-slim"],
    ["python:latest", "python"],
    [`python@${digest}`, `python:3@${digest}`],
    ["ghcr.io/flyteorg/*", "ghcr.io/flyteorg/flyte:py3.12-v2.0.0"],
    ["ghcr.io/**", "ghcr.io/a/b/c"],
    ["localhost:5000/*", "localhost:5000/a:1"],
    ["localhost:5000/a", "localhost:5000/a:1"],
    ["**", "any.example/where/it/is:1"],
  ])("base:%s allows %s", (entry, base) => {
    expect(refused([`base:${entry}`], { base })).toEqual([]);
  });

  test.each([
    ["python", "python2"],
    ["python", "evil/python"],
    ["python", "python/evil"],
    ["python:3.*", "python:2.7"],
    ["python:3.*", "python"],
    ["python:3.*", `python:3.12@${digest}`],
    [`python@${digest}`, "python"],
    [`python@${digest}`, `python@sha256:${"1b".repeat(32)}`],
    ["ghcr.io/flyteorg/*", "ghcr.io/flyteorg/deeper/flyte"],
    ["ghcr.io/flyteorg/*", "ghcr.io.evil.example/flyteorg/flyte"],
    ["ghcr.io/flyteorg/*", "evil.example/ghcr.io/flyteorg/flyte"],
    ["*.example.com/a", "evil.org/x.example.com/a"],
    ["localhost:5000/*", "localhost:5001/a"],
    ["*", "evil.example/a"],
  ])("base:%s does not allow %s", (entry, base) => {
    expect(refused([`base:${entry}`], { base })).toEqual([`Base image ${base}`]);
  });
});

describe("a package", () => {
  test.each([
    ["pandas", "pandas"],
    ["pandas", "Pandas>=2,<3"],
    ["scikit-learn", "scikit_learn[extra] == 1.7"],
    ["ruamel.yaml", "ruamel-yaml"],
    ["acme-*", "acme_tools"],
    ["a", "a; sys_platform == 'linux'"],
    ["*", "anything"],
  ])("pip:%s allows %s", (entry, text) => {
    expect(refused([`pip:${entry}`], { pip: [text] })).toEqual([]);
  });

  test.each([
    ["pandas", "pandas2"],
    ["pandas", "pandas @ https://evil.example/a.whl"],
    ["*", "pandas@git+https://evil.example/a"],
    ["acme-*", "acme"],
  ])("pip:%s does not allow %s", (entry, text) => {
    expect(refused([`pip:${entry}`], { pip: [text] })).toEqual([`Package ${text}`]);
  });

  test("of Debian goes by its name, whatever version and architecture", () => {
    const apt = ["git", "git=1:2.39", "libstdc++6:arm64", "curl", "gitk"];
    expect(refused(["apt:git", "apt:libstdc++*"], { apt })).toEqual([
      "Package curl",
      "Package gitk",
    ]);
  });

  test("is allowed for its own installer alone", () => {
    const parts = { pip: ["git"], apt: ["git"] };
    expect(refused(["apt:git"], parts)).toEqual(["Package git"]);
    expect(refused(["pip:git", "apt:git"], parts)).toEqual([]);
  });
});

test.each([
  "",
  "git",
  "npm:a",
  "pip:",
  "pip:a==1",
  "pip:-r",
  "apt:Git",
  "apt:a b",
  "base:/a",
  "base:a//b",
  "base:a b",
  7,
])("%j is no entry", (entry) => {
  expect(() => compileBuildAllowlist([entry as string])).toThrow(
    /^The build allowlist entry .* is none\. Write base:IMAGE/,
  );
});

test("an image that names itself is allowed, and one of another registry or place is not", () => {
  const part = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,8}[a-z0-9])?$/);
  const repository = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(repository, repository, fc.option(part), (mine, other, tag) => {
      const base = tag === null ? mine : `${mine}:${tag}`;
      fc.pre(isImageReference(base));
      expect(refused([`base:${mine}`], { base })).toEqual([]);
      expect(refused([`base:${base}`], { base })).toEqual([]);
      if (other !== mine) expect(refused([`base:${other}`], { base })).toHaveLength(1);
    }),
  );
});
