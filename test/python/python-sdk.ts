import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { ServerProcess } from "../support/dev-process.ts";
import { pythonBin } from "./environment.ts";
import { startTlsFront } from "./tls-front.ts";

const run = promisify(execFile);
const path = `${pythonBin}${delimiter}${process.env["PATH"]}`;

type Variables = Readonly<Record<string, string>>;

/** Flyte's Python SDK, unchanged, as alice at a devbox of its own that lets nobody in without a key. */
export interface PythonSdk extends AsyncDisposable {
  readonly server: ServerProcess;
  /** Host and port of the control plane behind TLS. */
  readonly tlsEndpoint: string;
  /** Runs a script of this folder with variables; what it printed after `RESULT`. */
  run(script: string, variables?: Variables, ...args: string[]): Promise<unknown>;
  /** Runs the command `flyte`; the cells of the table that it printed, without the titles. */
  flyte(...args: string[]): Promise<string[][]>;
}

/**
 * Starts both. Scripts find a configuration where the SDK looks for it, and a `ready.json` with addresses
 * and keys.
 */
export async function startPythonSdk(): Promise<PythonSdk> {
  // The SDK names modules by their path from the working directory.
  const home = await mkdtemp(join(tmpdir(), "flyte-webhook-python-home-"));
  const started: AsyncDisposable[] = [folder(home)];
  try {
    return await start(home, started);
  } catch (error) {
    await disposeAll(started);
    throw error;
  }
}

async function start(home: string, started: AsyncDisposable[]): Promise<PythonSdk> {
  const options = { cwd: home, timeout: 200_000, maxBuffer: 64 * 1024 * 1024 };
  await run(join(pythonBin, "python"), [join(import.meta.dirname, "certificates.py")], options);
  const server = await ServerProcess.start(
    ["dev", "--state", "memory", "--port", "0", "--devbox-port", "0", "--gateway-port", "0"],
    { env: { PATH: path } },
  );
  started.push(server);
  const front = await startTlsFront(server.ready.controlPlane, home);
  started.push(front);
  const authority = join(home, "ca.pem");
  const [, clientId = "", secret = ""] =
    /^fwk_([^_]+)_(.+)$/.exec(server.ready.keys["alice"] ?? "") ?? [];
  const tlsEndpoint = `localhost:${front.port}`;
  await writeFile(
    join(home, "config.yaml"),
    JSON.stringify({
      admin: {
        endpoint: `dns:///${tlsEndpoint}`,
        clientId,
        clientSecretEnvVar: "ALICE_SECRET",
        caCertFilePath: authority,
        disableKeyring: true,
      },
      task: { project: "flytesnacks", domain: "development" },
    }),
  );
  const ready = { ...server.ready, tlsEndpoint, authority };
  await writeFile(join(home, "ready.json"), JSON.stringify(ready));
  const scripts = (await readdir(import.meta.dirname)).filter((name) => name.endsWith(".py"));
  await Promise.all(
    scripts.map((name) => copyFile(join(import.meta.dirname, name), join(home, name))),
  );
  const env = {
    ...{ PATH: path, HOME: home, COLUMNS: "200", NO_COLOR: "1", LANG: "C.UTF-8" },
    ...{ ALICE_SECRET: secret, SSL_CERT_FILE: authority },
  };
  return {
    server,
    tlsEndpoint,
    async run(script, variables, ...args) {
      const { stdout } = await run(join(pythonBin, "python"), [script, ...args], {
        ...options,
        env: { ...env, ...variables },
      });
      const [, result = "null"] = /^RESULT (.*)$/m.exec(stdout) ?? [];
      return JSON.parse(result);
    },
    async flyte(...args) {
      const { stdout } = await run(join(pythonBin, "flyte"), args, { ...options, env });
      return toRows(stripVTControlCharacters(stdout));
    },
    [Symbol.asyncDispose]: () => disposeAll(started),
  };
}

function toRows(table: string): string[][] {
  const lines = table.split("\n").filter((line) => line.includes("│"));
  return lines.slice(1).map((line) =>
    line
      .split("│")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function folder(path: string): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** The last one first. */
async function disposeAll(started: readonly AsyncDisposable[]): Promise<void> {
  for (const one of started.toReversed()) await one[Symbol.asyncDispose]();
}
