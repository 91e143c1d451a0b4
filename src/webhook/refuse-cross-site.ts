import type { FastifyInstance } from "fastify";
import { isCrossSite } from "../shared/cross-site.ts";
import { sendProblem } from "./problem.ts";

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * Refuses requests that change something, come from a page of an unknown origin and carry nothing
 * but a cookie: the browser adds that by itself, so the caller may not know of the request.
 *
 * @param origins - origins whose pages are trusted
 */
export function refuseCrossSite(app: FastifyInstance, origins: readonly string[]): void {
  app.addHook("onRequest", (request, reply, done) => {
    const { authMetadata, headers, method } = request;
    const known = headers.origin !== undefined && origins.includes(headers.origin);
    if (
      safeMethods.has(method) ||
      known ||
      authMetadata?.every(([name]) => name === "cookie") !== true ||
      !isCrossSite(headers)
    ) {
      done();
      return;
    }
    sendProblem(reply, {
      code: "cross_site",
      detail:
        "A page of another site sent this request with nothing but a cookie. Send a token in the authorization header, or have the origin of the page added to the CORS origins of this webhook.",
    });
  });
}
