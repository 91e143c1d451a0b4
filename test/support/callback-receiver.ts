import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

/** What callbacks are signed with in the tests. */
export const callbackSecret = `whsec_${Buffer.from("a key of 32 bytes for the tests!").toString("base64")}`;

export interface ReceivedCallback {
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in it
  readonly event: any;
}

/** Answers a callback. */
export type Respond = (response: ServerResponse, received: ReceivedCallback) => void;

const taken: Respond = (response) => void response.writeHead(204).end();

/** Somebody who is called back, and believes nothing that is not signed. */
export class CallbackReceiver implements AsyncDisposable {
  readonly received: ReceivedCallback[] = [];
  /** Requests whose signature did not verify. */
  readonly forged: string[] = [];
  readonly #server = createServer((request, response) => void this.#take(request, response));
  readonly #verifier: Webhook;
  readonly #answers: Respond[] = [];
  readonly #waiting: (() => void)[] = [];
  /** The answer to each callback that has none of its own. */
  respond: Respond = taken;

  private constructor(secret: string) {
    this.#verifier = new Webhook(secret);
  }

  static async start(secret = callbackSecret): Promise<CallbackReceiver> {
    const receiver = new CallbackReceiver(secret);
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Answers the next callbacks, one each. */
  answerNext(...answers: readonly Respond[]): void {
    this.#answers.push(...answers);
  }

  /** Resolves when so many have come, with all of them. */
  async reach(count: number): Promise<readonly ReceivedCallback[]> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.received;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    try {
      const event = this.#verifier.verify(text, request.headers as Record<string, string>);
      const id = String(request.headers["webhook-id"]);
      const received = { id, path: request.url ?? "", headers: request.headers, text, event };
      this.received.push(received);
      (this.#answers.shift() ?? this.respond)(response, received);
    } catch {
      this.forged.push(text);
      response.writeHead(400).end();
    }
    for (const go of this.#waiting.splice(0)) go();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** An answer with a status and headers. */
export function answering(status: number, headers: Readonly<Record<string, string>> = {}): Respond {
  return (response) => void response.writeHead(status, { ...headers }).end();
}
