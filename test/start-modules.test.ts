import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** What only some start needs: it is loaded when it is used. */
const neverAtStart = [
  "node_modules/@connectrpc/connect-node/",
  "node_modules/@opentelemetry/",
  "node_modules/@redis/",
  "node_modules/prom-client/",
  "node_modules/@photostructure/sqlite/",
  "node_modules/yaml/",
  "src/devbox/",
  "src/tasks/",
  "src/system-tasks/",
];

let outputs: Metafile["outputs"];

beforeAll(async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/cli.ts"],
    outdir: "dist",
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    external: ["@photostructure/sqlite", "esbuild"],
  });
  ({ outputs } = metafile);
}, 60_000);

/** All inputs that are loaded with these, without what they import when they need it. */
function loadedWith(entries: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const output = outputs[path];
    if (output === undefined || seen.has(path)) return;
    seen.add(path);
    for (const input of Object.keys(output.inputs)) found.add(input);
    for (const { path: imported, kind } of output.imports) {
      if (kind !== "dynamic-import") visit(imported);
    }
  };
  for (const [path, { entryPoint = "" }] of Object.entries(outputs)) {
    if (entries.includes(entryPoint)) visit(path);
  }
  return found;
}

test("`flyte-webhook serve` loads at its start nothing that only some webhooks need", () => {
  const loaded = [...loadedWith(["src/cli.ts", "src/cli/commands/serve.ts"])];
  expect(loaded).toContain("src/webhook/create-webhook.ts");
  const extra = loaded.filter((path) => neverAtStart.some((one) => path.includes(one)));
  expect(extra).toEqual([]);
});

test("the command loads neither a server nor a client before it knows what it is asked for", () => {
  const loaded = [...loadedWith(["src/cli.ts"])];
  const packages = loaded.flatMap(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  );
  expect([...new Set(packages)]).toEqual(["commander"]);
  expect(loaded.filter((path) => /^src\/(?:client|devbox|idl)\//.test(path))).toEqual([]);
});
