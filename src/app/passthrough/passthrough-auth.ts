import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AuthMetadata } from "../../client/auth-metadata.ts";
import { type Admission, createAdmission, type PassthroughOptions } from "./admission.ts";
import { bindEvents, type Scope, scopeOf } from "./bind-events.ts";
import { bindUpgrade, isUpgrade } from "./bind-upgrade.ts";
import { type CredentialRefusal, toRefusalAnswer } from "./refusal.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The caller's credential headers; null on excluded paths and without passthrough. */
    authMetadata: AuthMetadata | null;
  }
}

export interface PassthroughAuthOptions extends PassthroughOptions {
  /** Answers a request that was stopped. @default 401 or 400 with a problem document */
  readonly refuse?: (
    request: FastifyRequest,
    reply: FastifyReply,
    refusal: CredentialRefusal,
  ) => void;
  /**
   * Whether nothing asks for the credential of a request but by its `authMetadata`. Binding it makes every promise of the
   * process cost more, on Node.js before 24.
   *
   * @internal
   */
  readonly isUnbound?: (request: FastifyRequest) => boolean;
}

function refuseWithProblem(
  _request: FastifyRequest,
  reply: FastifyReply,
  refusal: CredentialRefusal,
): void {
  const { status, headers, body } = toRefusalAnswer(refusal);
  // For a string Fastify would add a charset.
  reply.code(status).headers(headers).send(Buffer.from(body));
}

/** A connection that has left HTTP is nobody's when its request is refused. */
function closeAfter(reply: FastifyReply): void {
  const { socket } = reply.request.raw;
  reply.header("connection", "close").raw.once("finish", () => socket.destroySoon());
}

/**
 * Adds the hook of {@link passthroughAuth} to `app` itself, at once.
 *
 * @param bind what else of a request is to happen in its scope
 * @internal
 */
export function addPassthrough(
  app: FastifyInstance,
  options: PassthroughAuthOptions,
  bind: (request: FastifyRequest, reply: FastifyReply, scope: Scope) => void = () => undefined,
): void {
  const admit = createAdmission(options);
  const refuse = options.refuse ?? refuseWithProblem;
  if (!app.hasRequestDecorator("authMetadata")) app.decorateRequest("authMetadata", null);
  app.addHook("onRequest", (request, reply, done) => {
    const { rawHeaders, url: target = "", method = "GET" } = request.raw;
    const proceed = (admission: Admission): void => {
      if (admission.kind === "stopped") {
        if (isUpgrade(request.raw)) closeAfter(reply);
        refuse(request, reply, admission.refusal);
        return;
      }
      request.authMetadata = admission.metadata ?? null;
      if (admission.metadata !== undefined && options.isUnbound?.(request) === true) {
        done();
        return;
      }
      const scope = scopeOf(admission.metadata);
      bind(request, reply, scope);
      scope(done);
    };
    const admission = admit({ rawHeaders, merged: false, target, method }, request.log);
    if (admission instanceof Promise) admission.then(proceed).catch(done);
    else proceed(admission);
  });
}

function bindRequest({ raw }: FastifyRequest, reply: FastifyReply, scope: Scope): void {
  if (isUpgrade(raw)) bindUpgrade(raw, raw.socket, scope);
  bindEvents(raw, scope);
  bindEvents(reply.raw, scope);
}

/**
 * Fastify plugin: every call to a control plane made while a request is handled carries that
 * request's own credential, and no other request's.
 *
 * A request without a credential is answered with 401 before it is routed. `authorization` and
 * `cookie` are forwarded untouched, both when both are there. Credentials live as long as the
 * request: they are not logged, cached or stored. WebSockets of `@fastify/websocket` are requests
 * like any other, and their messages belong to them.
 *
 * It applies to the instance it is registered on and to everything registered below.
 *
 * @throws FlyteError `invalid_config` for an excluded path that cannot be recognised safely
 */
export function passthroughAuth(
  app: FastifyInstance,
  options: PassthroughAuthOptions,
  done: (error?: Error) => void,
): void {
  try {
    addPassthrough(app, options, bindRequest);
  } catch (error) {
    done(error as Error); // a FlyteError
    return;
  }
  done();
}

/** Tells Fastify to apply the plugin to its parent instance rather than to a scope of its own. */
Object.assign(passthroughAuth, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "flyte-passthrough-auth",
});
