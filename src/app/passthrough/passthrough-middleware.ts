import type { IncomingMessage, ServerResponse } from "node:http";
import { type Admission, createAdmission, type PassthroughOptions } from "./admission.ts";
import { admitRequest, nodeSource } from "./node-passthrough.ts";

/** Middleware of Connect and Express. */
export type ConnectMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Middleware for Express and Connect: every call to a control plane made while a request is handled
 * carries that request's own credential, and no other request's. A request without a credential is
 * answered with 401. Use it before the routes and whatever reads bodies.
 *
 * WebSockets pass by middleware; give their listener of `upgrade` to `withPassthrough`.
 *
 * @example
 * app.use(passthroughMiddleware({ excludedPaths: ["/health"] }));
 *
 * @throws FlyteError `invalid_config` for an excluded path that cannot be recognised safely
 */
export function passthroughMiddleware(options: PassthroughOptions = {}): ConnectMiddleware {
  const admit = createAdmission(options);
  return (request, response, next) => {
    const proceed = (admission: Admission): void =>
      admitRequest(admission, request, response, () => next());
    const admission = admit(nodeSource(request));
    if (admission instanceof Promise) admission.then(proceed).catch(next);
    else proceed(admission);
  };
}
