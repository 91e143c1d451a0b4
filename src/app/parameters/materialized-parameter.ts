import type { MaterializedValue } from "./parameter-value.ts";

/** A parameter with a value that is known: only addresses of apps are looked up when the app starts. */
export interface MaterializedParameter {
  readonly name: string;
  readonly value: MaterializedValue;
  readonly envVar: string | undefined;
  /** Whether a file or directory is brought to where the app runs. */
  readonly download: boolean;
  readonly mount: string | undefined;
  readonly ignorePatterns: readonly string[];
}

/** What an app gets of its parameters. */
export interface ResolvedParameters {
  /** Texts, addresses and paths, by the names of the parameters. */
  readonly values: Readonly<Record<string, string>>;
  /** Environment variables: those of the parameters, and where {@link parametersFile} is. */
  readonly env: Readonly<Record<string, string>>;
}

/** The file that holds the values as JSON, and the environment variable that tells where it is. */
export const parametersFile = "flyte-parameters.json";
