import type { Dispatcher } from "undici";
import { type Fault, invalidInput } from "../../shared/errors.ts";
import { isJsonObject, stringifyJson } from "../../shared/json.ts";
import { type Call, givenText } from "../call.ts";
import { appPathFault } from "./app-path.ts";
import { toQueryText, toUpstreamQueryText } from "./query-text.ts";

/** What a request to `call_app` asks to be sent. */
export interface AskedRequest {
  readonly path: string;
  readonly query: string;
  readonly method: Dispatcher.HttpMethod;
  readonly body: string | undefined;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
const upstreamBodies: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** @throws FlyteError `invalid_input` naming every parameter that no request can be made of */
export function readAppRequest(call: Call): AskedRequest {
  const path = givenText(call, "path") ?? "";
  const asked = (givenText(call, "method") ?? "GET").toUpperCase();
  const method = methods.find((known) => known === asked);
  const faults: Fault[] = [];
  const fault = appPathFault(path);
  if (fault !== undefined) faults.push({ path: ["path"], message: fault });
  if (method === undefined) {
    faults.push({ path: ["method"], message: `must be one of ${methods.join(", ")}` });
  }
  if (method === undefined || faults.length > 0) throw invalidInput(faults);
  const given = call.parameters["query_params"];
  const parameters = isJsonObject(given) ? given : {};
  const upstream = call.options.compat === "upstream";
  const query = upstream ? toUpstreamQueryText(parameters) : toQueryText(parameters);
  return { path, query, method, body: toBody(call, method) };
}

function toBody({ options, parameters }: Call, method: string): string | undefined {
  const { payload } = parameters;
  if (payload === undefined || method === "GET" || method === "HEAD") return undefined;
  if (options.compat === "upstream") {
    const isEmpty = isJsonObject(payload) && Object.keys(payload).length === 0;
    if (isEmpty || !upstreamBodies.has(method)) return undefined;
  }
  return stringifyJson(payload);
}
