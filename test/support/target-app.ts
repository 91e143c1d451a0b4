import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

/** One request as the app received it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case and values, in the order in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface TargetApp {
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** The answer to the first request, to be made by the test. */
  readonly first: Promise<ServerResponse>;
  /** Settles when the app has no open connection. */
  left(): Promise<void>;
}

/** An app on a real port; it answers what it got, as JSON, unless told otherwise. Gone with the test. */
export async function startTargetApp(
  handle: (response: ServerResponse, request: SeenRequest) => void = echo,
): Promise<TargetApp> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let onFirst: (response: ServerResponse) => void;
  const first = new Promise<ServerResponse>((resolve) => {
    onFirst = resolve;
  });
  const server = createServer(async (request, response) => {
    const seen = await readSeen(request).catch(() => undefined);
    if (seen === undefined) return;
    requests.push(seen);
    handle(response, seen);
    onFirst(response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0) server.emit("left");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    sockets,
    first,
    async left() {
      if (sockets.size > 0) await once(server, "left");
    },
  };
}

async function readSeen(request: IncomingMessage): Promise<SeenRequest> {
  const { method = "", url = "", rawHeaders } = request;
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const headers = names.map(
    (name, at) => [name.toLowerCase(), rawHeaders[at * 2 + 1] ?? ""] as const,
  );
  const body = Buffer.concat(await request.toArray()).toString();
  return { method, url, headers, body };
}

function echo(response: ServerResponse, request: SeenRequest): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(request));
}
