import { Agent, type ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { ReplicaSocket } from "./replica-socket.ts";

/** A request as its agent sees it. */
interface AskingRequest extends ClientRequest {
  onSocket(socket: Socket): void;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

const maxIdle = 256;
const sweepMs = 1_000;

/**
 * Connections to one replica. It does what the agent of Node.js does, for a single address and without
 * the books that one keeps for many: those are a good part of what a small request costs.
 */
export class ReplicaAgent extends Agent {
  /** The one that was used last is the last. */
  readonly #idle: ReplicaSocket[] = [];
  readonly #isReusing: boolean;
  #sweep: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param isReusing whether connections are kept; else each may end one direction before the other */
  constructor(isReusing: boolean) {
    super({ keepAlive: isReusing });
    this.#isReusing = isReusing;
  }

  /** What `http.request` calls. */
  addRequest(request: AskingRequest, address: Address): void {
    const known = this.#take();
    request.reusedSocket = known !== undefined;
    request.onSocket(known ?? this.#connect(address));
  }

  /** Ends idle connections, and each other one after its request. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#sweep);
    for (const socket of [...this.#idle]) socket.destroy();
  }

  #take(): ReplicaSocket | undefined {
    const now = performance.now();
    for (;;) {
      const socket = this.#idle.pop();
      if (socket === undefined) return undefined;
      const isFresh = socket.writable && (socket.idleUntil ?? 0) > now;
      socket.idleUntil = undefined;
      if (isFresh) return socket;
      socket.destroy();
    }
  }

  #connect({ host, port }: Address): ReplicaSocket {
    const socket = new ReplicaSocket({ allowHalfOpen: !this.#isReusing });
    socket.on("free", () => this.#give(socket));
    socket.on("error", () => undefined); // it closes as well
    socket.once("close", () => this.#forget(socket));
    if (this.#isReusing) {
      socket.on("data", () => {
        // What nobody has asked for could be taken for the next answer.
        if (socket.idleUntil !== undefined) socket.destroy();
      });
    }
    return socket.connect({ host, port }).setNoDelay(true);
  }

  #give(socket: ReplicaSocket): void {
    const isUsable = socket.writable && !socket.connecting;
    if (!this.#isReusing || this.#isClosed || !isUsable || this.#idle.length >= maxIdle) {
      socket.destroy();
      return;
    }
    socket.idleUntil = performance.now() + socket.idleMs;
    this.#idle.push(socket);
    this.#sweep ??= setTimeout(() => this.#endIdle(), sweepMs).unref();
  }

  #endIdle(): void {
    this.#sweep = undefined;
    const now = performance.now();
    for (const socket of [...this.#idle]) if ((socket.idleUntil ?? 0) <= now) socket.destroy();
    if (this.#idle.length > 0) this.#sweep = setTimeout(() => this.#endIdle(), sweepMs).unref();
  }

  #forget(socket: ReplicaSocket): void {
    const at = this.#idle.indexOf(socket);
    if (at !== -1) this.#idle.splice(at, 1);
  }
}
