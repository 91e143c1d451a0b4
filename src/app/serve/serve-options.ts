import { assertOptions, assertText, invalidConfig, show } from "../environment/invalid-config.ts";

export interface ServeOptions {
  /** Address to listen on. @default `127.0.0.1` */
  readonly host?: string;
  /**
   * Port to listen on in place of the environment's; 0 takes a free one, for all that is served.
   *
   * @default the environment's
   */
  readonly port?: number;
  /** Longest time until an app is healthy, in milliseconds. @default 60000 */
  readonly activateTimeoutMs?: number;
  /** How long an app may take to answer what it has accepted when it is stopped, in milliseconds. @default 6000 */
  readonly deactivateTimeoutMs?: number;
  /** What is asked to find out whether an app is there. @default `/health` */
  readonly healthPath?: string;
  /** Longest time for one such question, in milliseconds. @default 2000 */
  readonly probeTimeoutMs?: number;
  /** Time between two of them, in milliseconds. @default 100 */
  readonly probeIntervalMs?: number;
  /** Ends the start; what it has started so far is stopped. */
  readonly signal?: AbortSignal;
  /** Gets what apps of a `command` write. @default written to standard error */
  readonly onOutput?: (chunk: Uint8Array) => void;
}

export type ServeSettings = Required<Omit<ServeOptions, "port" | "signal">>;

const optionNames = Object.keys({
  host: true,
  port: true,
  activateTimeoutMs: true,
  deactivateTimeoutMs: true,
  healthPath: true,
  probeTimeoutMs: true,
  probeIntervalMs: true,
  signal: true,
  onOutput: true,
} satisfies Record<keyof ServeOptions, true>);

/** Fills the defaults in. @throws FlyteError `invalid_config` naming the option and the rule */
export function resolveServeOptions(options: ServeOptions): ServeSettings {
  assertOptions("serve", options, optionNames);
  const { host = "127.0.0.1", port, healthPath = "/health" } = options;
  assertText("host", host);
  if (port !== undefined && !(Number.isSafeInteger(port) && port >= 0 && port <= 65_535)) {
    throw invalidConfig(`port ${show(port)} must be a whole number from 0 to 65535.`);
  }
  if (typeof healthPath !== "string" || !/^\/[!-~]*$/.test(healthPath)) {
    throw invalidConfig(`healthPath ${show(healthPath)} must be a path like "/health".`);
  }
  return {
    host,
    healthPath,
    activateTimeoutMs: milliseconds(options, "activateTimeoutMs", 60_000),
    deactivateTimeoutMs: milliseconds(options, "deactivateTimeoutMs", 6_000),
    probeTimeoutMs: milliseconds(options, "probeTimeoutMs", 2_000),
    probeIntervalMs: milliseconds(options, "probeIntervalMs", 100),
    onOutput: options.onOutput ?? ((chunk) => void process.stderr.write(chunk)),
  };
}

function milliseconds(
  options: ServeOptions,
  name: "activateTimeoutMs" | "deactivateTimeoutMs" | "probeTimeoutMs" | "probeIntervalMs",
  byDefault: number,
): number {
  const value = options[name] ?? byDefault;
  if (Number.isSafeInteger(value) && value >= 1 && value <= 2 ** 31 - 1) return value;
  throw invalidConfig(`${name} ${show(value)} must be a whole number of milliseconds from 1.`);
}
