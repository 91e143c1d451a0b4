import { Code, ConnectError } from "@connectrpc/connect";
import type { RoutedApp } from "../apps/app-routes.ts";
import { authenticate } from "../auth/authenticate.ts";
import type { Caller } from "../auth/caller.ts";
import { headersOf, type Request } from "../server/node-http.ts";
import { GatewayProblem } from "./problem.ts";
import type { GatewayBackend } from "./start-gateway.ts";

/** An app that a request may reach. */
export interface Admission {
  readonly app: RoutedApp;
  /** Who calls; undefined for an app that lets strangers in, which then decides about credentials itself. */
  readonly caller: Caller | undefined;
}

/**
 * Finds the app of a host name and decides from the head of the request alone whether it may reach it.
 *
 * @throws GatewayProblem `not_found`, `unauthenticated` or `permission_denied`
 */
export function admit(hostname: string, request: Request, backend: GatewayBackend): Admission {
  const app = backend.routes.find(hostname);
  if (app === undefined) throw unknownHost(hostname, request.socket.localPort);
  return { app, caller: app.allowAnonymous ? undefined : requireReader(request, app, backend) };
}

/** Whether whoever was let in may know how the app is doing. */
export function mayRead({ app }: Admission, request: Request, backend: GatewayBackend): boolean {
  try {
    requireReader(request, app, backend);
    return true;
  } catch {
    return false; // a stranger, which this app allows
  }
}

function requireReader(
  request: Request,
  app: RoutedApp,
  { authentication, authorizer }: GatewayBackend,
): Caller {
  try {
    const caller = authenticate(headersOf(request), authentication);
    return authorizer.require(caller, "read", app);
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    if (error.code === Code.Unauthenticated) {
      throw new GatewayProblem("unauthenticated", error.rawMessage);
    }
    if (error.code === Code.PermissionDenied) {
      throw new GatewayProblem("permission_denied", error.rawMessage);
    }
    throw error;
  }
}

function unknownHost(hostname: string, port: number | undefined): GatewayProblem {
  return new GatewayProblem(
    "not_found",
    `There is no app at ${JSON.stringify(hostname)}. An app has the address http://NAME-PROJECT-DOMAIN.localhost:${port}, that of its subdomain below localhost, and its custom domain.`,
  );
}
