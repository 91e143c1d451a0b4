import { createAdmission, type PassthroughOptions } from "./admission.ts";
import { bindResponse } from "./bind-response.ts";
import { fetchScope, fetchSource, refuseFetch } from "./fetch-passthrough.ts";

/** The parts of Hono's `Context` that are used. */
export interface HonoContext {
  /** What the server tells of the request beside itself. */
  readonly env: unknown;
  readonly req: { readonly raw: Request };
  res: Response;
}

/** Middleware of Hono. */
export type HonoMiddleware = (
  context: HonoContext,
  next: () => Promise<void>,
) => Promise<Response | undefined>;

/**
 * Middleware for Hono: every call to a control plane made while a request is handled carries that
 * request's own credential, and no other request's. A request without a credential is answered with
 * 401. Use it before the routes.
 *
 * On Node.js that holds for WebSockets, too. Other servers run the events of a WebSocket outside of
 * its request: read the credential there before the upgrade, and bind it with `authMetadata`.
 *
 * @example
 * app.use(honoPassthrough({ excludedPaths: ["/health"] }));
 *
 * @throws FlyteError `invalid_config` for an excluded path that cannot be recognised safely
 */
export function honoPassthrough(options: PassthroughOptions = {}): HonoMiddleware {
  const admit = createAdmission(options);
  return async (context, next) => {
    const admission = await admit(fetchSource(context.req.raw, context.env));
    if (admission.kind === "stopped") return refuseFetch(admission.refusal);
    const scope = fetchScope(admission.metadata, context.env);
    await scope(next);
    const bound = bindResponse(context.res, scope);
    if (bound !== context.res) context.res = bound;
    return undefined;
  };
}
