import { InvalidArgumentError } from "commander";
import { parseDuration as parseDurationText } from "../shared/duration.ts";
import { FlyteError } from "../shared/errors.ts";

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  }
  return port;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,16}$/.test(text) || count < 1 || !Number.isSafeInteger(count))
    throw new InvalidArgumentError("Expected a number from 1.");
  return count;
}

/** A duration in milliseconds. */
export function parseDuration(text: string): number {
  return refuseAsArgument(() => parseDurationText(text));
}

/** Makes an error of ours one that commander prints with the option. */
export function refuseAsArgument<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (FlyteError.is(error)) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
