import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { bundleCommand } from "./bundled-command.ts";
import { ServerProcess } from "./dev-process.ts";
import { type CommandResult, runCommand } from "./run-command.ts";

/** The command as its users have it, and a server of it that the others talk to. */
export interface CommandDevbox {
  readonly folder: string;
  readonly command: readonly string[];
  readonly state: string;
  readonly server: ServerProcess;
  /** Runs a command against the devbox, as alice unless told otherwise. */
  flyte(line: readonly string[], given?: CommandGiven): Promise<CommandResult>;
  /** The same, that ends well and prints nothing but JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in the output
  json(line: readonly string[], given?: CommandGiven): Promise<any>;
}

export interface CommandGiven {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

/**
 * Starts `flyte-webhook LINE` on free ports, with a folder of its own, for the tests of a file.
 *
 * @param line - `dev` or `devbox`, with options but those for ports and state
 */
export function useCommandDevbox(line: readonly string[] = ["dev"]): CommandDevbox {
  let folder = "";
  let command: readonly string[] = [];
  let server: ServerProcess | undefined;
  const state = (): string => join(folder, "state");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "flyte-webhook-command-"));
    command = await bundleCommand(join(folder, "package"));
    const ports = line[0] === "dev" ? ["--devbox-port", "0"] : [];
    server = await ServerProcess.start([...line, "--state", state(), "--port", "0", ...ports], {
      command,
    });
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const flyte: CommandDevbox["flyte"] = (args, given) =>
    runCommand([...args, "--state", state()], { command, cwd: folder, ...given });

  return {
    get folder() {
      return folder;
    },
    get command() {
      return command;
    },
    get state() {
      return state();
    },
    get server() {
      if (server === undefined) throw new Error("The server has not been started.");
      return server;
    },
    flyte,
    async json(args, given) {
      return toJson(await flyte(args, given));
    },
  };
}

/** The whole of standard output, of a command that ended well. */
// biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in the output
export function toJson({ code, stdout, stderr }: CommandResult): any {
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout);
}

/** Failed as documented, in one line, without a stack. */
export function expectRefused(result: CommandResult, code: number, says: RegExp): void {
  expect(result.stderr).toMatch(says);
  expect(result).toMatchObject({ code, stdout: "" });
  expect(result.stderr).toMatch(/^error: /);
  expect(result.stderr).not.toMatch(/\n\s+at |defect/);
}
