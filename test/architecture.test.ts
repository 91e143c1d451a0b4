import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { expect, test } from "vitest";

const source = resolve(import.meta.dirname, "../src");

/** What each layer may import, beside itself. `index.ts`, `cli.ts` and `cli/` may import all. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  idl: [],
  values: ["idl", "shared"],
  client: ["values", "idl", "shared"],
  tasks: ["values", "idl", "shared"],
  // Tasks like those of any user, which are bundled: what is not in the bundle they cannot use.
  "system-tasks": ["tasks", "app", "client", "values", "idl", "shared"],
  app: ["client", "shared"],
  webhook: ["app", "client", "values", "shared"],
  devbox: ["values", "idl", "shared"],
};

/** Packages that stay behind one door: a pattern of the package, and the folders that may import it. */
const doors: readonly (readonly [package_: RegExp, folders: RegExp])[] = [
  [/^@flyteorg\/flyteidl2/, /^idl\//],
  // Loaded by a run alone, and part of no command.
  [/^@huggingface\/hub$/, /^system-tasks\/prefetch\//],
  [/^fastify$/, /^(app|webhook)\//],
  // Loaded where replicas share their rate limits, and nowhere else.
  [/^@redis\/client$/, /^webhook\/rate-limits\/redis-connection\.ts$/],
  [/^@photostructure\/sqlite$/, /^devbox\/store\/database\.ts$/],
  // Tasks, sign-in programs, the command, apps that are a command (here and deployed), and Docker for images.
  [
    /^node:child_process$/,
    /^(?:(devbox\/executor|client\/auth|cli|app\/(serve|image))\/|app\/runtime\/run-command\.ts$)/,
  ],
];

const maximumLines = 300;

interface Import {
  readonly file: string;
  readonly specifier: string;
}

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);

/** Every specifier of `import … from`, `export … from`, bare and dynamic imports. */
function importsOf(file: string, text: string): readonly Import[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].map((match) => ({ file, specifier: match[1] ?? "" }));
}

/** What the tests of every layer may share. */
const sharedByTests = join("..", "test", "support", sep);

function layerOf(file: string): string {
  return file.includes(sep) ? (file.split(sep)[0] ?? "") : "";
}

function wrongEdge({ file, specifier }: Import): string | undefined {
  if (!specifier.startsWith(".")) {
    const door = doors.find(([name]) => name.test(specifier));
    if (door !== undefined && !door[1].test(file) && !file.endsWith(".test.ts")) {
      return `${file} imports ${specifier}`;
    }
    return undefined;
  }
  const layer = layerOf(file);
  if (layer === "" || layer === "cli") return undefined;
  const target = relative(source, resolve(source, dirname(file), specifier));
  const targetLayer = layerOf(target);
  if (targetLayer === layer) return undefined;
  if (target.startsWith(sharedByTests) && file.endsWith(".test.ts")) return undefined;
  return allowed[layer]?.includes(targetLayer) ? undefined : `${file} imports ${target}`;
}

test("a planted wrong import is noticed in every form", () => {
  const planted = [
    'import { a } from "../client/errors.ts";',
    'export { a } from "../client/errors.ts";',
    'import "../client/errors.ts";',
    'const a = await import("../client/errors.ts");',
  ];
  for (const text of planted) {
    const wrong = importsOf("devbox/x.ts", text).map(wrongEdge);
    expect(wrong).toEqual(["devbox/x.ts imports client/errors.ts"]);
  }
  expect(importsOf("client/x.ts", 'import "fastify";').map(wrongEdge)).toHaveLength(1);
  const support = 'import "../../test/support/http.ts";';
  expect(importsOf("client/x.ts", support).map(wrongEdge)).toHaveLength(1);
  expect(importsOf("client/x.test.ts", support).map(wrongEdge)).toEqual([undefined]);
});

test("every folder below src is a known layer", () => {
  const layers = new Set(files.map(layerOf));
  expect(
    [...layers].filter((layer) => !(layer in allowed) && layer !== "" && layer !== "cli"),
  ).toEqual([]);
});

test("imports follow the layers", () => {
  const wrong = files
    .flatMap((file) => importsOf(file, readFileSync(resolve(source, file), "utf8")))
    .map(wrongEdge)
    .filter((edge) => edge !== undefined);
  expect(wrong).toEqual([]);
});

test(`no file below src is longer than ${maximumLines} lines`, () => {
  const long = files.filter((file) => {
    if (file.startsWith(`idl${sep}`)) return false;
    return readFileSync(resolve(source, file), "utf8").split("\n").length > maximumLines + 1;
  });
  expect(long).toEqual([]);
});

test("the console is built of itself and of what is pure", () => {
  const root = resolve(source, "../console/src");
  const wrong = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) => importsOf(file, readFileSync(resolve(root, file), "utf8")))
    .filter(({ file, specifier }) => {
      const isTest = /\.test\.tsx?$/.test(file);
      if (specifier.startsWith("node:")) return !isTest;
      if (!specifier.startsWith(".")) return false;
      const target = resolve(root, dirname(file), specifier);
      if (target.startsWith(root + sep)) return false;
      if (isTest && relative(source, target).startsWith(sharedByTests)) return false;
      return !["idl", "values", "shared"].includes(layerOf(relative(source, target)));
    })
    .map(({ file, specifier }) => `${file} imports ${specifier}`);
  expect(wrong).toEqual([]);
});
