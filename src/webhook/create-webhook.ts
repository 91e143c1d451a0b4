import type { IncomingMessage, ServerResponse } from "node:http";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { defaultExtractors } from "../app/passthrough/extractors.ts";
import { addPassthrough } from "../app/passthrough/passthrough-auth.ts";
import { readCredentials } from "../app/passthrough/read-credentials.ts";
import { boundConnections } from "./admission/bound-connections.ts";
import { answerRequest } from "./answer-request.ts";
import { createAudit } from "./audit/create-audit.ts";
import { createAppCaller } from "./call-app/app-caller.ts";
import { addNotices } from "./callbacks/add-notices.ts";
import { addCors, corsHeaders } from "./cors.ts";
import { addDocs, docsPages } from "./docs/add-docs.ts";
import { addDrain } from "./drain/add-drain.ts";
import { type Addressed, findByPath, withoutTrailingSlash } from "./find-endpoints.ts";
import { watchForeignHooks } from "./foreign-hooks.ts";
import { addHooks, createHookSite, hookPages } from "./hooks/add-hooks.ts";
import { hookFolder } from "./hooks/resolve-hooks.ts";
import { LiveStreams } from "./live/live-streams.ts";
import { logFailure } from "./log-error.ts";
import { createMetrics } from "./metrics/create-metrics.ts";
import { watchParts } from "./metrics/watch-parts.ts";
import type { WebhookOptions } from "./options.ts";
import { type Problem, sendProblem, toProblem } from "./problem.ts";
import { addRateLimits, limitRefusals } from "./rate-limits/add-rate-limits.ts";
import { announcesTooMuch } from "./read-body.ts";
import { lifecycleOf } from "./ready/lifecycle.ts";
import { logRequests } from "./record/log-requests.ts";
import { addRecords } from "./record/request-record.ts";
import { RequestWatch } from "./record/request-watch.ts";
import { refuseConnectionCredentials } from "./refuse-connection-credentials.ts";
import { refuseCredentials } from "./refuse-credentials.ts";
import { refuseCrossSite } from "./refuse-cross-site.ts";
import { type ResolvedOptions, resolveOptions } from "./resolve-options.ts";
import { createRoutes } from "./routes/routes.ts";
import { securityHeaders } from "./security-headers.ts";
import { serverOptions } from "./server-options.ts";
import { addLinkPages, linkFolder, linkPages } from "./signal-links/add-link-pages.ts";
import { createTracing } from "./tracing/create-tracing.ts";

/** Longest request target, in characters. */
const maxTargetLength = 8192;

/** What the original leaves open to everybody, whether it is served or not. */
const publicPaths = ["/health", "/docs", "/openapi.json", "/redoc"];

/**
 * The webhook: the endpoints of the options over HTTP, each call made to the control plane with the
 * credential of its caller. Assembled, not listening; `listen` starts it, `close` lets running
 * requests end.
 *
 * @example
 * const webhook = createWebhook({ name: "my-webhook", controlPlane });
 * await webhook.listen({ port: 8080 });
 *
 * @throws FlyteError `invalid_config` naming the option, the rule and the remedy
 */
export function createWebhook(options: WebhookOptions): FastifyInstance {
  const resolved = resolveOptions(options);
  const pages = docsPages(resolved.docs);
  const opensLinks = resolved.signalLinks !== undefined;
  const ofPeople = [...resolved.endpoints, ...pages, ...(opensLinks ? linkPages : [])];
  const known = [...ofPeople, ...hookPages(resolved.hooks)];
  const watch = new RequestWatch();
  const app = Fastify({
    ...serverOptions(
      resolved,
      (request, reply) => {
        watch.observeUnroutable(request, reply);
        answerUnroutable(resolved, request, reply);
      },
      (refusal) => watch.refused(refusal),
    ),
    ...(resolved.logger !== undefined && { loggerInstance: resolved.logger }),
  });
  boundConnections(app.server, resolved);
  app.decorate("answersLikeUpstream", resolved.compat === "upstream");
  addRecords(app);
  addDrain(app, resolved);
  addRequestFrame(app, resolved);
  watch.watch(app);
  const observers = [
    resolved.logger && logRequests(resolved.logger),
    createAudit(app, resolved),
    createMetrics(app, resolved),
    createTracing(app, resolved),
  ];
  watch.tell(app, observers, lifecycleOf(resolved));
  addCors(app, resolved.corsOrigins, ofPeople);
  limitTargets(app);
  refuseConnectionCredentials(app);
  let hasForeignHooks = (): boolean => true;
  addPassthrough(app, {
    excludedPaths: [
      ...(resolved.docs === "public"
        ? [...publicPaths, ...pages.map(({ path }) => path)]
        : ["/health"]),
      ...resolved.endpoints.filter((endpoint) => endpoint.public).map(({ path }) => path),
      ...(opensLinks ? [{ prefix: linkFolder }] : []),
      ...(resolved.hooks.length > 0 ? [{ prefix: hookFolder }] : []),
    ],
    refuse: limitRefusals(refuseCredentials),
    // Endpoints hand on the credential of their call themselves.
    isUnbound: ({ routeOptions }) => routeOptions.config.isOwn === true && !hasForeignHooks(),
  });
  addRateLimits(app, resolved);
  addUnknownPaths(app, known);
  refuseCrossSite(app, resolved.corsOrigins);
  // Bodies are read by the endpoints themselves, never by what the request says it carries.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined));
  const caller = createAppCaller(resolved);
  app.addHook("onClose", () => caller.close());
  const streams = new LiveStreams(resolved.maxStreams);
  watchParts(app, resolved, streams);
  const site = createHookSite(app, resolved);
  const routes = createRoutes(caller, streams, site);
  for (const endpoint of resolved.endpoints) {
    const route = routes[endpoint.name];
    app.route({
      method: endpoint.method,
      url: endpoint.path.replaceAll(/\{(\w+)\}/g, ":$1"),
      config: { endpoint: endpoint.name, isOwn: true },
      handler: (request, reply) => answerRequest(endpoint, route, resolved, request, reply),
    });
  }
  addDocs(app, resolved);
  addLinkPages(app, resolved);
  addNotices(app, resolved);
  addHooks(app, site);
  inviteBodies(app, (target) => limitOf(resolved, target));
  app.addHook("preClose", (done) => {
    resolved.waits.close();
    streams.close();
    done();
  });
  hasForeignHooks = watchForeignHooks(app);
  return app;
}

/** Answers `Expect: 100-continue`: a body that will not be read is not asked for. */
function inviteBodies(
  { server }: FastifyInstance,
  limitBytes: (target: string | undefined) => number,
): void {
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    const isTooMuch = announcesTooMuch(request.headers, limitBytes(request.url));
    if (isTooMuch) response.setHeader("connection", "close");
    else response.writeContinue();
    server.emit("request", request, response);
  });
  // What else is expected need not be met (RFC 9110, 10.1.1); such a request is one like any other.
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    server.emit("request", request, response);
  });
}

/** The longest body of requests to a target. */
function limitOf({ hooks, bodyLimitBytes }: ResolvedOptions, target = ""): number {
  return findByPath(target, hookPages(hooks))[0]?.bodyLimitBytes ?? bodyLimitBytes;
}

function limitTargets(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    if ((request.raw.url?.length ?? 0) > maxTargetLength) {
      const detail = `The address is longer than the ${maxTargetLength} characters allowed here.`;
      sendProblem(reply, { code: "uri_too_long", detail });
    } else done();
  });
}

/** Headers, id, errors and the log line: what every request gets. */
function addRequestFrame(app: FastifyInstance, { logger }: ResolvedOptions): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(securityHeaders).header("x-request-id", request.id);
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    if (isUnreadableMediaType(error)) {
      const detail = "The content-type header is malformed; send application/json.";
      return sendProblem(reply, { code: "unsupported_media_type", detail });
    }
    const problem = toProblem(error, request.id);
    logFailure(logger, request, error, problem.code);
    return sendProblem(reply, problem);
  });
}

function isUnreadableMediaType(error: unknown): boolean {
  return error instanceof Error && "statusCode" in error && error.statusCode === 415;
}

/** A target the router cannot read at all. No hook has seen it, so nothing was checked so far. */
function answerUnroutable(
  { corsOrigins }: ResolvedOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.headers({ ...securityHeaders, ...corsHeaders(corsOrigins, request.headers) });
  reply.header("x-request-id", request.id);
  const reading = readCredentials(request.raw.rawHeaders, defaultExtractors);
  if (reading.kind !== "present") refuseCredentials(request, reply, reading);
  else sendProblem(reply, { code: "invalid_input", detail: "The address is not decodable." });
}

const notServed: Problem = {
  code: "endpoint_not_found",
  detail: "Not Found",
  hint: "No endpoint that is served here has this address.",
};

/** 404, 405 with `Allow`, and the redirect that takes a trailing slash away. */
function addUnknownPaths(app: FastifyInstance, known: readonly Addressed[]): void {
  app.addHook("onRequest", (request, reply, done) => {
    // With CORS there is a route for OPTIONS anywhere.
    if (!request.is404 && request.routeOptions.url !== "*") {
      done();
      return;
    }
    const target = request.raw.url ?? "";
    const bare = withoutTrailingSlash(target);
    const allowed = findByPath(target, known).map(({ method }) => method);
    if (allowed.length > 0) {
      const methods = [...new Set(allowed)].join(", ");
      reply.header("allow", methods);
      const hint = `This address is asked with ${methods}.`;
      sendProblem(reply, { code: "method_not_allowed", detail: "Method Not Allowed", hint });
    } else if (bare !== undefined && findByPath(bare, known).length > 0) {
      reply.code(307).header("location", bare).send();
    } else {
      sendProblem(reply, notServed);
    }
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, notServed));
}
