import { once } from "node:events";
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

/** One request as the store received it. */
export interface SeenPut {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** What the store does with one request; `hang-up` closes the connection, `hold` never answers. */
export type StoreAnswer =
  | { readonly status: number; readonly headers?: OutgoingHttpHeaders }
  | "hang-up"
  | "hold";

export interface StoreStub {
  readonly url: string;
  readonly puts: readonly SeenPut[];
  /** Answers to come, the next one first; 200 when there are none. */
  readonly answers: StoreAnswer[];
}

/** A store that takes files over HTTP; gone when the test is. */
export async function startStore(...answers: readonly StoreAnswer[]): Promise<StoreStub> {
  const puts: SeenPut[] = [];
  const queue = [...answers];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { method, url: path, headers } = request;
    puts.push({ method, path, headers, body });
    const answer = queue.shift() ?? { status: 200 };
    if (answer === "hang-up") request.socket.destroy();
    else if (answer !== "hold") response.writeHead(answer.status, answer.headers).end();
  });
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return { url: `http://127.0.0.1:${port}`, puts, answers: queue };
}
