import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { parseIgnorePatterns } from "../src/client/ignore-patterns.ts";
import { readStages, restsOf, variablesOf, wordsOf } from "./support/dockerfile.ts";

const root = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(resolve(root, file), "utf8");
const manifest = JSON.parse(read("package.json")) as {
  readonly version: string;
  readonly license: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
};
const stages = readStages();
const image = stages.at(-1) ?? [];

test("it has known instructions alone, and every stage begins with the pinned base", () => {
  const known = /^(?:FROM|ARG|LABEL|COPY|RUN|ENV|WORKDIR|USER|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD)$/;
  expect(stages.flat().filter(({ keyword }) => !known.test(keyword))).toEqual([]);
  expect(read("Dockerfile")).toMatch(/^ARG NODE_IMAGE=node:\d+-bookworm-slim$/m);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Docker
  expect(stages.map(([from]) => from?.rest.split(" ")[0])).toEqual(Array(3).fill("${NODE_IMAGE}"));
});

test("what it copies exists, and .dockerignore lets it through", () => {
  const { ignores } = parseIgnorePatterns(read(".dockerignore"));
  const own = stages
    .flatMap((stage) => restsOf(stage, "COPY"))
    .filter((rest) => !/^--from/.test(rest));
  const sources = own.flatMap((rest) => rest.split(" ").slice(0, -1));
  const needed = [
    ...sources.filter((source) => source !== "."),
    ...manifest.files.filter((file) => file !== "dist"),
    "scripts/build.js",
    "scripts/build-console.js",
    "console/index.html",
    "console/src/main.tsx",
    "console/vite.config.ts",
    "src/cli.ts",
    "tsconfig.json",
    "tsconfig.build.json",
    "LICENSE",
    "README.md",
  ];
  for (const path of needed) {
    expect(() => statSync(resolve(root, path)), path).not.toThrow();
    expect(ignores(path), path).toBe(false);
  }
  for (const path of [
    ".git/config",
    "node_modules/a",
    "dist/cli.js",
    ".env",
    "test/a.ts",
    "src/a.test.ts",
    "console/src/text/a.test.ts",
  ]) {
    expect(ignores(path), path).toBe(true);
  }
});

test("it runs as a user by numbers, who is not root", () => {
  expect(restsOf(image, "USER")).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
  const at = (keyword: string): number =>
    image.findIndex((instruction) => instruction.keyword === keyword);
  expect(at("USER")).toBeGreaterThan(image.findLastIndex(({ keyword }) => keyword === "RUN"));
});

test("all commands of the package are on its path, and it runs what it is given", () => {
  const links = restsOf(image, "RUN").flatMap((rest) => [...rest.matchAll(/ln -s (\S+) (\S+)/g)]);
  const expected = Object.entries(manifest.bin).map(([name, file]) => {
    return [`/opt/flyte-webhook/${file}`, `/usr/local/bin/${name}`];
  });
  expect(links.map(([, target, link]) => [target, link])).toEqual(expected);
  expect(wordsOf(image, "ENTRYPOINT")).toEqual([]);
  expect(wordsOf(image, "CMD")).toEqual(["flyte-webhook", "serve"]);
});

test("its labels say what the package says", () => {
  const labels = restsOf(image, "LABEL").join(" ");
  expect(labels).toContain(`org.opencontainers.image.licenses="${manifest.license}"`);
  expect(restsOf(image, "ARG")).toEqual([`VERSION=${manifest.version}`]);
});

test("its health check says whether /health is well, on whichever port", async () => {
  let status = 200;
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve_) => server.listen(0, "127.0.0.1", resolve_));
  onTestFinished(() => void server.close());
  const [program, ...args] = wordsOf(image, "HEALTHCHECK");
  expect(program).toBe("node");
  const { port } = server.address() as AddressInfo;
  const check = (PORT: number): Promise<number> =>
    promisify(execFile)(process.execPath, args, { env: { PORT: String(PORT) } }).then(
      () => 0,
      (error: { code: number }) => error.code,
    );
  expect(await check(port)).toBe(0);
  status = 503;
  expect(await check(port)).toBe(1);
  expect(asked).toEqual(["/health", "/health"]);
  server.closeAllConnections();
  await new Promise((resolve_) => server.close(resolve_));
  expect(await check(port)).toBe(1);
});

test("it listens on all addresses of the container, on the port it names", () => {
  expect(variablesOf(image)).toEqual({ NODE_ENV: "production", FLYTE_APP_HOST: "0.0.0.0" });
  expect(restsOf(image, "EXPOSE")).toEqual(["8080"]);
});
