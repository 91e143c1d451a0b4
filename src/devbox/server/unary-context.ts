import type { IncomingHttpHeaders } from "node:http";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { createDeadlineSignal, createLinkedAbortController } from "@connectrpc/connect/protocol";
import type { Request, Response } from "./node-http.ts";

/** What a context is made of. */
export interface UnaryContextOptions {
  readonly method: DescMethod;
  readonly request: Request;
  readonly response: Response;
  readonly timeoutMs: number | undefined;
  readonly shutdownSignal: AbortSignal;
}

/**
 * What the implementation of a unary method is told about its call. Most ask for the caller alone,
 * so everything that costs something is made when it is asked for.
 */
export class UnaryContext implements HandlerContext {
  readonly requestMethod = "POST";
  readonly protocolName = "connect";
  readonly values: ContextValues = createContextValues();
  readonly #options: UnaryContextOptions;
  readonly #deadline: number | undefined;
  #signal: AbortSignal | undefined;
  #requestHeader: Headers | undefined;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;

  constructor(options: UnaryContextOptions) {
    const { timeoutMs } = options;
    this.#options = options;
    this.#deadline = timeoutMs === undefined ? undefined : Date.now() + timeoutMs;
  }

  get method(): DescMethod {
    return this.#options.method;
  }

  get service(): DescService {
    return this.#options.method.parent;
  }

  /** Bound, because it may be taken off the context. */
  readonly timeoutMs = (): number | undefined =>
    this.#deadline === undefined ? undefined : this.#deadline - Date.now();

  get url(): string {
    const { url = "/", headers } = this.#options.request;
    return new URL(url, `http://${headers.host}`).toString();
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#linkSignal();
    return this.#signal;
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= toHeaders(this.#options.request.headers);
    return this.#requestHeader;
  }

  get responseHeader(): Headers {
    this.#responseHeader ??= new Headers();
    return this.#responseHeader;
  }

  get responseTrailer(): Headers {
    this.#responseTrailer ??= new Headers();
    return this.#responseTrailer;
  }

  /** The headers that were set, and the trailers, which a unary answer carries as headers. */
  answerHeaders(): Record<string, string> {
    const set: Record<string, string> = {};
    this.#responseHeader?.forEach((value, name) => {
      set[name] = value;
    });
    this.#responseTrailer?.forEach((value, name) => {
      set[`trailer-${name}`] = value;
    });
    return set;
  }

  /** Aborts at the deadline, when the connection breaks, when the server closes and at the end. */
  #linkSignal(): AbortSignal {
    const { response, shutdownSignal } = this.#options;
    const closed = new AbortController();
    const deadline = createDeadlineSignal(this.timeoutMs());
    const end = (): void => {
      deadline.cleanup();
      closed.abort();
    };
    if (response.closed) end();
    else response.once("close", end);
    return createLinkedAbortController(deadline.signal, closed.signal, shutdownSignal).signal;
  }
}

function toHeaders(given: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value = []] of Object.entries(given)) {
    for (const one of [value].flat()) headers.append(name, one);
  }
  return headers;
}
