import type { IncomingHttpHeaders } from "node:http";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { Request, Response } from "./node-http.ts";

/** What a context is made of. */
export interface CallContextOptions {
  readonly method: DescMethod;
  readonly request: Request;
  readonly response: Response;
  readonly timeoutMs: number | undefined;
  readonly shutdownSignal: AbortSignal;
}

/**
 * What the implementation of a method is told about its call. Most ask for little more than the
 * caller, so everything that costs something is made when it is asked for.
 */
export class CallContext implements HandlerContext {
  readonly requestMethod = "POST";
  readonly protocolName = "connect";
  readonly values: ContextValues = createContextValues();
  readonly method: DescMethod;
  readonly request: Request;
  readonly response: Response;
  readonly #shutdownSignal: AbortSignal;
  readonly #deadline: number | undefined;
  #signal: AbortSignal | undefined;
  #requestHeader: Headers | undefined;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;

  constructor(options: CallContextOptions) {
    const { timeoutMs } = options;
    this.method = options.method;
    this.request = options.request;
    this.response = options.response;
    this.#shutdownSignal = options.shutdownSignal;
    this.#deadline = timeoutMs === undefined ? undefined : Date.now() + timeoutMs;
  }

  get service(): DescService {
    return this.method.parent;
  }

  /** Bound, because it may be taken off the context. */
  readonly timeoutMs = (): number | undefined =>
    this.#deadline === undefined ? undefined : this.#deadline - Date.now();

  get url(): string {
    const { url = "/", headers } = this.request;
    return new URL(url, `http://${headers.host}`).toString();
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#linkSignal();
    return this.#signal;
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= toHeaders(this.request.headers);
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

  /** The headers that were set so far. */
  headersToSend(): Record<string, string> {
    return this.#responseHeader === undefined ? {} : Object.fromEntries(this.#responseHeader);
  }

  /** The trailers that were set, in the form in which a unary answer has them among its headers. */
  trailersToSend(): Record<string, string> {
    const trailers = [...(this.#responseTrailer ?? [])];
    return Object.fromEntries(trailers.map(([name, value]) => [`trailer-${name}`, value]));
  }

  /** Aborts at the deadline, when the server closes, when the connection breaks and at the end. */
  #linkSignal(): AbortSignal {
    const { response } = this;
    const shutdownSignal = this.#shutdownSignal;
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const abort = (reason: unknown): void => {
      clearTimeout(timer);
      response.off("close", onClose);
      shutdownSignal.removeEventListener("abort", onShutdown);
      controller.abort(reason);
    };
    const onClose = (): void => abort(canceled);
    const onShutdown = (): void => abort(shutdownSignal.reason);
    response.once("close", onClose);
    shutdownSignal.addEventListener("abort", onShutdown);
    const leftMs = this.timeoutMs();
    const onLate = (): void =>
      abort(new ConnectError("the operation timed out", Code.DeadlineExceeded));
    if (leftMs !== undefined && leftMs > 0) timer = setTimeout(onLate, leftMs);
    if (response.closed) onClose();
    else if (shutdownSignal.aborted) onShutdown();
    else if (leftMs !== undefined && leftMs <= 0) onLate();
    return controller.signal;
  }
}

/** One for all, because the end of each call makes it a reason. */
const canceled = new ConnectError("The call was canceled.", Code.Canceled);

function toHeaders(given: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value = []] of Object.entries(given)) {
    for (const one of [value].flat()) headers.append(name, one);
  }
  return headers;
}
