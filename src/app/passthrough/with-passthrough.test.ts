import { expect, test } from "vitest";
import { authMetadata, currentAuthMetadata } from "../../client/auth-metadata.ts";
import { withPassthrough } from "./with-passthrough.ts";

const ask = (path = "/", headers: Record<string, string> = { authorization: "Bearer a" }) =>
  new Request(`http://host${path}`, { headers });
const own = [["authorization", "Bearer a"]];

test("a handler gets all that the server gives it, and its answer goes back", async () => {
  const wrapped = withPassthrough(
    async (request: Request, env: { readonly id: number }, extra?: string) =>
      Response.json(
        { url: request.url, env, extra, bound: currentAuthMetadata() },
        { status: 201, headers: { "x-own": "1" } },
      ),
  );
  const response = await wrapped(ask("/a?b=c"), { id: 7 }, "extra");
  expect(response.status).toBe(201);
  expect(response.headers.get("x-own")).toBe("1");
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({
    url: "http://host/a?b=c",
    env: { id: 7 },
    extra: "extra",
    bound: own,
  });
  expect(currentAuthMetadata()).toBeUndefined();
});

test("answers that mean something to the server are given back as they are", async () => {
  const answers = [undefined, Response.error(), new Response(null, { status: 204 })];
  for (const answer of answers) {
    expect(await withPassthrough((_request: Request) => answer)(ask())).toBe(answer);
  }
});

test("a stream is produced in its request's scope, only when asked, and told when it is left", async () => {
  const seen: unknown[] = [];
  const wrapped = withPassthrough(
    (_request: Request) =>
      new Response(
        new ReadableStream(
          {
            pull(controller) {
              seen.push(currentAuthMetadata());
              controller.enqueue(new TextEncoder().encode("x"));
            },
            cancel(reason) {
              seen.push([reason, currentAuthMetadata()]);
            },
          },
          { highWaterMark: 0 },
        ),
      ),
  );
  const { body } = await wrapped(ask());
  expect(seen).toEqual([]);
  const reader = authMetadata([["authorization", "Bearer other"]], () => body?.getReader());
  await reader?.read();
  await authMetadata([["authorization", "Bearer other"]], () => reader?.read());
  expect(seen).toEqual([own, own]);
  await reader?.cancel("enough");
  expect(seen.at(-1)).toEqual(["enough", own]);
});

test("a stream that fails fails", async () => {
  const wrapped = withPassthrough((_request: Request) => {
    const failing = new ReadableStream({
      pull() {
        throw new Error("planted");
      },
    });
    return new Response(failing);
  });
  const response = await wrapped(ask());
  await expect(response.text()).rejects.toThrow("planted");
});

test("what a handler throws is thrown", async () => {
  const wrapped = withPassthrough((_request: Request): Response => {
    throw new Error("planted");
  });
  await expect(wrapped(ask())).rejects.toThrow("planted");
});

test("a request on an excluded path made while another is handled has nothing bound", async () => {
  const inner = withPassthrough(
    (_request: Request) => Response.json(currentAuthMetadata() ?? null),
    {
      excludedPaths: ["/health"],
    },
  );
  const outer = withPassthrough((_request: Request) => inner(ask("/health")));
  expect(await (await outer(ask())).json()).toBeNull();
});

test.each([
  ["http://host/health", 200],
  ["http://host/health?x", 200],
  ["http://host", 401],
  ["http://host/x/../health", 200], // the same path to every reader of a URL
  ["http://host/health/x", 401],
  ["http://host/%68ealth", 401],
  ["http://health/health/", 401],
  ["http://host?/health", 401],
  ["http://host//health", 401],
])("a Request for %s is answered with %i", async (url, status) => {
  const wrapped = withPassthrough((_request: Request) => new Response(), {
    excludedPaths: ["/health"],
  });
  expect((await wrapped(new Request(url))).status).toBe(status);
});

test("doubled headers of a Request are refused by the comma they are joined with", async () => {
  const wrapped = withPassthrough((_request: Request) => new Response());
  const headers = new Headers();
  headers.append("authorization", "Bearer a");
  headers.append("authorization", "Bearer b");
  expect((await wrapped(new Request("http://host/", { headers }))).status).toBe(400);
});

test.each([[], [undefined], [{}], [{ headers: {} }], ["GET /"]])(
  "a call with %j says what to use it for",
  (...given) => {
    const wrapped = withPassthrough((_request: Request) => new Response());
    expect(() => Reflect.apply(wrapped, undefined, given)).toThrow(
      expect.objectContaining({
        code: "invalid_input",
        message: expect.stringContaining("honoPassthrough"),
      }),
    );
  },
);
