import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of a call. */
export type Fate =
  | "pass"
  /** The server never gets it. */
  | "cut before"
  /** The server has answered, and the answer does not arrive. */
  | "cut after"
  /** Like `pass`, once it is opened. */
  | { readonly opened: Promise<void> }
  /** Answered here. */
  | { readonly status: number; readonly code: string };

/** Stands in front of a control plane and decides what becomes of its calls. */
export interface CuttingProxy extends AsyncDisposable {
  readonly url: string;
  /** Calls that came, by method, in order. */
  readonly seen: readonly string[];
  /** Decides on each call, until it is given another one. */
  decide(fate: (method: string) => Fate): void;
  /** Settles when the next call of a method has come. */
  next(method: string): Promise<void>;
}

/** Starts a proxy that lets everything pass. */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const seen: string[] = [];
  const awaited: { readonly method: string; readonly resolve: () => void }[] = [];
  let decide: (method: string) => Fate = () => "pass";

  const serve = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url: path = "", method = "", headers } = asked;
    const name = path.split("/").at(-1) ?? "";
    const body = await readAll(asked);
    seen.push(name);
    for (const wait of awaited) if (wait.method === name) wait.resolve();
    const fate = decide(name);
    if (fate === "cut before") {
      response.destroy();
      return;
    }
    if (typeof fate === "object" && "code" in fate) {
      response.writeHead(fate.status, { "content-type": "application/json" });
      response.end(JSON.stringify({ code: fate.code, message: "not now" }));
      return;
    }
    const forwarded = request({ hostname, port, path, method, headers, agent: false });
    forwarded.end(body);
    const [answer] = (await once(forwarded, "response")) as [IncomingMessage];
    const content = await readAll(answer);
    if (fate === "cut after") {
      response.destroy();
      return;
    }
    if (typeof fate === "object") await fate.opened;
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.end(content);
  };

  const server = createServer((asked, response) => {
    serve(asked, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // It listens on TCP.
    seen,
    decide(fate) {
      decide = fate;
    },
    next: (method) => new Promise((resolve) => awaited.push({ method, resolve })),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}
