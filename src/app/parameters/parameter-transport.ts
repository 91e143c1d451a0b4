import { gunzipSync, gzipSync } from "node:zlib";
import { FlyteError } from "../../shared/errors.ts";
import { invalidConfig } from "../environment/invalid-config.ts";
import { AppEndpoint } from "./app-endpoint.ts";
import type { MaterializedParameter } from "./materialized-parameter.ts";
import {
  type MaterializedValue,
  type ParameterType,
  parameterTypes,
  textOfValue,
  typeOfValue,
  valueOfText,
} from "./parameter-value.ts";

/** A parameter as launchers read it, theirs in Python too: names and order are part of the contract. */
interface WireParameter {
  readonly name: string;
  readonly value: string;
  readonly download: boolean;
  readonly type: ParameterType;
  readonly env_var: string | null;
  readonly dest: string | null;
  readonly ignore_patterns: readonly string[];
}

/** Most bytes that are unpacked. */
const mostBytes = 16 * 1024 * 1024;

/**
 * Parameters as one argument of a launcher: JSON, gzip, base64. Equal parameters give equal text.
 *
 * @throws FlyteError `invalid_config` for a path of this machine, which means nothing on another
 */
export function encodeParameters(parameters: readonly MaterializedParameter[]): string {
  const json = JSON.stringify({ parameters: parameters.map(toWire) });
  const bytes = gzipSync(json, { level: 9 });
  bytes[9] = 255; // The operating system, which says nothing about the parameters.
  return bytes.toString("base64");
}

/** @throws FlyteError `invalid_input` for what {@link encodeParameters} and its siblings do not write */
export function decodeParameters(text: string): readonly MaterializedParameter[] {
  const found = readJson(text);
  const parameters = isObject(found) ? found["parameters"] : undefined;
  if (!Array.isArray(parameters)) throw unreadable("they are no list");
  return parameters.map(fromWire);
}

function toWire(parameter: MaterializedParameter): WireParameter {
  const { name, value, envVar, download, mount, ignorePatterns } = parameter;
  const type = typeOfValue(value);
  const isStored = type === "file" || type === "directory";
  if (isStored && !/^[a-z][a-z0-9+.-]*:\/\//i.test(textOfValue(value))) {
    throw invalidConfig(
      `Parameter "${name}" is a path of this machine, where a deployed app does not run. Give an address in storage, or put the file into include.`,
    );
  }
  return {
    name,
    value: value instanceof AppEndpoint ? endpointText(value) : textOfValue(value),
    download: isStored && download,
    type,
    env_var: envVar ?? null,
    dest: mount ?? null,
    ignore_patterns: ignorePatterns,
  };
}

function endpointText({ appName, public: isPublic }: AppEndpoint): string {
  return JSON.stringify({ type: "string", app_name: appName, public: isPublic });
}

function readJson(text: string): unknown {
  if (!/^[A-Za-z0-9+/]+={0,2}\s*$/.test(text)) throw unreadable("they are not base64");
  try {
    const bytes = gunzipSync(Buffer.from(text, "base64"), { maxOutputLength: mostBytes });
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw unreadable("they are not gzip around JSON", cause);
  }
}

function fromWire(found: unknown): MaterializedParameter {
  if (!isObject(found)) throw unreadable("one is no object");
  const { name, value, type = "string", download = false } = found;
  const { env_var: envVar = null, dest = null, ignore_patterns: ignorePatterns = [] } = found;
  if (typeof name !== "string" || typeof value !== "string") {
    throw unreadable("one has no name or no value");
  }
  if (
    !isType(type) ||
    typeof download !== "boolean" ||
    !isTextOrNull(envVar) ||
    !isTextOrNull(dest) ||
    !Array.isArray(ignorePatterns) ||
    !ignorePatterns.every((pattern) => typeof pattern === "string")
  ) {
    throw unreadable(`"${name}" has a field of another type`);
  }
  return {
    name,
    value: valueOfText(value, type) ?? toEndpoint(name, value),
    envVar: envVar ?? undefined,
    download,
    mount: dest ?? undefined,
    ignorePatterns,
  };
}

function toEndpoint(name: string, text: string): MaterializedValue {
  try {
    const { app_name: appName, public: isPublic = false } = JSON.parse(text);
    return new AppEndpoint({ appName, public: isPublic });
  } catch (cause) {
    throw unreadable(`"${name}" is not the endpoint of an app`, cause);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isType(value: unknown): value is ParameterType {
  return (parameterTypes as readonly unknown[]).includes(value);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function unreadable(reason: string, cause?: unknown): FlyteError {
  return new FlyteError(
    "invalid_input",
    `The parameters cannot be read: ${reason}. Give them as deploy writes them.`,
    { cause },
  );
}
