import Fastify, { type FastifyInstance } from "fastify";
import {
  currentDomain,
  currentProject,
  FastifyAppEnvironment,
  initPassthrough,
  type JsonObject,
  passthroughAuth,
  problemDocument,
  Resources,
  remote,
  run,
  serve,
} from "flyte-webhook";
import { isMain } from "./is-main.ts";

/** An app of one's own: whoever calls it runs the task as themselves. */
export function createApp(): FastifyInstance {
  const app = Fastify();
  // At start-up, once: connect without a credential. Each request brings its caller's own.
  app.addHook("onReady", async () => {
    await initPassthrough();
  });
  app.register(passthroughAuth, { excludedPaths: ["/health"] });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemDocument(error, { requestId: request.id });
    return reply.code(problem.status).type("application/problem+json").send(problem);
  });

  app.get("/health", async () => ({ status: "ok" }));

  app.get("/me", async () => {
    const { subject, name } = await remote.User.get();
    return { subject, name, project: currentProject(), domain: currentDomain() };
  });

  app.post<{ Body: JsonObject }>("/run-my-task", async ({ body }) => {
    const task = remote.Task.get({ name: "stats.describe", autoVersion: "latest" });
    const started = await run(task, body);
    return { run_id: started.name, url: started.url };
  });

  return app;
}

export const env = new FastifyAppEnvironment({
  name: "custom-webhook",
  app: createApp,
  requiresAuth: true,
  resources: new Resources({ cpu: 1, memory: "512Mi" }),
});

if (isMain(import.meta.url)) console.log((await serve(env)).endpoint);
