import type { IncomingMessage } from "node:http";
import type { Endpoint } from "../endpoint.ts";
import { type Problem, printFaults } from "../problem.ts";
import type { Query, RequestReading } from "../read-request.ts";
import { readUpstreamBody } from "./read-upstream-body.ts";
import { readUpstreamQuery } from "./read-upstream-query.ts";
import type { ValidationError } from "./validation-error.ts";

/** More than a reader wants; what is answered must not be a multiple of what was sent. */
const maxErrors = 100;

function unprocessable(errors: readonly ValidationError[]): Problem {
  return {
    code: "invalid_request",
    detail: "The request does not have the form of the original.",
    upstream: { status: 422, detail: errors.slice(0, maxErrors) },
  };
}

/**
 * Reads the parameters from the places where the original takes them and nowhere else, and reports
 * their faults in its words. Identifiers keep the rules of the path.
 */
export async function readUpstream(
  endpoint: Endpoint,
  request: IncomingMessage,
  query: Query,
  limitBytes: number,
): Promise<RequestReading> {
  const body = await readUpstreamBody(endpoint, request, limitBytes);
  if ("problem" in body) return body;
  if ("invalid" in body) return { problem: unprocessable([body.invalid]) };
  const { values, errors, faults } = readUpstreamQuery(endpoint, query);
  const all = [...errors, ...body.errors];
  if (all.length > 0) return { problem: unprocessable(all) };
  if (faults.length > 0) {
    return { problem: { code: "invalid_input", detail: printFaults(faults), faults } };
  }
  return { parameters: { ...values, ...body.values }, body: body.body };
}
