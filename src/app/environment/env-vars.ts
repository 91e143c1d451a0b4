import { invalidConfig, show } from "./invalid-config.ts";

/** Set by what starts an app. */
const reserved = /^(?:PORT|K_SERVICE|K_CONFIGURATION|K_REVISION)$/;

export function isReservedVariable(name: string): boolean {
  return reserved.test(name);
}

/** @throws FlyteError `invalid_config` for names that no variable has, reserved ones and values that are no text */
export function checkEnvVars(given: unknown): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw invalidConfig('envVars must be an object like { LOG_LEVEL: "debug" }.');
  }
  for (const [name, value] of Object.entries(given)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw invalidConfig(
        `The name ${show(name)} in envVars must consist of letters, digits and underscores, and not begin with a digit.`,
      );
    }
    if (isReservedVariable(name)) {
      throw invalidConfig(
        `envVars must not set ${name}, which is set where the app is started${name === "PORT" ? ": give the option port" : ""}.`,
      );
    }
    // The value may be confidential, although secrets are the place for that.
    if (typeof value !== "string" || value.includes("\0")) {
      throw invalidConfig(`The value of ${name} in envVars must be a text without NUL.`);
    }
  }
  return { ...given };
}
