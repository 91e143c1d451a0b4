import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Lets another server read a request again without its wish for an upgrade, which nobody has to grant
 * (RFC 9110, section 7.8). Node.js takes a request with such a wish for the last thing on a connection
 * that is HTTP, body or not, and without a listener for upgrades hides what is wrong with the body.
 *
 * The head is written out as the first server's parser understood it, less the header `Upgrade`, and
 * parsed anew by the same rules; what follows it was not read by anybody. `Connection` stays: what it
 * names is still kept from the app.
 *
 * @param rest what came after the head
 */
export function replay(
  server: Server,
  request: IncomingMessage,
  socket: Socket,
  rest: Buffer,
): void {
  const { method, url, httpVersion, rawHeaders } = request;
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.toLowerCase() !== "upgrade") head += `${name}: ${rawHeaders[at + 1]}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${head}\r\n`, "latin1"), rest]));
  server.emit("connection", socket);
}
