import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { EventStreamParser } from "./server-sent-events.ts";

/** One event of a live stream, in whichever form it came. */
export interface ReadEvent {
  readonly event: string;
  /** The identifier that the event itself has. */
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in an event
  readonly data: any;
}

export interface LiveRequest {
  readonly key: string;
  readonly accept?: string;
  readonly lastEventId?: string;
}

/** Reads a live stream over a socket of its own, at its own pace. */
export class LiveReader implements AsyncDisposable {
  readonly response: IncomingMessage;
  readonly parser: EventStreamParser = new EventStreamParser();
  readonly #events: AsyncGenerator<ReadEvent, void, undefined>;

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.on("error", () => undefined); // what is cut off ends
    this.#events = this.#read();
  }

  /** Resolves with the head of the answer. */
  static async open(url: string, { key, accept, lastEventId }: LiveRequest): Promise<LiveReader> {
    const asking = request(url, {
      agent: false,
      headers: {
        authorization: `Bearer ${key}`,
        ...(accept !== undefined && { accept }),
        ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
      },
    });
    asking.end();
    const [response] = (await once(asking, "response")) as [IncomingMessage];
    asking.on("error", () => undefined);
    return new LiveReader(response);
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get headers(): IncomingHttpHeaders {
    return this.response.headers;
  }

  /** The next event; undefined at the end. */
  async next(): Promise<ReadEvent | undefined> {
    const { value } = await this.#events.next();
    return value ?? undefined;
  }

  /** All that come until the end. */
  async all(): Promise<readonly ReadEvent[]> {
    const events: ReadEvent[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next()) {
      events.push(event);
    }
    return events;
  }

  /** Events up to the first that fits, with it. */
  async until(fits: (event: ReadEvent) => boolean): Promise<readonly ReadEvent[]> {
    const events: ReadEvent[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next()) {
      events.push(event);
      if (fits(event)) return events;
    }
    throw new Error(`The stream ended before: ${JSON.stringify(events)}`);
  }

  /** The body to its end, as text. */
  async text(): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.response) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.response.destroy();
  }

  async *#read(): AsyncGenerator<ReadEvent, void, undefined> {
    const isSse = this.headers["content-type"] === "text/event-stream";
    let rest = "";
    let id = "";
    for await (const chunk of this.response) {
      if (isSse) {
        for (const { event, data, lastEventId } of this.parser.push(chunk)) {
          yield { event, id: lastEventId === id ? undefined : lastEventId, data: JSON.parse(data) };
          id = lastEventId;
        }
        continue;
      }
      rest += chunk.toString("utf8");
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const { event, id, ...data } = JSON.parse(line);
        yield { event, id, data };
      }
    }
  }
}
