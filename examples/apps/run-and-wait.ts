import Fastify, { type FastifyInstance } from "fastify";
import {
  FastifyAppEnvironment,
  FlyteError,
  initPassthrough,
  type JsonObject,
  passthroughAuth,
  problemDocument,
  remote,
  run,
  serve,
} from "flyte-webhook";
import { isMain } from "./is-main.ts";

interface TaskPath {
  readonly domain: string;
  readonly project: string;
  readonly name: string;
}

/** Longest time a caller is kept waiting, in milliseconds. The run goes on after it. */
const patienceMs = 30_000;

export function createApp(): FastifyInstance {
  const app = Fastify();
  app.addHook("onReady", async () => {
    await initPassthrough();
  });
  app.register(passthroughAuth);
  app.setErrorHandler((error, request, reply) => {
    const problem = problemDocument(error, { requestId: request.id });
    return reply.code(problem.status).type("application/problem+json").send(problem);
  });
  app.post<{ Params: TaskPath; Body: JsonObject }>(
    "/run-task-and-wait/:domain/:project/:name",
    async ({ params, body }, reply) => {
      const started = await run(remote.Task.get({ ...params }), body);
      const answer = { run_id: started.name, url: started.url };
      try {
        await started.wait({ timeoutMs: patienceMs });
      } catch (error) {
        if (!FlyteError.is(error) || error.code !== "deadline_exceeded") throw error;
        return reply.code(202).send({ ...answer, status: started.phase });
      }
      // Throws `run_failed`, with what the task said, when it did not succeed.
      return { ...answer, status: started.phase, outputs: await started.outputs() };
    },
  );
  return app;
}

export const env = new FastifyAppEnvironment({ name: "waiting-webhook", app: createApp });

if (isMain(import.meta.url)) console.log((await serve(env)).endpoint);
