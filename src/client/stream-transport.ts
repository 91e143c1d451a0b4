import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { lookupHost } from "../shared/lookup-host.ts";
import { findUnreadable, toAnswerError, toFailureError, toHeaders } from "./answer-errors.ts";
import type { TlsSettings } from "./options.ts";
import { readMessages, toEnvelope } from "./stream-messages.ts";
import type { Progress } from "./unary-exchange.ts";

export interface StreamTransportOptions {
  readonly baseUrl: string;
  readonly tls: TlsSettings;
  readonly maxResponseBytes: number;
}

export interface StreamTransport {
  readonly stream: Transport["stream"];
  /** Ends every stream under way. */
  close(): Promise<void>;
}

const mediaType = "application/connect+proto";
/** Longest body of an error. */
const maxErrorBytes = 64 * 1024;

/**
 * Server streams of the Connect protocol, each on an HTTP/1.1 connection of its own for as long as it lasts, beside those of
 * unary calls. Messages are read by hand: opening one through the stock transport costs several times as
 * much, and a webhook whose callers wait has thousands open.
 */
export function createStreamTransport(options: StreamTransportOptions): StreamTransport {
  const { baseUrl, maxResponseBytes: maxBytes } = options;
  const secure = baseUrl.startsWith("https:");
  const agent = secure
    ? new HttpsAgent({ ...options.tls, lookup: lookupHost, keepAlive: true })
    : new HttpAgent({ lookup: lookupHost, keepAlive: true });

  function toError(cause: unknown, progress: Progress, signal: AbortSignal | undefined): unknown {
    if (cause instanceof ConnectError) return cause;
    const failure =
      signal?.aborted === true
        ? { reason: "aborted" as const, progress, cause: signal.reason }
        : { reason: "connection" as const, progress, cause };
    return toFailureError(baseUrl, failure, maxBytes);
  }

  function ask(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    if (signal?.aborted === true) return Promise.reject(toError(undefined, "waiting", signal));
    const sent = { ...headers, ...protocolHeaders, "content-length": String(body.length) };
    return new Promise((resolve, reject) => {
      const request = (secure ? requestHttps : requestHttp)(new URL(path, baseUrl), {
        method: "POST",
        agent,
        headers: sent,
      });
      const leave = (): void => void request.destroy();
      signal?.addEventListener("abort", leave, { once: true });
      request.once("close", () => signal?.removeEventListener("abort", leave));
      let progress: Progress = "waiting";
      request.once("finish", () => {
        progress = "sent";
      });
      request.once("response", (response) => {
        // It may be ended when nobody reads.
        response.on("error", () => undefined);
        resolve(response);
      });
      request.on("error", (error) => reject(toError(error, progress, signal)));
      request.end(body);
    });
  }

  return {
    async stream(method, signal, _timeoutMs, header, input) {
      const { parent, name } = method;
      const headers = Object.fromEntries(new Headers(header));
      const message = toBinary(method.input, create(method.input, await onlyOne(input)));
      const path = `/${parent.typeName}/${name}`;
      const response = await ask(path, headers, toEnvelope(message), signal);
      const unreadable = await refusal(response, baseUrl);
      if (unreadable !== undefined) throw unreadable;

      async function* messages() {
        try {
          const source = { baseUrl, chunks: response, maxBytes };
          if ((yield* readMessages(method.output, source)) === "ended") return;
        } catch (error) {
          throw toError(error, "answering", signal);
        }
        throw new ConnectError(`A stream of ${baseUrl} broke off.`, Code.Unavailable);
      }

      return {
        stream: true,
        service: parent,
        method,
        header: toHeaders(response.headers),
        trailer: new Headers(),
        message: messages(),
      };
    },
    async close() {
      agent.destroy();
    },
  };
}

const protocolHeaders = {
  "content-type": mediaType,
  "connect-protocol-version": "1",
  "user-agent": "flyte-webhook",
} as const;

/** Why an answer is no stream; undefined when it is one. */
async function refusal(
  response: IncomingMessage,
  baseUrl: string,
): Promise<ConnectError | undefined> {
  const { statusCode: status = 0, headers } = response;
  if (status === 200) {
    const unreadable = findUnreadable(baseUrl, headers, mediaType);
    if (unreadable !== undefined) response.destroy();
    return unreadable;
  }
  return toAnswerError({ status, headers, body: await readUpTo(response, maxErrorBytes) });
}

/** The beginning of a body; nothing of one that breaks off. */
async function readUpTo(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) break;
    }
  } catch {
    return Buffer.alloc(0);
  }
  return Buffer.concat(chunks);
}

/** The message of a call that sends one. */
async function onlyOne<Message>(input: AsyncIterable<Message>): Promise<Message> {
  for await (const message of input) return message;
  throw new ConnectError("A server stream begins with a message.", Code.Internal);
}
