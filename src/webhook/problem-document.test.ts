import Fastify from "fastify";
import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import { problemDocument } from "./problem-document.ts";

test("an error of a call has its status, code and request id", () => {
  const error = new FlyteError("not_found", "Task x not found");
  expect(problemDocument(error, { requestId: "id-1" })).toEqual({
    type: "urn:flyte-webhook:problem:not_found",
    title: "Not found",
    status: 404,
    detail: "Task x not found",
    code: "not_found",
    requestId: "id-1",
  });
});

test("any other error tells nothing of itself", () => {
  const document = problemDocument(new Error("password is hunter2"));
  expect(document.status).toBe(500);
  expect(JSON.stringify(document)).not.toContain("hunter2");
  expect(document.requestId).toMatch(/^[0-9a-f-]{36}$/);
  const server = problemDocument(Object.assign(new Error("hunter2"), { statusCode: 502 }));
  expect(server.status).toBe(500);
  expect(server.detail).not.toContain("hunter2");
});

test("what Fastify refuses of a request keeps its status", async () => {
  const app = Fastify({ bodyLimit: 10 });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemDocument(error, { requestId: request.id });
    return reply.code(problem.status).type("application/problem+json").send(problem);
  });
  app.post("/", async () => ({}));
  const send = async (payload: string, type: string) => {
    const answer = await app.inject({
      method: "POST",
      url: "/",
      payload,
      headers: { "content-type": type },
    });
    return [answer.statusCode, answer.json<{ code: string }>().code];
  };
  expect(await send("{", "application/json")).toEqual([400, "invalid_input"]);
  expect(await send("{}", "text/csv")).toEqual([415, "unsupported_media_type"]);
  expect(await send("[1,2,3,4,5,6]", "application/json")).toEqual([413, "payload_too_large"]);
});
