import Fastify, { type FastifyInstance } from "fastify";
import { FastifyAppEnvironment, serve } from "flyte-webhook";

/** An app that needs no control plane. */
const env = new FastifyAppEnvironment({
  name: "plain",
  app: (): FastifyInstance => {
    const app = Fastify();
    app.get("/health", async () => ({ status: "ok" }));
    return app;
  },
});
await serve(env);
