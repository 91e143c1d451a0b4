import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Upgrade } from "./exchange.ts";
import { toClientHeaders } from "./forwarded-headers.ts";

/** The app's side of an upgrade that it agreed to. */
export interface AppSide {
  readonly answer: IncomingMessage;
  readonly socket: Socket;
  /** What came after the head. */
  readonly head: Buffer;
}

/**
 * Passes the app's 101 on and then the bytes of both sides, each with its own end.
 *
 * @param onEnd called once both are closed
 */
export function openTunnel(
  client: Upgrade,
  response: ServerResponse,
  app: AppSide,
  onEnd: () => void,
): void {
  const headers = toClientHeaders(app.answer.rawHeaders, 101);
  const protocol = app.answer.headers.upgrade ?? client.protocol;
  headers.push("Connection", "Upgrade", "Upgrade", protocol);
  let head = "HTTP/1.1 101 Switching Protocols\r\n";
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  response.detachSocket(client.socket);
  client.socket.write(`${head}\r\n`, "latin1");
  let open = 2;
  const onClose = (other: Duplex) => (failed: boolean) => {
    if (failed) other.destroy();
    open -= 1;
    if (open === 0) onEnd();
  };
  client.socket.once("close", onClose(app.socket));
  app.socket.once("close", onClose(client.socket));
  app.socket.on("error", () => client.socket.destroy());
  client.socket.on("error", () => app.socket.destroy());
  if (app.head.length > 0) client.socket.write(app.head);
  if (client.head.length > 0) app.socket.write(client.head);
  client.socket.pipe(app.socket);
  app.socket.pipe(client.socket);
}
