import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import {
  type ConnectTransport,
  createConnectTransport,
  type UnaryCall,
} from "../../src/client/connect-transport.ts";
import {
  IdentityService,
  type UserInfoResponse,
  UserInfoResponseSchema,
} from "../../src/idl/auth.ts";

/** A good answer to `IdentityService.UserInfo`, and the headers it comes with. */
export const answer: Uint8Array = toBinary(
  UserInfoResponseSchema,
  create(UserInfoResponseSchema, { subject: "ann" }),
);
export const proto = { "content-type": "application/proto" } as const;

/** A transport of one connection that reads answers of up to 1,000 bytes; closed with the test. */
export function openTransport(baseUrl: string): ConnectTransport {
  const options = { baseUrl, tls: {}, maxResponseBytes: 1_000, maxConnections: 1 };
  const transport = createConnectTransport(options);
  onTestFinished(() => transport.close());
  return transport;
}

/** A transport to a server that is gone when the test is. */
export async function connectTo(server: Server): Promise<ConnectTransport> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return openTransport(`http://127.0.0.1:${port}`);
}

/** A transport to a server that reads each request to its end and then does what it likes. */
export function httpPeer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<ConnectTransport> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => handle(request, response));
  });
  return connectTo(server);
}

/** A transport to a server below HTTP; `count` numbers the requests over all connections. */
export function rawPeer(
  handle: (socket: Socket, count: number) => void,
): Promise<ConnectTransport> {
  let count = 0;
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => {
      count += 1;
      handle(socket, count);
    });
  });
  return connectTo(server);
}

/** Asks for the user's name. */
export function me(
  transport: ConnectTransport,
  call: Partial<UnaryCall> = {},
): Promise<UserInfoResponse> {
  return transport.send(
    IdentityService.method.userInfo,
    {},
    {
      headers: [],
      requestId: "r-1",
      signal: undefined,
      deadline: Number.POSITIVE_INFINITY,
      repeatable: false,
      ...call,
    },
  );
}

/** The error a call ends with. */
export async function failure(promise: Promise<unknown>): Promise<ConnectError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectError) return error;
  throw new Error("expected a ConnectError", { cause: error });
}
