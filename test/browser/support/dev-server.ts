import { afterAll, beforeAll } from "vitest";
import { type ReadyFile, ServerProcess } from "../../support/dev-process.ts";

/** A `flyte-webhook dev` for the tests of a file. */
export interface DevServer {
  readonly ready: ReadyFile;
  /** The key of a seeded user. */
  keyOf(user: "alice" | "bob"): string;
  /** Address of a page below the project and domain, such as `runs/r1`. */
  pageUrl(path: string, scope?: { readonly project?: string; readonly domain?: string }): string;
}

/**
 * Starts `flyte-webhook dev` on free ports with a state in memory before the tests of a file, and ends it after
 * them.
 *
 * @param args - further arguments, such as `--tasks FILE`
 */
export function useDevServer(args: readonly string[] = []): DevServer {
  let server: ServerProcess;
  beforeAll(async () => {
    const free = ["--port", "0", "--devbox-port", "0"];
    server = await ServerProcess.start(["dev", "--state", "memory", ...free, ...args]);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  return {
    get ready() {
      return server.ready;
    },
    keyOf: (user) => server.ready.keys[user] ?? "",
    pageUrl: (path, { project = "flytesnacks", domain = "development" } = {}) =>
      `${server.ready.console}/domain/${domain}/project/${project}/${path}`,
  };
}
