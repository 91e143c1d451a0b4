import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { GatewayProblem, type GatewayProblemCode, toProblemAnswer } from "./problem.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../../docs/errors.md"), "utf8");
const [, section = ""] = page.split("## Problem documents of the gateway");
const rows = [...section.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)];

/** Complete, or this does not compile. */
const codes: Readonly<Record<GatewayProblemCode, true>> = {
  invalid_request: true,
  unauthenticated: true,
  permission_denied: true,
  not_found: true,
  method_not_allowed: true,
  request_timeout: true,
  expectation_failed: true,
  headers_too_large: true,
  internal: true,
  bad_gateway: true,
  unavailable: true,
  app_stopped: true,
  app_failed: true,
  exhausted: true,
  deadline_exceeded: true,
};

test("every problem of the gateway is on the page, with its status", () => {
  const listed = rows.map(([, code, status]) => [code, Number(status)]);
  const made = Object.keys(codes).map((code) => {
    const problem = new GatewayProblem(code as GatewayProblemCode, "detail");
    return [code, toProblemAnswer(problem, "id").status];
  });
  expect(listed).toEqual(made);
});
