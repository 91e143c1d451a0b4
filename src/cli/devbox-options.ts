import { Option } from "commander";
import type { LogLevel } from "./log-levels.ts";
import { parsePort } from "./parse-argument.ts";
import { defaultState } from "./state.ts";

/** What the embedded control plane is started with. */
export interface DevboxCommandOptions {
  readonly host: string;
  readonly state: string;
  readonly gatewayPort?: number;
  readonly allowAnonymous?: boolean;
  /** The webhook that the console asks. */
  readonly webhookUrl?: string | (() => string | undefined);
  readonly logLevel: LogLevel;
  readonly readyFile?: string;
  readonly json?: boolean;
}

export function devboxOptions(): readonly Option[] {
  return [
    new Option("--state <folder>", "folder for its state; `memory` keeps nothing").default(
      defaultState(),
      "~/.flyte-webhook/devbox",
    ),
    new Option(
      "--gateway-port <port>",
      "port of the gateway to the apps, 0 for a free one (default: 30081, or a free one where the devbox takes one)",
    ).argParser(parsePort),
    new Option("--allow-anonymous", "let clients without a credential in, as the user anonymous"),
  ];
}
