import { FlyteError } from "../shared/errors.ts";
import { nearestName } from "../shared/nearest-name.ts";

/** What an option may be, where it may be one of a few words. */
const choices: Readonly<Record<string, readonly string[]>> = {
  runScope: ["webhook", "task"],
  compat: ["upstream"],
  docs: ["public", "protected", "off"],
};

/**
 * Refuses words that mean nothing, which the types cannot do for JavaScript: `docs: "private"` must
 * not leave the documentation public.
 *
 * @throws FlyteError `invalid_config` naming the option and what it may be
 */
export function assertChoices(options: object): void {
  for (const [name, words] of Object.entries(choices)) {
    const given: unknown = Reflect.get(options, name);
    if (given === undefined || words.includes(String(given))) continue;
    const meant = nearestName(String(given), words);
    const question = meant === undefined ? "" : ` Did you mean "${meant}"?`;
    throw new FlyteError(
      "invalid_config",
      `${name} cannot be ${JSON.stringify(given)}.${question} It may be: ${words.join(", ")}.`,
    );
  }
}
