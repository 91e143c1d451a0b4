import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";

/** What happens to a call: it goes through, its answer is lost, it never gets one, or nobody is there. */
export type Fate = "through" | "answer lost" | "hangs" | "refused";

/** Stands before a control plane, counts what is asked of it, and lets calls fail as networks do. */
export class ControlPlaneFront implements AsyncDisposable {
  /** The methods called, with the credential each came with. */
  readonly calls: { readonly method: string; readonly authorization: string | undefined }[] = [];
  /** Decides about a call by its method. */
  fate: (method: string) => Fate | Promise<Fate> = () => "through";
  readonly #target: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((request, response) => {
      const method = request.url?.split("/").at(-1) ?? "";
      this.calls.push({ method, authorization: request.headers.authorization });
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

  /** How often a method was called. */
  count(method: string): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  /** Holds the calls of a method until they are let go; all other calls go through. */
  hold(held: string): { readonly arrived: Promise<void>; letGo(): void } {
    let arrive: () => void = () => undefined;
    let letGo: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const isFree = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    this.fate = async (method): Promise<Fate> => {
      if (method === held) {
        arrive();
        await isFree;
      }
      return "through";
    };
    return { arrived, letGo };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(request: IncomingMessage, method: string) {
    const body = await buffer(request);
    const fate = await this.fate(method);
    if (fate === "hangs") return undefined;
    if (fate === "refused") throw new Error("refused");
    const answer = await this.#ask(request, body);
    if (fate === "answer lost") throw new Error("lost");
    return answer;
  }

  #ask({ url = "", method = "", headers }: IncomingMessage, body: Buffer) {
    const { host: _, connection: __, ...kept } = headers;
    return new Promise<{
      readonly status: number;
      readonly headers: IncomingMessage["headers"];
      readonly body: Buffer;
    }>((resolve, reject) => {
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
