import { Server as NetServer } from "node:net";
import { FlyteError } from "../../shared/errors.ts";
import { within } from "../../shared/within.ts";
import type { AppContext, AppServer } from "./app-server.ts";

/**
 * Starts an app of any kind. It returns what it has started, something with `close()` or `stop()`
 * such as a server of `node:http`; or it runs until `context.signal` aborts. Both may be promised.
 */
export type ServerHook = (context: AppContext) => unknown;

/** Something that can be stopped. */
interface Stoppable {
  readonly server?: Partial<Pick<HttpServer, "closeAllConnections">>;
  stop?(): unknown;
  close?(): unknown;
  closeAllConnections?(): void;
}

type HttpServer = import("node:http").Server;

/** Starts an app by a function. Whether it listens, its health tells. */
export function hookServer(hook: ServerHook): AppServer {
  return async (context) => {
    const { name, port, signal } = context;
    const ended = new AbortController();
    const fail = (reason: string, cause?: unknown): void => {
      if (!signal.aborted) ended.abort(appFailed(name, reason, cause));
    };
    const result = hook(context);
    const settled = follow(result, fail);
    return {
      port,
      ended: ended.signal,
      async stop(graceMs) {
        const deadline = performance.now() + graceMs;
        if (!(await within(settled, graceMs))) throw notEnded(name, graceMs);
        const started = await settled;
        if (!isStoppable(started)) return;
        const restMs = Math.max(1, deadline - performance.now());
        if (!(await within(close(started, restMs), restMs + cutMs))) throw notEnded(name, graceMs);
      },
    };
  };
}

/** What is waited for connections that were cut off to be gone, in milliseconds. */
const cutMs = 1_000;

/** What the hook has started; undefined where it has ended. Never rejects. */
function follow(
  result: unknown,
  fail: (reason: string, cause?: unknown) => void,
): Promise<unknown> {
  const take = (started: unknown): unknown => {
    if (started instanceof NetServer) {
      started.once("error", (error) => fail(error.message, error));
      started.once("close", () => fail("its server was closed."));
    } else if (!isStoppable(started)) {
      fail(
        "the function server has ended. Return what it has started, something with close() or stop(), or wait until context.signal aborts.",
      );
    }
    return started;
  };
  // At once where it can be: an error of a server that nobody listens for would end the process.
  if (!(result instanceof Promise)) return Promise.resolve(take(result));
  return result.then(take, (error: unknown) => {
    fail(error instanceof Error ? error.message : String(error), error);
    return undefined;
  });
}

function isStoppable(value: unknown): value is Stoppable {
  if (typeof value !== "object" || value === null) return false;
  const { stop, close } = value as Stoppable;
  return typeof stop === "function" || typeof close === "function";
}

/** Lets it answer what it has accepted, and cuts off what is left after the grace time. */
async function close(started: Stoppable, graceMs: number): Promise<void> {
  // A connection whose request ends while closing would otherwise be kept open and hold it up.
  if ("keepAliveTimeout" in started) Object.assign(started, { keepAliveTimeout: 1 });
  const cutter = started.closeAllConnections === undefined ? started.server : started;
  const timer = setTimeout(() => cutter?.closeAllConnections?.(), graceMs);
  try {
    if (started instanceof NetServer) await closeNetServer(started);
    else await (started.stop === undefined ? started.close?.() : started.stop());
  } finally {
    clearTimeout(timer);
  }
}

function closeNetServer(server: NetServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve()); // The only error is that it was closed before.
  });
}

function appFailed(app: string, reason: string, cause: unknown): FlyteError {
  return new FlyteError("app_failed", `The app "${app}" ended: ${reason}`, { cause });
}

function notEnded(app: string, graceMs: number): FlyteError {
  return new FlyteError(
    "deadline_exceeded",
    `The app "${app}" did not end within ${graceMs} ms, so parts of it may still run. Let its server end when context.signal aborts, or give a longer deactivateTimeoutMs.`,
  );
}
