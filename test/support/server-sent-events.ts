/** One event as an `EventSource` would dispatch it. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  readonly lastEventId: string;
}

/**
 * A parser of event streams as the HTML standard has it (9.2.5 and 9.2.6), written from its text alone: it takes
 * bytes in any pieces and gives the events they complete.
 */
export class EventStreamParser {
  readonly #decoder = new TextDecoder("utf-8"); // strips one leading BOM
  #rest = "";
  #event = "";
  #data = "";
  #id = "";
  #lastEventId = "";
  /** What the stream asked for, in milliseconds. */
  retry: number | undefined;
  /** Lines that began with a colon. */
  comments = 0;

  push(bytes: Uint8Array): readonly ServerSentEvent[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const events: ServerSentEvent[] = [];
    for (;;) {
      const end = /\r\n|\n|\r/.exec(this.#rest);
      // A CR at the end of what has come may be half of a CRLF.
      if (end === null || (end[0] === "\r" && end.index === this.#rest.length - 1)) return events;
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      const event = line === "" ? this.#dispatch() : this.#read(line);
      if (event !== undefined) events.push(event);
    }
  }

  #read(line: string): undefined {
    const colon = line.indexOf(":");
    if (colon === 0) {
      this.comments += 1;
      return;
    }
    const field = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? "" : line.slice(colon + 1);
    const value = raw.startsWith(" ") ? raw.slice(1) : raw;
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data += `${value}\n`;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^[0-9]+$/.test(value)) this.retry = Number(value);
  }

  #dispatch(): ServerSentEvent | undefined {
    this.#lastEventId = this.#id;
    const [event, data] = [this.#event, this.#data];
    this.#event = "";
    this.#data = "";
    if (data === "") return undefined;
    const text = data.endsWith("\n") ? data.slice(0, -1) : data;
    return { event: event === "" ? "message" : event, data: text, lastEventId: this.#lastEventId };
  }
}
