import type { IncomingHttpHeaders } from "node:http";
import type { FastifyCorsOptions } from "@fastify/cors";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { FlyteError } from "../shared/errors.ts";
import { type Addressed, findByPath } from "./find-endpoints.ts";

/** Headers that pages may send beside those every page may. */
const requestHeaders = ["authorization", "content-type", "last-event-id", "x-request-id"];

/** Headers that pages may read beside those every page may. */
const answerHeaders = [
  "x-request-id",
  "retry-after",
  "location",
  "www-authenticate",
  "ratelimit",
  "ratelimit-policy",
];

/** How long a browser may keep what it was told before a request, in seconds. */
const preflightSeconds = 600;

function canonicalOrigin(origin: unknown): string | undefined {
  if (typeof origin !== "string" || !URL.canParse(origin)) return undefined;
  const url = new URL(origin);
  return /^https?:$/.test(url.protocol) && !url.hostname.includes("*") ? url.origin : undefined;
}

/**
 * Origins as browsers write them, each once.
 *
 * @throws FlyteError `invalid_config` for anything else: a path, a wildcard, `null`, a default port
 */
export function checkedOrigins(origins: readonly string[] = []): readonly string[] {
  for (const origin of origins) {
    const canonical = canonicalOrigin(origin);
    if (canonical === origin) continue;
    throw new FlyteError(
      "invalid_config",
      `${JSON.stringify(origin)} in corsOrigins is not an origin as browsers send it: http or https, a host in lower case and a port that is not the default one; no path, no wildcard, not "null". Write ${canonical ?? "for example https://app.example.com"}.`,
    );
  }
  return [...new Set(origins)];
}

/** The headers that let pages of these origins read an answer which no plugin has seen. */
export function corsHeaders(
  origins: readonly string[],
  { origin }: IncomingHttpHeaders,
): Readonly<Record<string, string>> {
  if (origins.length === 0) return {};
  return {
    vary: "Origin",
    ...(origin !== undefined &&
      origins.includes(origin) && {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": answerHeaders.join(", "),
      }),
  };
}

/**
 * Lets pages of the `origins` call what is `known`, and read its errors. Their question before a
 * request is answered without a credential, which browsers do not send with it; for a path or method
 * that is not served it is a request like any other.
 *
 * Cookies never come along (`access-control-allow-credentials` is not sent): a page has to send its
 * token itself. Nothing is loaded without origins.
 */
export function addCors(
  app: FastifyInstance,
  origins: readonly string[],
  known: readonly Addressed[],
): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  const answer = ({ headers, method, raw }: FastifyRequest): FastifyCorsOptions => {
    const { origin } = headers;
    if (origin === undefined || !allowed.has(origin)) return { origin: false };
    const wanted = headers["access-control-request-method"];
    const served = findByPath(raw.url ?? "", known).map((endpoint) => endpoint.method);
    return {
      origin,
      methods: [...new Set(served)],
      preflight: method === "OPTIONS" && served.some((one) => one === wanted),
      allowedHeaders: requestHeaders,
      exposedHeaders: answerHeaders,
      maxAge: preflightSeconds,
    };
  };
  app.register(import("@fastify/cors"), {
    delegator: (request, done) => done(null, answer(request)),
  });
}
