import Fastify, { type FastifyInstance } from "fastify";
import {
  FastifyAppEnvironment,
  initPassthrough,
  passthroughAuth,
  problemDocument,
  remote,
  run,
  serve,
} from "flyte-webhook";
import { isMain } from "./is-main.ts";

interface Order {
  readonly values: readonly number[];
  readonly priority: number;
}

/** What a body must look like. Fastify checks it before the handler runs, so nothing is started. */
const order = {
  type: "object",
  required: ["values"],
  additionalProperties: false,
  properties: {
    values: { type: "array", items: { type: "number" }, minItems: 1, maxItems: 1000 },
    priority: { type: "integer", minimum: 0, maximum: 9, default: 0 },
  },
};

export function createApp(): FastifyInstance {
  const app = Fastify({ ajv: { customOptions: { allErrors: true, removeAdditional: false } } });
  app.addHook("onReady", async () => {
    await initPassthrough();
  });
  app.register(passthroughAuth, { excludedPaths: ["/health"] });
  app.setErrorHandler<Error & { readonly validation?: unknown }>((error, request, reply) => {
    if (error.validation !== undefined) return reply.code(422).send({ detail: error.message });
    const problem = problemDocument(error, { requestId: request.id });
    return reply.code(problem.status).type("application/problem+json").send(problem);
  });
  app.get("/health", async () => ({ status: "ok" }));
  app.post<{ Body: Order }>("/orders", { schema: { body: order } }, async ({ body }) => {
    const labels = { priority: String(body.priority) };
    const task = remote.Task.get({ name: "stats.describe" });
    const started = await run(task, { values: body.values }, { labels });
    return { run_id: started.name, url: started.url, priority: body.priority };
  });
  return app;
}

export const env = new FastifyAppEnvironment({ name: "validating-webhook", app: createApp });

if (isMain(import.meta.url)) console.log((await serve(env)).endpoint);
