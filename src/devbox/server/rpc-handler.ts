import { Code, ConnectError, type ConnectRouter, createConnectRouter } from "@connectrpc/connect";
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { type AuthenticateOptions, callerAuthentication } from "../auth/authenticate.ts";
import { blameClient, strictGzip, withTrueEncoding } from "./body-encoding.ts";
import type { DevboxLogger } from "./logger.ts";
import type { Request, Response } from "./node-http.ts";
import { convertErrors } from "./rpc-errors.ts";

/** What is served, and for whom. */
export interface RpcHandlerOptions {
  readonly routes: (router: ConnectRouter) => void;
  readonly authentication: AuthenticateOptions;
  readonly log: DevboxLogger;
  /** Aborted when the server closes; ends running streams. */
  readonly shutdownSignal: AbortSignal;
}

/** The most bytes of one request message, after decompression. */
const maxMessageBytes = 32 * 1024 * 1024;

/**
 * Answers RPCs of the Connect, gRPC and gRPC-Web protocols. The handler says false, and has done
 * nothing, for a path that is not an RPC.
 */
export function createRpcHandler(
  options: RpcHandlerOptions,
): (request: Request, response: Response) => boolean {
  const { log, shutdownSignal, authentication, routes } = options;
  const router = createConnectRouter({
    acceptCompression: [strictGzip],
    interceptors: [convertErrors(log), callerAuthentication(authentication)],
    readMaxBytes: maxMessageBytes,
    shutdownSignal,
  });
  routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return (request, response) => {
    const handler = handlers.get(request.url?.split("?", 1)[0] ?? "");
    if (handler === undefined) return false;
    const answer = async (): Promise<void> => {
      const universal = universalRequestFromNodeRequest(request, response, undefined, undefined);
      const result = await handler(await withTrueEncoding(universal));
      await universalResponseToNodeResponse(await blameClient(result), response);
    };
    answer().catch((error: unknown) => {
      // The client went away, or the connection broke: there is nobody to answer.
      const { code, message } = ConnectError.from(error);
      if (code !== Code.Aborted && code !== Code.Canceled) {
        log.warn(
          { code: Code[code], reason: message, method: request.url },
          "answer not delivered",
        );
      }
      response.destroy();
    });
    return true;
  };
}
