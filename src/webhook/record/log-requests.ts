import type { FastifyBaseLogger } from "fastify";
import type { RequestObserver } from "./request-record.ts";

/** One line of the log for each request, without credentials and queries. */
export function logRequests(logger: FastifyBaseLogger): RequestObserver {
  return {
    requestEnded(request, { status, durationMs }) {
      logger.info(
        {
          requestId: request.id,
          client: request.record.client,
          method: request.method,
          route: request.routeOptions.url ?? null,
          status,
          ...(request.record.traceId !== undefined && { traceId: request.record.traceId }),
          ms: Math.round(durationMs * 10) / 10,
        },
        "request",
      );
    },
  };
}
