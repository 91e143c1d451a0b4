import { exportsOf } from "../../shared/exports-of.ts";
import type { SendCommand } from "./redis-script.ts";

type Client = Awaited<ReturnType<typeof createClient>>;

async function createClient(url: string, connectTimeout: number) {
  const redis = exportsOf(await import("@redis/client"), "createClient");
  return redis.createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { connectTimeout, reconnectStrategy: false },
  });
}

export interface RedisConnectionOptions {
  readonly url: string;
  /** How long a connection may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long after a failure nobody tries again, in milliseconds. */
  readonly pauseMs: number;
  readonly now: () => number;
  /** Told of what ended a connection, or kept it from being one. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * At most one connection to Redis. Whoever wants to use it while there is none starts the next in the background,
 * so that nobody waits for one, and no timer outlives those who ask.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  #client: Client | undefined;
  #connecting: Promise<void> | undefined;
  #pauseUntil = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
  }

  /** How to send a command; undefined while there is no connection. */
  get send(): SendCommand | undefined {
    const client = this.#client;
    if (client?.isReady === true) return (words) => client.sendCommand(words);
    void this.connect();
    return undefined;
  }

  /** Connects, unless it is too early for that. Resolves whatever becomes of it. */
  connect(): Promise<void> {
    const { now } = this.#options;
    if (this.#isClosed || this.#client?.isReady === true || now() < this.#pauseUntil) {
      return Promise.resolve();
    }
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** Ends a connection that cannot be relied on. */
  drop(error: unknown): void {
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    this.#fail(client, error);
  }

  close(): void {
    this.#isClosed = true;
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) destroy(client);
  }

  async #open(): Promise<void> {
    const { url, connectTimeoutMs } = this.#options;
    const client = await createClient(url, connectTimeoutMs);
    client.on("error", (error: unknown) => {
      if (this.#client === client) this.drop(error);
    });
    try {
      await client.connect();
      if (this.#isClosed) destroy(client);
      else this.#client = client;
    } catch (error) {
      this.#fail(client, error);
    }
  }

  #fail(client: Client, error: unknown): void {
    const { now, pauseMs, onFailure } = this.#options;
    this.#pauseUntil = now() + pauseMs;
    destroy(client);
    if (!this.#isClosed) onFailure(error);
  }
}

/** Whatever state it is in. */
function destroy(client: Client): void {
  if (client.isOpen) client.destroy();
}
