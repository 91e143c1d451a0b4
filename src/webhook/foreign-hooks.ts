import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether a route is one of the webhook itself. */
    isOwn?: boolean;
  }
}

/** Hooks that take part in a request. */
const ofRequests: ReadonlySet<string> = new Set([
  "onRequest",
  "preParsing",
  "preValidation",
  "preHandler",
  "preSerialization",
  "onSend",
  "onResponse",
  "onError",
  "onTimeout",
  "onRequestAbort",
]);

/** Whether requests run through hooks that are added from now on, by whoever the app was handed to or by a plugin. */
export function watchForeignHooks(app: FastifyInstance): () => boolean {
  let isThere = false;
  const { addHook } = app;
  app.addHook = function addHookAndNote(this: FastifyInstance, name: string, hook: never) {
    isThere ||= ofRequests.has(name);
    return addHook.call(this, name as never, hook);
  } as FastifyInstance["addHook"];
  return () => isThere;
}
