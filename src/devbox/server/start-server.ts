import { createServer as createHttp1Server } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import { type AddressInfo, isIPv6, type Socket } from "node:net";
import { FlyteError } from "../../shared/errors.ts";
import type { Request, Response } from "./node-http.ts";

/** Where to listen and what to answer. */
export interface StartServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly listener: (request: Request, response: Response) => void;
  /** Called before connections are waited for, to end what would run on. */
  readonly onClosing: () => void;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Base URL without a trailing slash; an address that stands for all is shown as loopback. */
  readonly url: string;
  /** Stops accepting, lets running requests end, cuts those that take longer than five seconds. */
  close(): Promise<void>;
}

const graceMs = 5_000;

/**
 * Serves HTTP/1.1 and cleartext HTTP/2 on one port, told apart by the first bytes of a connection:
 * HTTP/2 with prior knowledge begins with `PRI * HTTP/2.0` (RFC 9113, section 3.4), and no method
 * of HTTP/1.1 that is served begins with `PRI`.
 *
 * @throws FlyteError `invalid_config` when the port is in use or the address is not of this machine
 */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const http1 = createHttp1Server({
    headersTimeout: 15_000,
    // The largest upload over a slow connection.
    requestTimeout: 600_000,
    keepAliveTimeout: 75_000,
    maxHeaderSize: 32_768,
  });
  const http2 = createHttp2Server({ settings: { maxConcurrentStreams: 1_000 } });
  const sessions = new Set<ServerHttp2Session>();
  http1.on("request", options.listener);
  http2.on("request", options.listener);
  http2.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
  });
  http1.on("clientError", (_, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    else socket.destroy();
  });

  // The listening server is the HTTP/1.1 one, so that its timeouts work; it gets what is not HTTP/2.
  const sockets = new Set<Socket>();
  const undecided = new Set<Socket>();
  const acceptHttp1 = http1.listeners("connection");
  http1.removeAllListeners("connection");
  http1.on("connection", (socket: Socket) => {
    sockets.add(socket);
    undecided.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      undecided.delete(socket);
    });
    sniff(socket, (isHttp2) => {
      undecided.delete(socket);
      if (isHttp2) http2.emit("connection", socket);
      else for (const accept of acceptHttp1) accept.call(http1, socket);
    });
  });

  await listen(http1, { ...options, option: "port" });
  const { port } = http1.address() as AddressInfo;
  return {
    port,
    url: toUrl(options.host, port),
    close: async () => {
      const closed = new Promise<void>((resolve) => http1.close(() => resolve()));
      options.onClosing();
      for (const socket of undecided) socket.destroy();
      for (const session of sessions) session.close();
      // A connection is kept alive after its last answer until it is seen to be idle.
      const idle = setInterval(() => http1.closeIdleConnections(), 20);
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      await closed;
      clearTimeout(cut);
      clearInterval(idle);
    },
  };
}

const preface = Buffer.from("PRI");
const sniffTimeoutMs = 15_000;

/** Reads as many bytes as tell the versions apart, and puts them back. */
function sniff(socket: Socket, decide: (isHttp2: boolean) => void): void {
  const giveUp = (): void => {
    socket.destroy();
  };
  const timer = setTimeout(giveUp, sniffTimeoutMs);
  let start = Buffer.alloc(0);
  const look = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    start = Buffer.concat([start, chunk]);
    const compared = Math.min(start.length, preface.length);
    const matches = start.subarray(0, compared).equals(preface.subarray(0, compared));
    if (matches && start.length < preface.length) return;
    clearTimeout(timer);
    socket.off("readable", look);
    socket.off("error", giveUp);
    socket.off("end", giveUp);
    socket.unshift(start);
    decide(matches);
  };
  socket.once("close", () => clearTimeout(timer));
  socket.on("error", giveUp);
  socket.on("end", giveUp);
  socket.on("readable", look);
}

/** @throws FlyteError `invalid_config` when the port is in use or the address is not of this machine */
export function listen(
  server: ReturnType<typeof createHttp1Server>,
  { host, port, option }: Pick<StartServerOptions, "host" | "port"> & { readonly option: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const place = `${host}:${port}`;
      const message =
        cause.code === "EADDRINUSE"
          ? `Port ${port} of ${host} is in use; stop what uses it, or choose another with the option ${option} (0 takes a free one).`
          : `The devbox cannot listen on ${place} (${cause.code ?? cause.message}); choose another host or port.`;
      reject(new FlyteError("invalid_config", message, { cause }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      server.on("error", () => undefined);
      resolve();
    });
  });
}

function toUrl(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://127.0.0.1:${port}`;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
