import { Code, ConnectError } from "@connectrpc/connect";
import type { Request, Response } from "./node-http.ts";
import type { RpcOptions } from "./rpc-options.ts";
import { createStockHandler } from "./stock-handler.ts";
import { createStreamHandler } from "./stream-handler.ts";
import { createUnaryHandler } from "./unary-handler.ts";

/**
 * Answers RPCs of the Connect, gRPC and gRPC-Web protocols: calls of the plainest form the short way,
 * all others the long one. The handler says false, and has done nothing, for a path that is not an RPC.
 */
export function createRpcHandler(
  options: RpcOptions,
): (request: Request, response: Response) => boolean {
  const { log } = options;
  const answerUnary = createUnaryHandler(options);
  const answerAny = createStockHandler(options);
  const answerStream = createStreamHandler(options, answerAny);
  return (request, response) => {
    const answered =
      answerUnary(request, response) ??
      answerStream(request, response) ??
      answerAny(request, response);
    answered?.catch((error: unknown) => {
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
    return answered !== undefined;
  };
}
