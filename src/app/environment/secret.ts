import { secretVariable } from "../../shared/secret-variable.ts";
import { assertOptions, assertText, invalidConfig, show } from "./invalid-config.ts";

export interface SecretOptions {
  /** The secret's name. */
  readonly key: string;
  /** The group it is kept in. @default none */
  readonly group?: string;
  /**
   * The environment variable that holds it.
   *
   * @default the group, if any, and the key in upper case with `-` as `_`: `my-key` is `MY_KEY`
   */
  readonly asEnvVar?: string;
  /** Gives it as a file in place of a variable: the folder, which is `/etc/flyte/secrets`. */
  readonly mount?: string;
}

const names = ["key", "group", "asEnvVar", "mount"] satisfies (keyof SecretOptions)[];
const mountFolder = "/etc/flyte/secrets";

/**
 * A secret that an app needs, by its name: the value stays where it is kept.
 *
 * @throws FlyteError `invalid_config` for names that cannot be
 */
export class Secret {
  readonly key: string;
  readonly group: string | undefined;
  /** The variable that holds it; undefined where it is a file. */
  readonly asEnvVar: string | undefined;
  /** The folder where it is a file; undefined where a variable holds it. */
  readonly mount: string | undefined;

  constructor(options: SecretOptions) {
    assertOptions("Secret", options, names);
    const { key, group, asEnvVar, mount } = options;
    checkPart("key", key);
    if (group !== undefined) checkPart("group", group);
    assertText("asEnvVar", asEnvVar);
    if (mount !== undefined && mount !== mountFolder) {
      throw invalidConfig(
        `The mount ${show(mount)} of secret ${show(key)} must be "${mountFolder}": secrets are files there only.`,
      );
    }
    if (mount !== undefined && asEnvVar !== undefined) {
      throw invalidConfig(
        `Secret ${show(key)} cannot be both a file and a variable: give mount or asEnvVar.`,
      );
    }
    this.key = key;
    this.group = group;
    this.mount = mount;
    this.asEnvVar =
      mount === undefined ? checkVariable(key, asEnvVar ?? secretVariable(key, group)) : undefined;
  }
}

function checkPart(what: string, value: unknown): void {
  if (typeof value === "string" && /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/.test(value)) return;
  throw invalidConfig(
    `The ${what} ${show(value)} of a secret must consist of letters, digits, dashes, dots and underscores, begin with none of dash and dot, and have at most 253 characters.`,
  );
}

function checkVariable(key: string, name: string): string {
  if (/^[A-Z_][A-Z0-9_]*$/.test(name)) return name;
  throw invalidConfig(
    `The variable ${show(name)} of secret ${show(key)} must consist of upper case letters, digits and underscores, and not begin with a digit. Name another with asEnvVar.`,
  );
}
