import type { DescMethod } from "@bufbuild/protobuf";
import { createConnectRouter, type MethodImpl } from "@connectrpc/connect";
import { createAsyncIterable, type UniversalHandler } from "@connectrpc/connect/protocol";
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { callerAuthentication } from "../auth/standing-caller.ts";
import { blameClient, strictGzip, withTrueEncoding } from "./body-encoding.ts";
import { pathOf, type Request, type Response } from "./node-http.ts";
import { convertErrors } from "./rpc-errors.ts";
import { type AnswerRpc, maxMessageBytes, type RpcOptions } from "./rpc-options.ts";

/**
 * Answers RPCs of the Connect, gRPC and gRPC-Web protocols in every form they can have, with the
 * handlers of the Connect library.
 */
export function createStockHandler(options: RpcOptions): AnswerRpc {
  const { log, shutdownSignal, authentication, services } = options;
  const router = createConnectRouter({
    acceptCompression: [strictGzip],
    interceptors: [convertErrors(log), callerAuthentication(authentication)],
    readMaxBytes: maxMessageBytes,
    shutdownSignal,
  });
  for (const { methods } of services) {
    for (const { method, impl } of Object.values(methods)) {
      // The two come from one specification, which no type can say of a union.
      router.rpc(method, impl as MethodImpl<DescMethod>);
    }
  }
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return (request, response, body) => {
    const handler = handlers.get(pathOf(request));
    return handler === undefined ? undefined : answer(handler, request, response, body);
  };
}

async function answer(
  handler: UniversalHandler,
  request: Request,
  response: Response,
  body: Uint8Array | undefined,
): Promise<void> {
  const universal = universalRequestFromNodeRequest(request, response, undefined, undefined);
  const whole =
    body === undefined ? universal : { ...universal, body: createAsyncIterable([body]) };
  const result = await handler(await withTrueEncoding(whole));
  await universalResponseToNodeResponse(await blameClient(result), response);
}
