import { secretVariable } from "../shared/secret-variable.ts";

/** A secret that a task gets, by the name it is stored under. A `Secret` of `flyte-webhook` is one. */
export interface TaskSecret {
  /** The secret's name. */
  readonly key: string;
  /** A group, where the store has them. It is a part of the variable's default name. */
  readonly group?: string | undefined;
  /**
   * The environment variable that holds it.
   *
   * @default the group, if any, and the key in upper case with `-` as `_`: `my-key` is `MY_KEY`
   */
  readonly asEnvVar?: string | undefined;
  /**
   * Gives it as a file in place of a variable: `/etc/flyte/secrets`. On a cluster the file is there, named
   * as the key; on the devbox `FLYTE_SECRETS_DEFAULT_DIR` names its folder, as it does on a cluster.
   */
  readonly mount?: string | undefined;
}

const mountFolder = "/etc/flyte/secrets";
const part = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/;

/** A key alone stands for a secret with nothing but defaults. */
export function toTaskSecrets(given: readonly (string | TaskSecret)[]): readonly TaskSecret[] {
  return given.map((secret) => (typeof secret === "string" ? { key: secret } : secret));
}

/** What is wrong with secrets, one text for each fault. */
export function secretFaults(given: readonly (string | TaskSecret)[]): readonly string[] {
  return toTaskSecrets(given).flatMap((secret) => {
    const { key, group, asEnvVar, mount } = secret;
    const name = `secret ${JSON.stringify(key)}`;
    if (typeof key !== "string" || !part.test(key)) {
      return [`${name} must be letters, digits and _ . - and begin with none of . and -`];
    }
    const faults: string[] = [];
    if (group !== undefined && !part.test(group))
      faults.push(`${name} has a group that is no name`);
    if (mount !== undefined && mount !== mountFolder) {
      faults.push(`${name} can be mounted at ${JSON.stringify(mountFolder)} only`);
    }
    if (mount !== undefined && asEnvVar !== undefined) {
      faults.push(`${name} cannot be both a file and a variable: give mount or asEnvVar`);
    }
    const variable = variableOf(secret);
    if (variable !== undefined && !/^[A-Z_][A-Z0-9_]*$/.test(variable)) {
      faults.push(
        `${name} cannot be the variable ${JSON.stringify(variable)}: name one of upper case letters, digits and _ with asEnvVar`,
      );
    }
    return faults;
  });
}

/** The variable that a secret is given as; undefined for a file. */
export function variableOf({ key, group, asEnvVar, mount }: TaskSecret): string | undefined {
  return mount === undefined ? (asEnvVar ?? secretVariable(key, group)) : undefined;
}
