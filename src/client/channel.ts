import { randomUUID } from "node:crypto";
import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { startDeadline } from "../shared/signals.ts";
import { mayHaveHappened } from "./answer-errors.ts";
import { type AuthMetadata, authMetadata } from "./auth-metadata.ts";
import { type CallContext, pause } from "./call-context.ts";
import { CallObservers, codeName, type ObservedTry } from "./call-observer.ts";
import type { ConnectTransport, UnaryCall } from "./connect-transport.ts";
import { toCredentialHeaders } from "./credential-headers.ts";
import { toFlyteError } from "./errors.ts";
import type { Authenticator } from "./options.ts";
import { isTransient, toBackoffMs } from "./retry.ts";
import { currentTraceHeaders } from "./trace-headers.ts";

export interface ChannelOptions {
  readonly transport: ConnectTransport;
  readonly authenticator: Authenticator;
  readonly retries: number;
  /** @default nobody observes */
  readonly observers?: CallObservers;
}

/** Whether a call may take effect twice without harm, and hence be tried again. */
export type Repeat = "repeatable" | "once";

/** What is known of a call that failed. */
export interface Outcome {
  /** Whether one of its tries may have taken effect. */
  isUnknown: boolean;
}

/** Calls to one host: credential, retries and error conversion around the transport. */
export class Channel {
  readonly #transport: ConnectTransport;
  readonly #authenticator: Authenticator;
  readonly #retries: number;
  readonly #observers: CallObservers;

  constructor(options: ChannelOptions) {
    this.#transport = options.transport;
    this.#authenticator = options.authenticator;
    this.#retries = options.retries;
    this.#observers = options.observers ?? new CallObservers();
  }

  get baseUrl(): string {
    return this.#transport.baseUrl;
  }

  /** The credential headers that a request of this call would carry now. */
  credential(call: CallContext): AuthMetadata | undefined | Promise<AuthMetadata | undefined> {
    if (call.auth !== undefined) return call.auth;
    if (call.bound === undefined) return this.#authenticator.headers(call.signal);
    return authMetadata(call.bound, () => this.#authenticator.headers(call.signal));
  }

  /**
   * @param outcome - is told what is known when the call has failed
   * @throws FlyteError for every failure
   */
  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    input: MessageInitShape<I>,
    call: CallContext,
    repeat: Repeat = "repeatable",
    outcome: Outcome = { isUnknown: false },
  ): Promise<MessageShape<O>> {
    const requestId = randomUUID();
    const repeatable = repeat === "repeatable";
    const { signal } = call;
    let refreshed = false;
    for (let retry = 0, attempt = 0; ; attempt += 1) {
      let auth: AuthMetadata | undefined;
      try {
        const given = this.credential(call);
        auth = given instanceof Promise ? await given : given;
        const headers = toCredentialHeaders(auth);
        const { deadline } = call;
        const sent = { headers, requestId, signal, deadline, repeatable };
        return await this.#send(method, input, sent, attempt);
      } catch (error) {
        if (mayHaveHappened(error)) outcome.isUnknown = true;
        if (!refreshed && (await this.#refresh(call, auth, error))) {
          refreshed = true;
        } else {
          if (!repeatable || retry >= this.#retries) throw toFlyteError(error);
          await waitForRetry(call, retry, error);
          retry += 1;
        }
      }
    }
  }

  /** A server stream, not retried but for a refused credential. @throws FlyteError for every failure */
  async *stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    input: MessageInitShape<I>,
    call: CallContext,
  ): AsyncGenerator<MessageShape<O>, void, undefined> {
    const requestId = randomUUID();
    for (let refreshed = false; ; refreshed = true) {
      let observed: ObservedTry | undefined;
      let outcome = "canceled"; // A reader may leave.
      let auth: AuthMetadata | undefined;
      // Ends the request however the loop over it is left.
      const leave = new AbortController();
      const leftMs = toLeftMs(call);
      using limit = startDeadline({ signals: [call.signal, leave.signal], timeoutMs: leftMs });
      try {
        auth = await this.credential(call);
        const credential = toCredentialHeaders(auth);
        observed = this.#observers.begin(method, refreshed ? 1 : 0, this.baseUrl);
        const trace = traceHeaders(observed);
        const headers = toPairs([...trace, ...credential, "x-request-id", requestId]);
        // Told to the server here: the stock transport would keep a timer of its own, and with it
        // the process, after the stream has been left.
        if (leftMs !== undefined) headers.push(["connect-timeout-ms", String(leftMs)]);
        const response = await this.#transport.stream(
          method,
          limit.signal,
          undefined,
          headers,
          once(input),
        );
        yield* response.message;
        outcome = "ok";
        return;
      } catch (error) {
        outcome = codeName(error);
        if (refreshed || !(await this.#refresh(call, auth, error))) {
          throw toFlyteError(limit.signal.aborted ? limitError(limit.signal, error) : error);
        }
      } finally {
        leave.abort();
        observed?.ended(outcome);
      }
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** One try of a call. */
  #send<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    input: MessageInitShape<I>,
    call: UnaryCall,
    attempt: number,
  ): Promise<MessageShape<O>> {
    const observed = this.#observers.begin(method, attempt, this.baseUrl);
    const trace = traceHeaders(observed);
    const sent = trace.length === 0 ? call : { ...call, headers: [...trace, ...call.headers] };
    const answering = this.#transport.send(method, input, sent);
    return observed === undefined ? answering : watched(answering, observed);
  }

  async #refresh(
    call: CallContext,
    auth: AuthMetadata | undefined,
    error: unknown,
  ): Promise<boolean> {
    if (!(error instanceof ConnectError) || error.code !== Code.Unauthenticated) return false;
    if (call.auth !== undefined || this.#authenticator.refresh === undefined) return false;
    const start = performance.now();
    try {
      return await this.#authenticator.refresh(auth, call.signal);
    } catch (cause) {
      throw toFlyteError(cause);
    } finally {
      // A person may have had to sign in first.
      call.deadline += performance.now() - start;
    }
  }
}

async function watched<Answer>(answering: Promise<Answer>, observed: ObservedTry): Promise<Answer> {
  try {
    const answer = await answering;
    observed.ended("ok");
    return answer;
  } catch (error) {
    observed.ended(codeName(error));
    throw error;
  }
}

/** Those of the observers, else those that the running request came with. */
function traceHeaders(observed: ObservedTry | undefined): readonly string[] {
  const own = observed?.headers ?? [];
  return own.length > 0 ? own : currentTraceHeaders();
}

async function waitForRetry(call: CallContext, retry: number, error: unknown): Promise<void> {
  if (!isTransient(error)) throw toFlyteError(error);
  const waitMs = toBackoffMs(retry, Math.random(), error);
  if (performance.now() + waitMs >= call.deadline) throw toFlyteError(error);
  await pause(call, waitMs);
}

function toLeftMs(call: CallContext): number | undefined {
  if (call.deadline === Number.POSITIVE_INFINITY) return undefined;
  return Math.max(1, Math.ceil(call.deadline - performance.now()));
}

function toPairs(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) pairs.push([flat[at] ?? "", flat[at + 1] ?? ""]);
  return pairs;
}

async function* once<Value>(value: Value): AsyncGenerator<Value, void, undefined> {
  yield value;
}

function limitError(signal: AbortSignal, error: unknown): ConnectError {
  return new ConnectError(
    "The call was canceled.",
    Code.Canceled,
    undefined,
    undefined,
    signal.reason ?? error,
  );
}
