import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const source = (file: string) => resolve(import.meta.dirname, "src", file);

const globalSetups: Readonly<Record<string, string[]>> = {
  integration: ["test/support/bundle-folder.ts"],
  browser: ["test/support/build-console.ts"],
  python: ["test/python/environment.ts"],
};

// The limits end what hangs; none of them says how fast anything has to be, not even on a busy machine.
const project = (name: string, include: string[], timeout: number) => ({
  extends: true as const,
  test: {
    name,
    include,
    testTimeout: timeout,
    hookTimeout: timeout,
    // These leave nothing behind in modules, which are then loaded once for all of them.
    isolate: name !== "unit" && name !== "integration",
    setupFiles: name === "fuzz" ? [] : ["test/support/property-seed.ts"],
    globalSetup: globalSetups[name] ?? [],
  },
});

export default defineConfig({
  // The package by its own name is its sources, as in tsconfig.json.
  resolve: {
    alias: [
      { find: /^flyte-webhook$/, replacement: source("index.ts") },
      { find: /^flyte-webhook\/tasks$/, replacement: source("tasks/index.ts") },
    ],
  },
  test: {
    pool: "forks",
    // Many tests wait for processes of their own, so more of them fit than there are processors.
    maxWorkers: 3,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    projects: [
      project("unit", ["src/**/*.test.ts", "console/src/**/*.test.ts", "test/*.test.ts"], 120_000),
      project("integration", ["test/integration/**/*.test.ts"], 300_000),
      project("e2e", ["test/e2e/**/*.test.ts"], 300_000),
      project("browser", ["test/browser/**/*.test.ts"], 180_000),
      project("python", ["test/python/**/*.test.ts"], 300_000),
      project("fuzz", ["test/fuzz/**/*.test.ts"], 600_000),
    ],
  },
});
