/** A request as it came. */
export interface RawRequest {
  readonly verb: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether its answer is a stream of messages. */
  readonly isStream: boolean;
}

/** Not passed on: they are about a connection. */
const ofConnections = new Set(["host", "connection", "keep-alive"]);

/** Cuts what arrives on a connection into requests, which say how long they are. */
export class RequestReader {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): readonly RawRequest[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const requests: RawRequest[] = [];
    for (let next = this.#take(); next !== undefined; next = this.#take()) requests.push(next);
    return requests;
  }

  #take(): RawRequest | undefined {
    const end = this.#rest.indexOf("\r\n\r\n");
    if (end === -1) return undefined;
    const [line = "", ...lines] = this.#rest.subarray(0, end).toString("latin1").split("\r\n");
    const headers = Object.fromEntries(
      lines.map((one) => {
        const at = one.indexOf(":");
        return [one.slice(0, at).toLowerCase(), one.slice(at + 1).trim()];
      }),
    );
    if (headers["transfer-encoding"] !== undefined) throw new Error("a request of no known length");
    const bodyAt = end + 4;
    const bodyEnd = bodyAt + Number(headers["content-length"] ?? 0);
    if (this.#rest.length < bodyEnd) return undefined;
    const body = Buffer.from(this.#rest.subarray(bodyAt, bodyEnd));
    this.#rest = this.#rest.subarray(bodyEnd);
    const [verb = "", path = ""] = line.split(" ");
    const kept = Object.entries(headers).filter(([name]) => !ofConnections.has(name));
    return {
      verb,
      path,
      headers: Object.fromEntries(kept),
      body,
      isStream: headers["content-type"]?.startsWith("application/connect+") === true,
    };
  }
}
