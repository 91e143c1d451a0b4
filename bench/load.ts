import { connect } from "node:net";
import { createHistogram } from "node:perf_hooks";

export interface Load {
  readonly port: number;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
  /** @default the address and port that are called */
  readonly host?: string;
  /** @default "bench-key" */
  readonly key?: string;
  readonly connections: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Sends one request after the other on each of `connections` sockets until the time is over. Reads
 * answers by hand, to leave the CPU to the server.
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const histogram = createHistogram();
  const request = requestBytes(load);
  const started = performance.now();
  const until = started + load.durationMs;
  let requests = 0;
  let failures = 0;
  const drive = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let sentAt = 0;
      let answer = "";
      const socket = connect(load.port, "127.0.0.1");
      const send = (): void => {
        sentAt = performance.now();
        answer = "";
        socket.write(request);
      };
      socket.setNoDelay(true).on("connect", send).on("error", reject);
      socket.on("data", (chunk) => {
        answer += chunk.toString("latin1");
        const end = answer.indexOf("\r\n\r\n");
        if (end === -1) return;
        const length = Number(/\r\ncontent-length: *(\d+)/i.exec(answer)?.[1] ?? 0);
        if (answer.length < end + 4 + length) return;
        const now = performance.now();
        requests += 1;
        if (!answer.startsWith("HTTP/1.1 200")) failures += 1;
        histogram.record(Math.max(1, Math.round((now - sentAt) * 1000)));
        if (now < until) return send();
        socket.destroy();
        resolve();
      });
    });
  await Promise.all(Array.from({ length: load.connections }, drive));
  return {
    requests,
    failures,
    seconds: (performance.now() - started) / 1000,
    p50Ms: histogram.percentile(50) / 1000,
    p99Ms: histogram.percentile(99) / 1000,
  };
}

function requestBytes(load: Load): Buffer {
  const { method, path, body = "", host = `127.0.0.1:${load.port}`, key = "bench-key" } = load;
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    `authorization: Bearer ${key}`,
    ...(method === "POST"
      ? ["content-type: application/json", `content-length: ${Buffer.byteLength(body)}`]
      : []),
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}
