import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { type Fault, pass } from "./fault.ts";
import { answerOnTheWay, type GivenAnswer, spoil, toBytes, toHead } from "./raw-answer.ts";
import { type RawRequest, RequestReader } from "./request-reader.ts";

/** A call that came, and what happened to it. */
export interface SeenCall {
  readonly method: string;
  readonly fault: Fault;
}

/** Stands between a webhook and its control plane and does to calls what networks do, byte by byte. */
export class ChaosProxy implements AsyncDisposable {
  /** Where calls go. May be another one after a while. */
  target: string;
  /** Decides what happens to a call by the name of its method. */
  fault: (method: string) => Fault = () => pass;
  readonly calls: SeenCall[] = [];
  /** Most connections that were open at once. */
  mostOpen = 0;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  private constructor(target: string) {
    this.target = target;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async to(target: string): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#connections.size;
  }

  /** From now on nothing happens to calls. */
  calm(): void {
    this.fault = () => pass;
    for (const connection of this.#connections) connection.isSpent = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.#connections) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#agent.destroy();
  }

  #serve(socket: Socket): void {
    const connection: Connection = { socket, isSpent: false };
    this.#connections.add(connection);
    this.mostOpen = Math.max(this.mostOpen, this.#connections.size);
    socket.setNoDelay(true);
    socket.on("error", () => undefined).on("close", () => this.#connections.delete(connection));
    const reader = new RequestReader();
    let last = Promise.resolve();
    socket.on("data", (chunk) => {
      if (connection.isSpent) {
        socket.resetAndDestroy();
        return;
      }
      for (const request of reader.push(chunk)) {
        last = last.then(() => this.#take(connection, request)).catch(() => reset(socket));
      }
    });
  }

  async #take(connection: Connection, request: RawRequest): Promise<void> {
    const { socket } = connection;
    const method = request.path.split("/").at(-1) ?? "";
    const fault = this.fault(method);
    this.calls.push({ method, fault });
    switch (fault.kind) {
      case "reset before":
        return reset(socket);
      case "hangs before":
        return;
      case "no http":
        socket.write("\u0016\u0003\u0001 this is no HTTP\r\n\r\n");
        return;
      case "status":
        socket.write(toBytes(answerOnTheWay(fault)));
        return;
      case "delayed":
        await delay(fault.ms ?? 0);
        break;
      case "closed when idle":
        connection.isSpent = true;
    }
    if (request.isStream) return this.#stream(socket, request, fault);
    const answer = await this.#ask(request);
    if (fault.kind === "asked twice") await this.#ask(request);
    await send(socket, answer, fault);
  }

  async #ask(request: RawRequest): Promise<GivenAnswer> {
    const answer = await this.#open(request);
    return {
      status: answer.statusCode ?? 502,
      headers: answer.headers,
      body: await buffer(answer),
    };
  }

  async #open({ verb, path, headers, body }: RawRequest, by?: Socket): Promise<IncomingMessage> {
    const asked = httpRequest(new URL(path, this.target), {
      method: verb,
      headers,
      agent: by === undefined ? this.#agent : false,
    });
    by?.once("close", () => asked.destroy());
    asked.end(body);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    asked.on("error", () => undefined);
    return answer;
  }

  /** A server stream; a fault of an answer is one of its first message. */
  async #stream(socket: Socket, request: RawRequest, { kind }: Fault): Promise<void> {
    const answer = await this.#open(request, socket);
    if (kind === "reset after") return reset(socket);
    if (kind === "hangs after") return;
    const { statusCode: status = 502, headers } = answer;
    const type = kind === "wrong type" ? { "content-type": "text/html" } : {};
    socket.write(toHead({ status, headers: { ...headers, ...type } }));
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (kind === "reset in the middle") {
        socket.write(toChunk(chunk.subarray(0, chunk.length / 2)), () => reset(socket));
        return;
      }
      if (kind === "no message") socket.write(toChunk(Buffer.from([0, 0, 0, 0, 2, 0x0a, 0xff])));
      if (kind === "too long") socket.write(toChunk(Buffer.from([0, 0xff, 0xff, 0xff, 0xff])));
      if (kind === "compressed") socket.write(toChunk(Buffer.from([1, 0, 0, 0, 1, 0])));
      if (kind === "shortened") return void socket.end("0\r\n\r\n");
      socket.write(toChunk(chunk));
    }
    socket.write("0\r\n\r\n");
  }
}

interface Connection {
  readonly socket: Socket;
  /** The next bytes on it end it. */
  isSpent: boolean;
}

function reset(socket: Socket): void {
  socket.resetAndDestroy();
}

function toChunk(bytes: Buffer): Buffer {
  const size = `${bytes.length.toString(16)}\r\n`;
  return Buffer.concat([Buffer.from(size), bytes, Buffer.from("\r\n")]);
}

async function send(socket: Socket, answer: GivenAnswer, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case "reset after":
      return reset(socket);
    case "hangs after":
      return;
    case "reset in the middle": {
      const bytes = toBytes(answer);
      // All but the last byte: a body may be empty, a head is not.
      socket.write(bytes.subarray(0, -1), () => reset(socket));
      return;
    }
    case "too long":
      socket.write(toHead(answer, 2 ** 40));
      socket.write(answer.body);
      return;
    case "endless":
      socket.write(toHead(answer));
      return sendForever(socket);
    case "drips":
      for (const byte of toBytes(answer)) {
        socket.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      return;
    default:
      socket.write(spoil(answer, fault) ?? toBytes(answer));
  }
}

/** Until nobody reads any more. */
async function sendForever(socket: Socket): Promise<void> {
  const chunk = toChunk(Buffer.alloc(256 * 1024));
  while (!socket.destroyed) {
    if (!socket.write(chunk)) await drained(socket);
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.once("drain", done).once("close", done);
  });
}
