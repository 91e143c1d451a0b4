import { parseArgs } from "node:util";
import { FlyteError } from "../../shared/errors.ts";

/** The command line of `flyte-app`, as an app's container args hold it. */
export interface AppArguments {
  /** Name of the environment to serve. */
  readonly name: string;
  /** The command that is the app, with `$NAME` in it for variables; undefined for an app of code. */
  readonly exec: readonly string[] | undefined;
  /** URI of the code bundle. */
  readonly tgz: string;
  /** Parameters as `encodeParameters` writes them. */
  readonly parameters: string | undefined;
  readonly host: string;
  readonly port: number;
}

/** A cluster's proxy reaches an app from outside its container. A devbox says `127.0.0.1` in the variable. */
const everyAddress = "0.0.0.0";

/**
 * Reads the command line. Address and port come from `FLYTE_APP_HOST` and `PORT`, as the platform
 * chooses them. Unknown options are ignored, so that newer deployments start with older launchers.
 *
 * @throws FlyteError `invalid_config` when something is missing
 */
export function parseAppArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): AppArguments {
  const text = { type: "string" } as const;
  const end = argv.indexOf("--");
  const { values, positionals } = parseArgs({
    args: end === -1 ? [...argv] : argv.slice(0, end),
    strict: false,
    allowPositionals: true,
    options: { tgz: text, parameters: text, exec: text },
  });
  const optional = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const { PORT: portText = "8080", FLYTE_APP_HOST: host = everyAddress } = env;
  const port = Number(portText);
  const app = optional("exec");
  const exec = app === undefined ? undefined : argv.slice(end === -1 ? argv.length : end + 1);
  const [name = app] = positionals;
  const tgz = optional("tgz");
  if (tgz === undefined) throw usage("--tgz is missing");
  if (name === undefined || name === "") throw usage("the name of the app is missing");
  if (exec?.length === 0) throw usage("the command after -- is missing");
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) {
    throw usage(`PORT ${JSON.stringify(portText)} is no port`);
  }
  return { name, exec, tgz, parameters: optional("parameters"), host, port };
}

function usage(reason: string): FlyteError {
  return new FlyteError(
    "invalid_config",
    `${reason}. Usage: flyte-app --tgz URI [--parameters TEXT] NAME, or flyte-app --tgz URI [--parameters TEXT] --exec NAME -- COMMAND`,
  );
}
