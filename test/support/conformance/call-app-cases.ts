import type { ConformanceCase } from "./conformance-case.ts";

function called(
  when: string,
  request: string,
  body: unknown,
  answers: Pick<ConformanceCase, "upstream" | "ours">,
): ConformanceCase {
  const line = `POST /app/echo-app/call?${request}`;
  return { endpoint: "call_app", when, request: line, body, calls: ["getApp"], ...answers };
}

const echo = (method: string, url: string, body: string) => ({
  method,
  url: `/echo-app${url}`,
  body,
});
const same = (body: unknown) => ({ upstream: { status: 200, body } });
const words = "Failed to call app echo-app endpoint";
const refused = (
  path: string,
  rule: string,
  fault: string,
): Pick<ConformanceCase, "upstream" | "ours"> => ({
  ours: { status: 400, code: "invalid_input", faults: [fault] },
  upstream: { status: 500, detail: `${words} ${path}: ${rule}` },
});

/** Requests to an app that tells what it got, and its answers. */
export const callAppCases: readonly ConformanceCase[] = [
  called("it is only asked for a path", "path=x", undefined, same(echo("GET", "/x", ""))),
  called(
    "the app answers",
    "path=/x&method=post",
    { payload: { x: 1 }, query_params: { a: "b c" } },
    same(echo("POST", "/x?a=b+c", '{"x":1}')),
  ),
  called("a payload comes with GET", "path=/x", { payload: { x: 1 } }, same(echo("GET", "/x", ""))),
  called(
    "a payload comes with DELETE",
    "path=/x&method=DELETE",
    { payload: { x: 1 } },
    {
      ours: { status: 200, body: echo("DELETE", "/x", '{"x":1}') },
      ...same(echo("DELETE", "/x", "")),
    },
  ),
  called(
    "the payload is empty",
    "path=/x&method=PUT",
    { payload: {} },
    { ours: { status: 200, body: echo("PUT", "/x", "{}") }, ...same(echo("PUT", "/x", "")) },
  ),
  called(
    "query parameters are no texts",
    "path=/x",
    { query_params: { flag: true, list: [1, "a"] } },
    {
      ours: { status: 200, body: echo("GET", "/x?flag=true&list=1&list=a", "") },
      ...same(echo("GET", "/x?flag=True&list=%5B1%2C+%27a%27%5D", "")),
    },
  ),
  called(
    "the path has a query of its own",
    "path=/x%3Fa%3D1",
    undefined,
    same(echo("GET", "/x?a=1", "")),
  ),
  called("the app answers text", "path=/text", undefined, {
    ours: { status: 200, text: "plain text" },
    upstream: { status: 200, body: { response: "plain text" } },
  }),
  called("the app answers nothing", "path=/nothing", undefined, {
    ours: { status: 204, text: "" },
    upstream: { status: 200, body: { response: "" } },
  }),
  called("the app fails", "path=/broken", undefined, {
    ours: { status: 418, text: 'no "coffee" here' },
    upstream: { status: 418, detail: 'Target app returned error: no "coffee" here' },
  }),
  called("the app redirects, which is not followed", "path=/moved", undefined, {
    ours: { status: 302, text: "elsewhere" },
    upstream: { status: 302, detail: "Target app returned error: elsewhere" },
  }),
  called(
    "the path leads out of the app",
    "path=../x",
    undefined,
    refused("../x", "path: must not hold the segments . and ..", "path"),
  ),
  called(
    "the method is none",
    "path=/x&method=TRACE",
    undefined,
    refused("/x", "method: must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", "method"),
  ),
].map((row) => (row.upstream.status === 500 ? { ...row, calls: [] } : row));
