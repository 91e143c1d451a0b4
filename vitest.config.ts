import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const source = (file: string) => resolve(import.meta.dirname, "src", file);

const project = (name: string, include: string[], timeout: number) => ({
  extends: true as const,
  test: {
    name,
    include,
    testTimeout: timeout,
    hookTimeout: timeout,
    setupFiles: name === "fuzz" ? [] : ["test/support/property-seed.ts"],
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
    projects: [
      project("unit", ["src/**/*.test.ts", "test/*.test.ts"], 20_000),
      project("integration", ["test/integration/**/*.test.ts"], 180_000),
      project("e2e", ["test/e2e/**/*.test.ts"], 180_000),
      project("browser", ["test/browser/**/*.test.ts"], 60_000),
      project("python", ["test/python/**/*.test.ts"], 180_000),
      project("fuzz", ["test/fuzz/**/*.test.ts"], 600_000),
    ],
  },
});
