import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { FlyteError } from "../../shared/errors.ts";
import type { AppContext, AppServer } from "./app-server.ts";

/** What of a Fastify instance is used here, so that one of any kind will do. */
export interface FastifyApp {
  readonly server: Pick<Server, "address"> &
    Partial<Pick<Server, "closeAllConnections" | "keepAliveTimeout">>;
  listen(options: { readonly host: string; readonly port: number }): Promise<string>;
  close(): Promise<unknown>;
  /** Makes `close` take no longer than this, in milliseconds. */
  drainWithin?(timeoutMs: number): void;
}

/** A ready app, or what makes one each time the app is started. */
export type FastifyAppSource<App extends FastifyApp = FastifyApp> =
  | App
  | ((context: AppContext) => App | Promise<App>);

/** How long before the end of the time an app that can answer then is told to. */
const lastWordsMs = 1_000;

/** Starts a Fastify app inside this process. */
export function fastifyServer(source: FastifyAppSource): AppServer {
  return async (context) => {
    let app: FastifyApp | undefined;
    try {
      app = typeof source === "function" ? await source(context) : source;
      await app.listen({ host: context.host, port: context.port });
    } catch (error) {
      await app?.close();
      throw wasServedBefore(error) ? servedBefore(context.name, error) : error;
    }
    const started = app;
    return {
      port: (started.server.address() as AddressInfo).port, // It listens on TCP.
      async stop(graceMs) {
        // A connection whose request ends while closing would otherwise be kept open and hold it up.
        if (started.drainWithin === undefined) started.server.keepAliveTimeout = 1;
        // An answer is better than a connection that is cut.
        else started.drainWithin(Math.max(graceMs - lastWordsMs, graceMs / 2));
        const timer = setTimeout(() => started.server.closeAllConnections?.(), graceMs);
        try {
          await started.close();
        } finally {
          clearTimeout(timer);
        }
      },
    };
  };
}

function wasServedBefore(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^FST_ERR_REOPENED/.test(String(error.code));
}

function servedBefore(name: string, cause: unknown): FlyteError {
  return new FlyteError(
    "precondition_failed",
    `The Fastify app of "${name}" has been closed and cannot be started again. Give app as a function that makes it.`,
    { cause },
  );
}
