import { connect, type Socket } from "node:net";
import { createHistogram } from "node:perf_hooks";

export interface PacedLoad {
  readonly port: number;
  readonly path: string;
  readonly perSecond: number;
  readonly connections: number;
  readonly durationMs: number;
}

export interface PacedResult {
  readonly requests: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Sends so many requests a second, whether answers come or not: each counts from when it was due, so that a server that
 * stands still for a moment is seen to do so.
 */
export async function runPacedLoad(load: PacedLoad): Promise<PacedResult> {
  const histogram = createHistogram();
  const request = `GET ${load.path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer bench-key\r\n\r\n`;
  const idle: Connection[] = await Promise.all(
    Array.from({ length: load.connections }, () => open(load.port)),
  );
  const all = [...idle];
  const due: number[] = [];
  let requests = 0;
  let failures = 0;
  let sent = 0;
  const send = (connection: Connection): void => {
    const at = due.shift();
    if (at === undefined) {
      idle.push(connection);
      return;
    }
    connection.ask(request, (isRight) => {
      requests += 1;
      if (!isRight) failures += 1;
      histogram.record(Math.max(1, Math.round((performance.now() - at) * 1000)));
      send(connection);
    });
  };
  const started = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const passed = performance.now() - started;
      if (passed >= load.durationMs) {
        if (idle.length < all.length || due.length > 0) return;
        clearInterval(timer);
        resolve();
        return;
      }
      for (; sent < (passed * load.perSecond) / 1000; sent += 1) {
        due.push(started + (sent * 1000) / load.perSecond);
        // In turns: a server closes connections that it hears nothing on.
        const free = idle.shift();
        if (free !== undefined) send(free);
      }
    }, 1);
  });
  for (const { socket } of all) socket.destroy();
  const { p50Ms, p99Ms } = {
    p50Ms: histogram.percentile(50) / 1000,
    p99Ms: histogram.percentile(99) / 1000,
  };
  return { requests, failures, p50Ms, p99Ms };
}

interface Connection {
  readonly socket: Socket;
  ask(request: string, done: (isRight: boolean) => void): void;
}

/** A connection that carries one request after the other. */
function open(port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1").setNoDelay(true).on("error", reject);
    let answer = "";
    let answered: ((isRight: boolean) => void) | undefined;
    const settle = (isRight: boolean): void => {
      const done = answered;
      answered = undefined;
      done?.(isRight);
    };
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      const end = answer.indexOf("\r\n\r\n");
      if (end === -1) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(answer)?.[1] ?? 0);
      if (answer.length < end + 4 + length) return;
      const isRight = answer.startsWith("HTTP/1.1 200");
      answer = "";
      settle(isRight);
    });
    socket.on("close", () => settle(false));
    socket.on("connect", () =>
      resolve({
        socket,
        ask(request, done) {
          answered = done;
          if (socket.destroyed) settle(false);
          else socket.write(request);
        },
      }),
    );
  });
}
