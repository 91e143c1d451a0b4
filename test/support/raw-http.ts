import { once } from "node:events";
import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/**
 * Sends bytes as they are, which no HTTP client would, and reads one answer. The request has to ask
 * for the connection to be closed, or to be one that ends it.
 */
export async function sendRaw(url: string, request: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => {}); // a reset after the answer is the server's right
  socket.write(request);
  await once(socket, "close");
  const text = Buffer.concat(chunks).toString("utf8");
  const end = text.indexOf("\r\n\r\n");
  const head = text.slice(0, end);
  return { status: Number(head.split(" ")[1]), head, body: text.slice(end + 4) };
}

/** A request with these header lines, for {@link sendRaw}. */
export function rawRequest(line: string, headers: readonly string[] = [], body = ""): string {
  const length = body === "" ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  const lines = [`${line} HTTP/1.1`, "host: test", "connection: close", ...headers, ...length];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
