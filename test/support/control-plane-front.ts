import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";

/** What becomes of a call. */
export type Fate =
  | "through"
  /** The control plane has answered, and the answer does not arrive. */
  | "answer lost"
  /** It never gets an answer. */
  | "hangs"
  /** The control plane never gets it. */
  | "refused"
  /** Like `through`, once it is opened. */
  | { readonly opened: Promise<void> }
  /** Answered here. */
  | { readonly status: number; readonly code: string };

/** A call's method, and the credential it came with. */
export interface SeenCall {
  readonly method: string;
  readonly authorization: string | undefined;
}

interface PassedAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string | Buffer;
}

/** Stands before a control plane, counts what is asked of it, and lets calls fail as networks do. */
export class ControlPlaneFront implements AsyncDisposable {
  /** The calls that came, in order. */
  readonly calls: SeenCall[] = [];
  #fate: (method: string) => Fate | Promise<Fate> = () => "through";
  readonly #awaited: { readonly method: string; readonly resolve: () => void }[] = [];
  readonly #target: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((request, response) => {
      const method = request.url?.split("/").at(-1) ?? "";
      void this.#pass(request, method).then(
        (answer) => {
          if (answer === undefined) return;
          response.writeHead(answer.status, answer.headers).end(answer.body);
        },
        () => request.socket.destroy(),
      );
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    });
  }

  static async to(target: string): Promise<ControlPlaneFront> {
    const front = new ControlPlaneFront(target);
    front.#server.listen(0, "127.0.0.1");
    await once(front.#server, "listening");
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Decides on each call by its method, until it is given another one. */
  decide(fate: (method: string) => Fate | Promise<Fate>): void {
    this.#fate = fate;
  }

  /** Settles when the next call of a method has come. */
  next(method: string): Promise<void> {
    return new Promise((resolve) => this.#awaited.push({ method, resolve }));
  }

  /** The methods called, in order. */
  get methods(): readonly string[] {
    return this.calls.map(({ method }) => method);
  }

  /** How often a method was called. */
  count(method: string): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  /** Holds the calls of a method until they are let go; all other calls go through. */
  hold(held: string): { readonly arrived: Promise<void>; letGo(): void } {
    let letGo: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const arrived = this.next(held);
    this.decide(async (method): Promise<Fate> => {
      if (method === held) await opened;
      return "through";
    });
    return { arrived, letGo };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(request: IncomingMessage, method: string): Promise<PassedAnswer | undefined> {
    const body = await buffer(request);
    this.calls.push({ method, authorization: request.headers.authorization });
    for (const { method: awaited, resolve } of this.#awaited) if (awaited === method) resolve();
    const fate = await this.#fate(method);
    if (fate === "hangs") return undefined;
    if (fate === "refused") throw new Error("refused");
    if (typeof fate === "object" && "code" in fate) return refusal(fate);
    const answer = await this.#ask(request, body);
    if (fate === "answer lost") throw new Error("lost");
    if (typeof fate === "object") await fate.opened;
    return answer;
  }

  #ask({ url = "", method = "", headers }: IncomingMessage, body: Buffer) {
    const { host: _, connection: __, ...kept } = headers;
    return new Promise<PassedAnswer>((resolve, reject) => {
      const asked = httpRequest(`${this.#target}${url}`, { method, headers: kept });
      asked.on("error", reject).on("response", (answer) => {
        const { "transfer-encoding": _encoding, connection: _connection, ...told } = answer.headers;
        buffer(answer).then(
          (bytes) => resolve({ status: answer.statusCode ?? 0, headers: told, body: bytes }),
          reject,
        );
      });
      asked.end(body);
    });
  }
}

function refusal({
  status,
  code,
}: {
  readonly status: number;
  readonly code: string;
}): PassedAnswer {
  const body = JSON.stringify({ code, message: "not now" });
  return { status, headers: { "content-type": "application/json" }, body };
}
