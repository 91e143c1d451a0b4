import { invalidConfig, show } from "./invalid-config.ts";

/** @throws FlyteError `invalid_config` for what cannot be the name of an app, one label of its host name */
export function checkAppName(name: unknown): string {
  if (typeof name === "string" && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw invalidConfig(
    `The name ${show(name)} must consist of lower case letters, digits and dashes, begin and end with a letter or digit, and have at most 63 characters.`,
  );
}
