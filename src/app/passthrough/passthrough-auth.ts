import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type AuthMetadata, authMetadata } from "../../client/auth-metadata.ts";
import { decodedPath } from "./decoded-path.ts";
import { type CredentialExtractor, defaultExtractors } from "./extractors.ts";
import { type CredentialReading, readCredentials } from "./read-credentials.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The caller's credential headers; null on excluded paths and without passthrough. */
    authMetadata: AuthMetadata | null;
  }
}

/** Why a request was stopped before it reached a route. */
export type CredentialRefusal = Exclude<CredentialReading, { kind: "present" }>;

export interface PassthroughAuthOptions {
  /**
   * Paths that need no credential, compared with the whole decoded path. No prefixes, no patterns.
   *
   * @default none
   */
  readonly excludedPaths?: readonly string[];
  /** Where credentials are looked for. @default the `authorization` and `cookie` headers */
  readonly extractors?: readonly CredentialExtractor[];
  /** Answers a request that was stopped. @default 401 or 400 with a problem document */
  readonly refuse?: (
    request: FastifyRequest,
    reply: FastifyReply,
    refusal: CredentialRefusal,
  ) => void;
}

/** What a caller without a credential reads. */
export const credentialsRequired = "Authentication credentials required";

function refuseWithProblem(
  _request: FastifyRequest,
  reply: FastifyReply,
  refusal: CredentialRefusal,
): void {
  const absent = refusal.kind === "absent";
  if (absent) reply.header("www-authenticate", "Bearer");
  reply
    .code(absent ? 401 : 400)
    .header("content-type", "application/problem+json")
    .header("cache-control", "no-store")
    .send(
      Buffer.from(
        JSON.stringify({
          title: absent ? "Unauthenticated" : "Invalid input",
          status: absent ? 401 : 400,
          detail: absent ? credentialsRequired : refusal.reason,
          code: absent ? "unauthenticated" : "invalid_input",
        }),
      ),
    );
}

/**
 * Adds the hook of {@link passthroughAuth} to `app` itself, at once.
 *
 * @internal
 */
export function addPassthrough(app: FastifyInstance, options: PassthroughAuthOptions): void {
  const excluded = new Set(options.excludedPaths ?? []);
  const extractors = options.extractors ?? defaultExtractors;
  const refuse = options.refuse ?? refuseWithProblem;
  if (!app.hasRequestDecorator("authMetadata")) app.decorateRequest("authMetadata", null);
  app.addHook("onRequest", (request, reply, done) => {
    const path = decodedPath(request.raw.url ?? "");
    if (path !== undefined && excluded.has(path)) {
      done();
      return;
    }
    const reading = readCredentials(request.raw.rawHeaders, extractors);
    if (reading.kind !== "present") {
      refuse(request, reply, reading);
      return;
    }
    request.authMetadata = reading.metadata;
    authMetadata(reading.metadata, done);
  });
}

/**
 * Fastify plugin: every call to a control plane made while a request is handled carries that
 * request's own credential, and no other request's.
 *
 * A request without a credential is answered with 401 before it is routed. `authorization` and
 * `cookie` are forwarded untouched, both when both are there. Credentials live as long as the
 * request: they are not logged, cached or stored.
 *
 * It applies to the instance it is registered on and to everything registered below.
 */
export function passthroughAuth(
  app: FastifyInstance,
  options: PassthroughAuthOptions,
  done: (error?: Error) => void,
): void {
  addPassthrough(app, options);
  done();
}

/** Tells Fastify to apply the plugin to its parent instance rather than to a scope of its own. */
Object.assign(passthroughAuth, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "flyte-passthrough-auth",
});
