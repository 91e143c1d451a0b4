import Fastify, { type FastifyInstance } from "fastify";
import { FastifyAppEnvironment, initPassthrough, passthroughAuth, remote } from "flyte-webhook";

/** An app that acts as its callers, and has asked the control plane whether it lets strangers in. */
export const env = new FastifyAppEnvironment({
  name: "passthrough",
  app: async (): Promise<FastifyInstance> => {
    await initPassthrough();
    const app = Fastify();
    await app.register(passthroughAuth, { excludedPaths: ["/health"] });
    app.get("/health", async () => ({ status: "ok" }));
    app.get("/me", () => remote.User.get());
    return app;
  },
});
