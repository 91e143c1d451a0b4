import { randomUUID } from "node:crypto";
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport, type UnaryResponse } from "@connectrpc/connect";
import { Pool } from "undici";
import { lookupHost } from "../shared/lookup-host.ts";
import {
  finalError,
  findUnreadable,
  isLostConnection,
  toAnswerError,
  toFailureError,
  toHeaders,
  withoutEffect,
} from "./answer-errors.ts";
import { toCredentialHeaders } from "./credential-headers.ts";
import { Deadlines } from "./deadlines.ts";
import type { TlsSettings } from "./options.ts";
import { createStreamTransport, type StreamTransport } from "./stream-transport.ts";
import { type ExchangeFailure, type UnaryAnswer, UnaryExchange } from "./unary-exchange.ts";

export interface ConnectTransportOptions {
  /** Scheme, host and port. */
  readonly baseUrl: string;
  readonly tls: TlsSettings;
  readonly maxResponseBytes: number;
  readonly maxConnections: number;
}

/** One unary call, ready to be sent. */
export interface UnaryCall {
  /** Credential headers, flat and checked. */
  readonly headers: readonly string[];
  readonly requestId: string;
  readonly signal: AbortSignal | undefined;
  /** Point of `performance.now()`; infinite for none. */
  readonly deadline: number;
  /** Whether the call may take effect twice without harm. */
  readonly repeatable: boolean;
}

/** A Connect transport that can also be called without the cost of its general form. */
export interface ConnectTransport extends Transport {
  readonly baseUrl: string;
  send<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    input: MessageInitShape<I>,
    call: UnaryCall,
  ): Promise<MessageShape<O>>;
  close(): Promise<void>;
}

const protocolHeaders: readonly string[] = [
  "content-type",
  "application/proto",
  "connect-protocol-version",
  "1",
  "accept-encoding",
  "identity",
  "user-agent",
  "flyte-webhook",
];

/**
 * The Connect protocol with the binary codec over kept-alive HTTP/1.1 connections. Unary calls go
 * straight to the connection pool; each stream has a connection of its own.
 *
 * See https://connectrpc.com/docs/protocol for the protocol.
 */
export function createConnectTransport(options: ConnectTransportOptions): ConnectTransport {
  const { baseUrl, maxResponseBytes } = options;
  const deadlines = new Deadlines();
  const pool = new Pool(baseUrl, {
    connections: options.maxConnections,
    pipelining: 1,
    allowH2: false,
    // Deadlines end calls; a slow but steady answer is not a fault.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { ...options.tls, lookup: lookupHost, timeout: 30_000 },
  });
  let streams: StreamTransport | undefined;

  function exchange(path: string, body: Uint8Array, call: UnaryCall): Promise<UnaryAnswer> {
    const headers = [...protocolHeaders, "x-request-id", call.requestId, ...call.headers];
    if (call.deadline !== Number.POSITIVE_INFINITY) {
      const leftMs = Math.max(1, Math.ceil(call.deadline - performance.now()));
      headers.push("connect-timeout-ms", String(leftMs));
    }
    return new Promise((resolve, reject) => {
      const attempt = (isLast: boolean): void => {
        const onFailure = (failure: ExchangeFailure): void => {
          if (!isLast && isLostConnection(failure)) {
            attempt(true);
            return;
          }
          // The first of two may have been heard, even where the second was never sent.
          const isSecond = isLast && call.repeatable;
          const progress = isSecond && failure.progress === "waiting" ? "sent" : failure.progress;
          reject(toFailureError(baseUrl, { ...failure, progress }, maxResponseBytes));
        };
        const handler = new UnaryExchange({
          deadline: call.deadline,
          signal: call.signal,
          maxBytes: maxResponseBytes,
          deadlines,
          onAnswer: resolve,
          onFailure,
        });
        pool.dispatch({ path, method: "POST", headers, body }, handler);
      };
      // A server may close an idle connection just as a request is written to it.
      attempt(!call.repeatable);
    });
  }

  async function send<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    input: MessageInitShape<I>,
    call: UnaryCall,
    onAnswer?: (answer: UnaryAnswer) => void,
  ): Promise<MessageShape<O>> {
    if (call.signal?.aborted === true) {
      const { reason } = call.signal;
      throw withoutEffect(
        new ConnectError("The call was canceled.", Code.Canceled, undefined, undefined, reason),
      );
    }
    const body = toBinary(method.input, create(method.input, input));
    const answer = await exchange(`/${method.parent.typeName}/${method.name}`, body, call);
    if (answer.status !== 200) throw toAnswerError(answer);
    const unreadable = findUnreadable(baseUrl, answer.headers);
    if (unreadable !== undefined) throw unreadable;
    onAnswer?.(answer);
    try {
      return fromBinary(method.output, answer.body);
    } catch (cause) {
      throw finalError(
        "internal",
        `${baseUrl} answered ${method.name} with a broken message.`,
        cause,
      );
    }
  }

  return {
    baseUrl,
    send,
    async unary(method, signal, timeoutMs, given, input): Promise<UnaryResponse<never, never>> {
      const { headers, requestId } = splitHeaders(given);
      const deadline = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
      const repeatable = method.idempotency !== 0;
      const call = { headers, requestId, signal, deadline, repeatable };
      let header: Headers | undefined;
      const message = await send(method, input, call, (answer) => {
        header = toHeaders(answer.headers);
      });
      return {
        stream: false,
        service: method.parent,
        method,
        message,
        header,
        trailer: new Headers(),
      } as never; // The generic result type cannot be named in an object of generic methods.
    },
    stream(...args) {
      streams ??= createStreamTransport(options);
      return streams.stream(...args);
    },
    async close() {
      await Promise.all([pool.destroy(), streams?.close()]);
    },
  };
}

function splitHeaders(header: Parameters<Transport["unary"]>[3]): {
  headers: readonly string[];
  requestId: string;
} {
  if (header === undefined) return { headers: [], requestId: randomUUID() };
  const given = new Headers(header);
  const requestId = given.get("x-request-id") ?? randomUUID();
  given.delete("x-request-id");
  return { headers: toCredentialHeaders([...given]), requestId };
}
