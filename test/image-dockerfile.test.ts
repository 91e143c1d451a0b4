import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { toDockerfile } from "../src/app/image/dockerfile.ts";
import { Image } from "../src/client/image.ts";
import { checkImage } from "../src/client/image-faults.ts";
import type { LoadedImage, LoadedLayer } from "../src/client/image-sources.ts";
import { jsonWords, parseDockerfile } from "./support/parse-dockerfile.ts";

test("an image as a Dockerfile", () => {
  const { spec } = Image.fromNode({ name: "app" })
    .withAptPackages("git", "curl=7.88.1-10+deb12u5")
    .withPipPackages("a>=1", "b[x]", {
      indexUrl: "https://i.example",
      pre: true,
      extraArgs: "--no-deps",
    })
    .withNpmPackages("fastify@^5")
    .withCommands(["echo 'a' && ls", "cat <<EOF"])
    .withEnvVars({ QUOTED: `a "b" \\ $5 \${x:-y} $$`, KNOWN: `$HOME/\${PATH}` });
  const copies: LoadedLayer[] = [
    { kind: "copy", type: "folder", source: "/x", destination: "./src", files: [] },
    { kind: "copy", type: "file", source: "/x", destination: "b.ts", files: [] },
    { kind: "copy", type: "file", source: "/x", destination: ".", files: [] },
  ];
  const layers = [...spec.layers, ...copies] as readonly LoadedLayer[]; // The image copies nothing itself.
  expect(toDockerfile({ ...spec, layers })).toBe(
    [
      "FROM node:24-bookworm-slim",
      "USER root",
      "WORKDIR /app",
      'ENV NODE_ENV="production"',
      'ENV PATH="/app/node_modules/.bin:$PATH"',
      'RUN ["/bin/sh","-c","apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends git curl=7.88.1-10+deb12u5 && rm -rf /var/lib/apt/lists/*"]',
      `RUN ["/bin/sh","-c","if command -v uv >/dev/null; then uv pip install --no-cache --index-url=https://i.example --pre --no-deps 'a>=1' 'b[x]'; else python3 -m pip install --no-cache-dir --index-url=https://i.example --pre --no-deps 'a>=1' 'b[x]'; fi"]`,
      `RUN ["/bin/sh","-c","npm install --no-audit --no-fund --no-update-notifier 'fastify@^5' && npm cache clean --force"]`,
      `RUN ["/bin/sh","-c","echo 'a' && ls"]`,
      'RUN ["/bin/sh","-c","cat <<EOF"]',
      String.raw`ENV QUOTED="a \"b\" \\ \$5 \${x:-y} \$\$"`,
      `ENV KNOWN="$HOME/\${PATH}"`,
      'COPY ["sources/7/","./src/"]',
      'COPY ["sources/8/","./"]',
      'COPY ["sources/9/","./"]',
      "USER 1000:1000",
      "",
    ].join("\n"),
  );
});

test("without a user, the base image's own stays", () => {
  expect(toDockerfile({ baseImage: "a", layers: [] })).toBe("FROM a\n");
});

/** Texts that would like to be more than they are. */
const hostile = fc.oneof(
  fc.constantFrom(
    "a\nUSER root",
    "a \\",
    "a\\",
    "cat <<EOF",
    "cat <<EOF >x",
    '"] <<EOF',
    '"]\nUSER root',
    "a' ; id; '",
    '"; id; "',
    "$(id)",
    "`id`",
    "a\u2028b",
    "# escape=`",
    "--from=evil",
    "-x",
    "a b",
    '{"a":1}',
  ),
  fc.string({ unit: fc.constantFrom(..."ab1 .-_=<>;'\"$(){}`|&\\!*[]@:/~#%+,\n\r\t") }),
  fc.string({ unit: "grapheme" }),
);
const good = fc.constantFrom("git", "a@1", "x.ts", "/srv/app", "httpx", "1000", "A");
const text = fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: hostile });
const texts = fc.array(text, { minLength: 1, maxLength: 3 });

const layer: fc.Arbitrary<LoadedLayer> = fc.oneof(
  fc.record({ kind: fc.constant("apt" as const), packages: texts }),
  fc.record({ kind: fc.constant("npm" as const), packages: texts, registry: text }),
  fc.record({ kind: fc.constant("npm" as const), packages: texts }),
  fc.record({
    kind: fc.constant("pip" as const),
    packages: texts,
    extraArgs: text,
    pre: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("commands" as const), commands: texts }),
  fc.record({
    kind: fc.constant("env" as const),
    env: fc.dictionary(text, text, { minKeys: 1, maxKeys: 3 }),
  }),
  fc.record({ kind: fc.constant("workdir" as const), path: text }),
  fc.record({
    kind: fc.constant("copy" as const),
    type: fc.constantFrom("file" as const, "folder" as const),
    source: text,
    destination: text,
    files: fc.array(fc.record({ path: text, bytes: fc.constant(new Uint8Array()) })),
  }),
);

/** What each layer may become, and nothing else. */
function expected(layers: readonly LoadedLayer[]): readonly string[] {
  return layers.flatMap((each) => {
    if (each.kind === "env") return Object.keys(each.env).map(() => "ENV");
    if (each.kind === "commands") return each.commands.map(() => "RUN");
    if (each.kind === "copy") return ["COPY"];
    return [each.kind === "workdir" ? "WORKDIR" : "RUN"];
  });
}

function isRefused(image: LoadedImage): boolean {
  try {
    checkImage(image);
    return false;
  } catch {
    return true;
  }
}

test("no part of an image adds an instruction: it is refused, or is one word of its own", () => {
  let built = 0;
  fc.assert(
    fc.property(
      fc.array(layer, { minLength: 1, maxLength: 3 }),
      fc.option(text),
      (layers, user) => {
        const image = { baseImage: "debian:12", layers, ...(user !== null && { user }) };
        if (isRefused(image)) return;
        built += 1;
        const instructions = parseDockerfile(toDockerfile(image));
        const inner = ["FROM", ...expected(layers), "USER"];
        expect(instructions.map(({ keyword }) => keyword)).toEqual(
          user === null ? inner.slice(0, -1) : ["FROM", "USER", ...inner.slice(1)],
        );
        for (const instruction of instructions) {
          if (instruction.keyword === "RUN") {
            expect(jsonWords(instruction).slice(0, 2)).toEqual(["/bin/sh", "-c"]);
          }
          if (instruction.keyword === "COPY") expect(jsonWords(instruction)).toHaveLength(2);
          if (instruction.keyword === "ENV") {
            expect(instruction.rest).toMatch(/^[A-Za-z_]\w*="(?:[^"\\]|\\["\\$])*"$/);
          }
        }
      },
    ),
    { numRuns: 3_000 },
  );
  expect(built).toBeGreaterThan(200);
});

const packages = fc.array(
  fc.constantFrom(
    "a>=1",
    "b[x,y]",
    "c; python_version < '3'",
    'd; x == "$(id)"',
    "e'f",
    "`id`",
    "g h",
  ),
  { minLength: 1 },
);

test("a shell gives each package to its installer as one word", () => {
  const folder = mkdtempSync(join(tmpdir(), "flyte-webhook-path-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // In place of the programs: each prints its words, unless it only prepares or clears up.
  for (const name of ["apt-get", "npm", "python3", "rm"]) {
    const skipped = '[ "$1" = update ] || [ "$1" = cache ] || [ "$1" = -rf ]';
    const script = `#!/bin/sh\n${skipped} || printf '%s\\n' "$@"\n`;
    writeFileSync(join(folder, name), script, { mode: 0o755 });
  }
  fc.assert(
    fc.property(packages, (names) => {
      for (const kind of ["apt", "pip", "npm"] as const) {
        const dockerfile = toDockerfile({ baseImage: "a", layers: [{ kind, packages: names }] });
        const run = parseDockerfile(dockerfile).at(-1);
        const [shell = "", ...args] = run === undefined ? [] : jsonWords(run);
        const printed = execFileSync(shell, args, { encoding: "utf8", env: { PATH: folder } });
        expect(printed.trimEnd().split("\n").slice(-names.length)).toEqual(names);
      }
    }),
    { numRuns: 15 },
  );
});
