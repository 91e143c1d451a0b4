import { Option } from "commander";
import { collectWords } from "./options.ts";

export interface CallbackCommandOptions {
  readonly callbackAllow?: readonly string[];
  readonly callbackFile?: string;
  readonly callbackAllowPrivate?: readonly string[];
  readonly callbackOutputs?: boolean;
  readonly config?: string;
}

/** For the commands that serve the webhook themselves. */
export function callbackOptions(): readonly Option[] {
  return [
    new Option(
      "--callback-allow <hosts...>",
      "tell these hosts of the end of runs where callback_url says so: HOST or *.DOMAIN; docs/callbacks.md explains it",
    ).argParser(collectWords),
    new Option("--callback-file <file>", "journal of callbacks, for this process alone"),
    new Option(
      "--callback-allow-private <ranges...>",
      "private addresses (CIDR) at which those hosts may be",
    ).argParser(collectWords),
    new Option("--callback-outputs", "send what runs gave along with callbacks"),
  ].map((option) => option.helpGroup("Webhook options:"));
}
