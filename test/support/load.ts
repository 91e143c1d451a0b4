import { Agent, request } from "node:http";

/** How one request of a load ended: with a status, or the code of an error. */
export interface LoadOutcome {
  readonly id: string;
  /** Whether its caller keeps its connection. */
  readonly isKept: boolean;
  readonly outcome: number | string;
  /** Where its connection comes from. */
  readonly port: number;
  /** How many bytes were sent over that connection before it. */
  readonly sentBefore: number;
  /** What the answer says of its connection. */
  readonly connection: string | undefined;
}

export interface LoadOptions {
  readonly url: string;
  readonly path: string;
  readonly method?: "GET" | "POST";
  /** Callers that keep their connection, each with one request after the other until an answer closes it. */
  readonly kept: number;
  /** Callers that make a connection for each request. */
  readonly fresh: number;
  /** Ends the callers that make connections, as a load balancer does that was told not to. */
  readonly signal?: AbortSignal;
}

/** Callers that ask without a pause, each request with its own id as the credential, until they are sent away. */
export class Load {
  readonly outcomes: LoadOutcome[] = [];
  readonly #options: LoadOptions;
  readonly #callers: readonly Promise<void>[];
  #watch: { readonly count: number; readonly resolve: () => void } | undefined;
  #count = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    const callers = (count: number, isKept: boolean) =>
      Array.from({ length: count }, () => this.#call(isKept));
    this.#callers = [...callers(options.kept, true), ...callers(options.fresh, false)];
  }

  /** Resolves when so many requests have ended. */
  async reached(count: number): Promise<void> {
    if (this.outcomes.length >= count) return;
    await new Promise<void>((resolve) => {
      this.#watch = { count, resolve };
    });
  }

  /** Resolves when every caller was sent away. */
  async ended(): Promise<void> {
    await Promise.all(this.#callers);
  }

  async #call(isKept: boolean): Promise<void> {
    const agent = new Agent({ keepAlive: isKept, maxSockets: 1 });
    for (;;) {
      this.#count += 1;
      const ended = await this.#ask(`id-${this.#count}`, agent, isKept);
      this.outcomes.push(ended);
      if (this.outcomes.length === this.#watch?.count) this.#watch.resolve();
      if (typeof ended.outcome === "string") break;
      if (isKept ? ended.connection === "close" : this.#options.signal?.aborted) break;
    }
    agent.destroy();
  }

  #ask(id: string, agent: Agent, isKept: boolean): Promise<LoadOutcome> {
    const { url, path, method = "GET" } = this.#options;
    const headers = { authorization: `Bearer ${id}` };
    return new Promise((resolve) => {
      let connection: string | undefined;
      let port = 0;
      let sentBefore = 0;
      const end = (outcome: number | string): void =>
        resolve({ id, isKept, outcome, port, sentBefore, connection });
      const asking = request(`${url}${path}`, { agent, headers, method }, (response) => {
        connection = response.headers.connection;
        response.resume();
        response.once("end", () => end(response.statusCode ?? 0));
        response.once("error", (error: NodeJS.ErrnoException) => end(`cut ${error.code}`));
      });
      asking.once("socket", (socket) => {
        sentBefore = socket.bytesWritten;
        const note = (): void => {
          port = socket.localPort ?? 0;
        };
        if (socket.connecting) socket.once("connect", note);
        else note();
      });
      asking.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
      asking.end();
    });
  }
}
