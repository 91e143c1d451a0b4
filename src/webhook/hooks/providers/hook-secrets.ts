import { FlyteError } from "../../../shared/errors.ts";
import type { HookSecrets } from "../hook.ts";

/** A secret that was found fit, with the name that logs know it by. */
export interface HookSecret {
  readonly name: string;
  readonly text: string;
}

export interface SecretRule {
  /** The hook's name, for the error. */
  readonly hook: string;
  /** The option that has them. @default "secret" */
  readonly option?: string;
  /** Where people find it: `the webhook's settings at GitHub`. */
  readonly source: string;
}

/** Shorter ones are guessed. */
const minimumLength = 16;

/**
 * The secrets of a hook, by name or by their place from 0.
 *
 * @throws FlyteError `invalid_config` naming the hook, the secret by its name, the rule and the remedy; never the secret
 */
export function readSecrets(secrets: HookSecrets, rule: SecretRule): readonly HookSecret[] {
  const found = entriesOf(secrets).map(([name, text]) => ({ name, text: check(name, text, rule) }));
  if (found.length > 0) return found;
  throw fault(rule, "none is given", `Give the one of ${rule.source}`);
}

/** What came may be of any type: an environment variable that is not set, above all. */
function entriesOf(secrets: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (typeof secrets === "object" && secrets !== null) return Object.entries(secrets);
  return secrets === undefined || secrets === null ? [] : [["0", secrets]];
}

function check(name: string, value: unknown, rule: SecretRule): string {
  const which = name === "0" ? "it" : `"${name}"`;
  if (value === undefined || value === "") {
    throw fault(rule, `${which} is empty`, `Give the one of ${rule.source}`);
  }
  if (typeof value !== "string") throw fault(rule, `${which} is no text`, "Give a text");
  if (value.trim() !== value) {
    const problem = `${which} begins or ends with a space or a line break`;
    throw fault(rule, problem, "Cut it off, as with text.trim()");
  }
  if (value.length < minimumLength) {
    const problem = `${which} has ${value.length} characters`;
    throw fault(
      rule,
      problem,
      `Use one of at least ${minimumLength}, such as openssl rand -hex 32 makes`,
    );
  }
  return value;
}

/** The error about a secret that does not fit. */
export function fault(
  { hook, option = "secret" }: Pick<SecretRule, "hook" | "option">,
  problem: string,
  remedy: string,
): FlyteError {
  return new FlyteError("invalid_config", `Hook "${hook}": ${option}: ${problem}. ${remedy}.`);
}
