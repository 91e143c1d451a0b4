import { createHash, timingSafeEqual } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import {
  FastifyAppEnvironment,
  init,
  type JsonObject,
  problemDocument,
  remote,
  run,
  Secret,
  serve,
} from "flyte-webhook";
import { isMain } from "./is-main.ts";

interface TaskPath {
  readonly project: string;
  readonly domain: string;
  readonly name: string;
  readonly version: string;
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * For callers that have no credential of the control plane. They share a key of this app's own,
 * and every run belongs to the app's own identity, that of FLYTE_API_KEY.
 */
export function createApp(): FastifyInstance {
  const key = process.env["WEBHOOK_API_KEY"];
  if (key === undefined || key === "") throw new Error("WEBHOOK_API_KEY is not set");
  const expected = digest(`Bearer ${key}`);
  const app = Fastify();
  app.addHook("onReady", async () => {
    await init();
  });
  app.addHook("onRequest", async (request, reply) => {
    if (request.url === "/health") return;
    const given = digest(request.headers.authorization ?? "");
    if (!timingSafeEqual(given, expected)) {
      await reply.code(403).send({ detail: "Could not validate credentials" });
    }
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemDocument(error, { requestId: request.id });
    return reply.code(problem.status).type("application/problem+json").send(problem);
  });

  app.get("/health", async () => ({ status: "healthy" }));

  app.post<{ Params: TaskPath; Body: JsonObject }>(
    "/run-task/:project/:domain/:name/:version",
    async ({ params, body }) => {
      const started = await run(remote.Task.get({ ...params }), body);
      return { url: started.url, id: started.name, status: "started" };
    },
  );

  return app;
}

export const env = new FastifyAppEnvironment({
  name: "api-key-webhook",
  app: createApp,
  secrets: [new Secret({ key: "webhook-api-key", asEnvVar: "WEBHOOK_API_KEY" })],
  requiresAuth: false, // The app looks after itself.
});

if (isMain(import.meta.url)) console.log((await serve(env)).endpoint);
