import type { FastifyInstance } from "fastify";
import type { PassthroughAuthOptions } from "../../app/passthrough/passthrough-auth.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { RateLimiter } from "./rate-limiter.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Undefined where callers may ask as often as they like. */
    rateLimiter?: RateLimiter;
  }
}

type Refuse = NonNullable<PassthroughAuthOptions["refuse"]>;

/**
 * Answers 429 to callers that ask more often than the options allow: before the body is read, and before
 * anything is sent to the control plane.
 *
 * @throws FlyteError `invalid_config` for the limit of a hook that does not exist
 */
export function addRateLimits(app: FastifyInstance, options: ResolvedOptions): void {
  const { rateLimits } = options;
  if (rateLimits === undefined) return;
  const limiter = new RateLimiter(rateLimits, options);
  const { redis } = limiter;
  app.decorateRequest("limitKey");
  app.decorate("rateLimiter", limiter);
  app.addHook("onRequest", (request, reply, done) => limiter.admit(request, reply, done));
  app.addHook("onResponse", (request, reply, done) => {
    limiter.learn(request, reply.statusCode);
    done();
  });
  if (redis !== undefined) {
    app.addHook("onReady", () => redis.connect());
    app.addHook("onClose", () => redis.close());
  }
}

/** Who sends no credential is limited like who sends a wrong one. */
export function limitRefusals(refuse: Refuse): Refuse {
  return (request, reply, refusal) => {
    const { rateLimiter } = request.server;
    if (rateLimiter === undefined) refuse(request, reply, refusal);
    else rateLimiter.admit(request, reply, () => refuse(request, reply, refusal));
  };
}
