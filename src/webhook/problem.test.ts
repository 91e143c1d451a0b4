import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import { toDocument, toProblem } from "./problem.ts";
import { problemKinds } from "./problem-codes.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/errors.md"), "utf8");

test("the page of errors has a heading for exactly the codes there are, with their status", () => {
  const listed = [...page.matchAll(/^### `(\w+)`\n\nStatus (\d+)\./gm)].map(
    ([, code, status]) => `${code} ${status}`,
  );
  const known = Object.entries(problemKinds).map(([code, { status }]) => `${code} ${status}`);
  expect(listed.toSorted()).toEqual(known.toSorted());
});

test("every document has what RFC 9457 and clients of the original look for", () => {
  for (const code of Object.keys(problemKinds) as (keyof typeof problemKinds)[]) {
    const document = toDocument({ code, detail: "text" }, "id");
    expect(document).toEqual({
      type: `urn:flyte-webhook:problem:${code}`,
      title: expect.stringMatching(/^[A-Z]/),
      status: expect.any(Number),
      detail: "text",
      code,
      requestId: "id",
    });
  }
});

test("faults are listed with their place", () => {
  const error = new FlyteError("invalid_input", "x: y", {
    faults: [{ path: ["values", 3, "name"], message: "must be a text" }],
  });
  expect(toDocument(toProblem(error, "id"), "id").errors).toEqual([
    { path: "values[3].name", message: "must be a text" },
  ]);
});

test("an unexpected error tells its id and nothing else", () => {
  for (const error of [
    new Error("planted"),
    new FlyteError("not_initialized", "planted"),
    "planted",
    undefined,
    Object.assign(new Error("planted"), { name: "FlyteError", code: "constructor" }),
  ]) {
    const text = JSON.stringify(toDocument(toProblem(error, "id-1"), "id-1"));
    expect(text).not.toContain("planted");
    expect(text).toContain("id-1");
    expect(text).toContain('"status":500');
  }
});

test("a failed call is the control plane's fault, and tells none of its words", () => {
  const problem = toProblem(new FlyteError("internal", "planted"), "id-1");
  const document = toDocument(problem, "id-1");
  expect(document).toMatchObject({ status: 502, code: "control_plane_failed" });
  expect(JSON.stringify(document)).not.toContain("planted");
});

test("outages do not tell addresses, and say when to come back", () => {
  const error = new FlyteError("unavailable", "connect ECONNREFUSED 10.0.0.7:8090", {
    retryAfterMs: 1200,
  });
  const problem = toProblem(error, "id");
  expect(problem.detail).not.toContain("10.0.0.7");
  expect(problem.headers).toEqual({ "retry-after": "2" });
  expect(toProblem(new FlyteError("exhausted", "x"), "id").headers).toEqual({ "retry-after": "1" });
});

test("what leaves is bounded and has no control characters", () => {
  const document = toDocument(
    {
      code: "invalid_input",
      detail: `a\u0000b\u202e${"x".repeat(100_000)}`,
      faults: Array.from({ length: 5000 }, () => ({ path: ["x"], message: "y" })),
    },
    "id",
  );
  expect(document.detail.length).toBeLessThan(5000);
  expect(document.detail).toMatch(/^a b x/);
  expect(document.errors).toHaveLength(100);
});
