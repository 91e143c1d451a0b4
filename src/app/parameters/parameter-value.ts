import { invalidConfig, show } from "../environment/invalid-config.ts";
import { AppEndpoint } from "./app-endpoint.ts";
import { RunOutput } from "./run-output.ts";

/** A file by its address, `s3://bucket/key` or another, or by its path on this machine. */
export interface FileReference {
  readonly file: string;
}

/** A directory by its address, or by its path on this machine. */
export interface DirectoryReference {
  readonly directory: string;
}

/** What an app gets under the name of a parameter. */
export type ParameterValue = MaterializedValue | RunOutput;

/** What is known without asking what a run has given. */
export type MaterializedValue = string | FileReference | DirectoryReference | AppEndpoint;

export type ParameterType = "string" | "file" | "directory" | "app_endpoint";

export const parameterTypes: readonly ParameterType[] = [
  "string",
  "file",
  "directory",
  "app_endpoint",
];

/** What kind of value it is. */
export function typeOfValue(value: ParameterValue): ParameterType {
  if (typeof value === "string") return "string";
  if (value instanceof RunOutput) return value.type;
  if (value instanceof AppEndpoint) return "app_endpoint";
  return "file" in value ? "file" : "directory";
}

/** The text that stands for a value: itself, an address, or the name of an app. */
export function textOfValue(value: MaterializedValue): string {
  if (typeof value === "string") return value;
  if (value instanceof AppEndpoint) return value.appName;
  return "file" in value ? value.file : value.directory;
}

/** A text as the value of a type; undefined for one that no text stands for. */
export function valueOfText(text: string, type: ParameterType): MaterializedValue | undefined {
  if (type === "string") return text;
  if (type === "file") return { file: text };
  return type === "directory" ? { directory: text } : undefined;
}

/**
 * @param of the parameter, as it is named in a message
 * @throws FlyteError `invalid_config` for what can be no value
 */
export function checkValue(of: string, value: unknown): ParameterValue {
  if (typeof value === "string") {
    // It may be confidential, so it is not shown.
    if (value.includes("\0")) throw invalidConfig(`The value of ${of} must be a text without NUL.`);
    return value;
  }
  if (value instanceof RunOutput || value instanceof AppEndpoint) return value;
  const [entry, more] = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (entry === undefined || more !== undefined || !["file", "directory"].includes(entry[0])) {
    throw invalidConfig(
      `The value ${show(value)} of ${of} must be a text, { file: address }, { directory: address }, a RunOutput or an AppEndpoint.`,
    );
  }
  const [kind, address] = entry as [string, unknown];
  if (typeof address !== "string" || address === "" || /\p{Cc}/u.test(address)) {
    throw invalidConfig(
      `The ${kind} ${show(address)} of ${of} must be an address like "s3://bucket/key", or a path.`,
    );
  }
  return kind === "file" ? { file: address } : { directory: address };
}
