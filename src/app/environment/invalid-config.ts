import { FlyteError } from "../../shared/errors.ts";
import { nearestName } from "../../shared/nearest-name.ts";

/** An `invalid_config` error; the message names the value, the rule and the remedy. */
export function invalidConfig(message: string): FlyteError {
  return new FlyteError("invalid_config", message);
}

/** A value as it is shown in a message: JSON where there is one, cut to a readable length. */
export function show(value: unknown): string {
  const text = typeof value === "bigint" ? String(value) : toJson(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "an object that refers to itself";
  }
}

/**
 * Refuses options that do not exist, which the types cannot do for JavaScript.
 *
 * @param of what has the options, for example `Scaling`
 * @throws FlyteError `invalid_config` naming the option and the nearest one that exists
 */
export function assertOptions(of: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw invalidConfig(`${of} takes an object of options, not ${show(given)}.`);
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const meant = nearestName(name, known);
    const question = meant === undefined ? "" : ` Did you mean "${meant}"?`;
    throw invalidConfig(
      `${of} has no option "${name}".${question} There are: ${known.join(", ")}.`,
    );
  }
}

/** @throws FlyteError `invalid_config` when a value is given that is no text */
export function assertText(what: string, value: unknown): void {
  if (value === undefined || typeof value === "string") return;
  throw invalidConfig(`${what} must be a text, not ${show(value)}.`);
}

/** @throws FlyteError `invalid_config` when a value is given that is neither true nor false */
export function assertFlag(what: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw invalidConfig(`${what} must be true or false, not ${show(value)}.`);
}

/** @throws FlyteError `invalid_config` when a value is given that is none of a few words */
export function assertChoice(what: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.some((choice) => choice === value)) return;
  throw invalidConfig(`${what} ${show(value)} must be one of: ${choices.join(", ")}.`);
}

/** @throws FlyteError `invalid_config` when a value is given that is no list */
export function assertList(what: string, value: unknown): void {
  if (value === undefined || Array.isArray(value)) return;
  throw invalidConfig(`${what} must be a list, not ${show(value)}.`);
}
