import type { IncomingMessage } from "node:http";
import type { JsonValue } from "../shared/json.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Problem, printFaults } from "./problem.ts";
import { announcesTooMuch, type BodyReading, readBody, tooLarge } from "./read-body.ts";
import { type ParameterValues, readParameters } from "./read-parameters.ts";

/** What a request says beside its path, or the problem that keeps it from being done. */
export type RequestReading =
  | { readonly parameters: ParameterValues; readonly body: JsonValue | undefined }
  | { readonly problem: Problem };

export type Query = Readonly<Record<string, unknown>>;

/** Reads the query and the body; every fault of both is reported at once. */
export function readRequest(
  endpoint: Endpoint,
  request: IncomingMessage,
  query: Query,
  limitBytes: number,
): RequestReading | Promise<RequestReading> {
  if (endpoint.method === "POST") {
    const conclude = (read: BodyReading): RequestReading =>
      "problem" in read ? read : readTogether(endpoint, query, read.value);
    const reading = readBody(request, limitBytes);
    return reading instanceof Promise ? reading.then(conclude) : conclude(reading);
  }
  if (announcesTooMuch(request.headers, limitBytes)) return { problem: tooLarge(limitBytes) };
  return readTogether(endpoint, query, undefined);
}

function readTogether(
  endpoint: Endpoint,
  query: Query,
  body: JsonValue | undefined,
): RequestReading {
  const { values, faults } = readParameters(endpoint, query, body);
  if (faults.length > 0) {
    return { problem: { code: "invalid_request", detail: printFaults(faults), faults } };
  }
  return { parameters: values, body };
}
