import {
  create,
  type DescMessage,
  fromBinary,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { ConnectError, MethodImplSpec } from "@connectrpc/connect";
import { createMethodUrl, encodeEnvelope } from "@connectrpc/connect/protocol";
import { createEndStreamSerialization, endStreamFlag } from "@connectrpc/connect/protocol-connect";
import { callerKey } from "../auth/caller.ts";
import { standingCaller, whileStanding } from "../auth/standing-caller.ts";
import { CallContext } from "./call-context.ts";
import { readStreamForm } from "./call-form.ts";
import { closeAfter, headersOf, type Response, readUpTo } from "./node-http.ts";
import { createErrorConverter } from "./rpc-errors.ts";
import { type AnswerRpc, maxMessageBytes, type RpcOptions } from "./rpc-options.ts";

type StreamMethod = MethodImplSpec & { readonly kind: "server_streaming" };

/** Bytes before each message: flags, and the length. */
const envelopeBytes = 5;
const maxBodyBytes = envelopeBytes + maxMessageBytes;
const endOfStream = createEndStreamSerialization(undefined);

/**
 * Answers calls of the Connect protocol whose answer is a stream, in their plainest form, binary
 * messages without compression over HTTP/1.1. The answers are those of the stock handler, but that a
 * stream says that it is open before it has a message. The stock handler also gets every request of
 * another form, with its body if it takes that to see it.
 */
export function createStreamHandler(options: RpcOptions, stock: AnswerRpc): AnswerRpc {
  const { services, authentication, log, shutdownSignal } = options;
  const specs = services.flatMap(({ methods }) => Object.values(methods)).filter(isStream);
  const byPath = new Map(specs.map((spec) => [createMethodUrl("/", spec.method), spec]));
  const convert = createErrorConverter(log);

  /** Sends every message; what the method throws belongs to the answer. */
  async function sendMessages(
    { method, impl }: StreamMethod,
    input: MessageShape<DescMessage>,
    context: CallContext,
  ): Promise<ConnectError | undefined> {
    const { request, response } = context;
    const silent = setImmediate(beginSilent, context);
    try {
      const standing = standingCaller(headersOf(request), authentication);
      context.values.set(callerKey, standing.caller);
      for await (const output of whileStanding(impl(input, context), standing)) {
        const message = toBinary(method.output, create(method.output, output));
        if (response.destroyed) return undefined;
        begin(context);
        if (!response.write(encodeEnvelope(0, message))) await drained(response);
      }
      return undefined;
    } catch (thrown) {
      return convert(thrown, method);
    } finally {
      clearImmediate(silent);
    }
  }

  async function answer(spec: StreamMethod, context: CallContext): Promise<void> {
    const { request, response } = context;
    const body = await readUpTo(request, maxBodyBytes);
    const input = readOnlyMessage(spec.method.input, body);
    if (input === undefined) {
      if (body.length > maxBodyBytes) closeAfter(request, response);
      return stock(request, response, body);
    }
    const error = await sendMessages(spec, input, context);
    if (response.destroyed) return;
    begin(context);
    const metadata = context.responseTrailer;
    const end = endOfStream.serialize(error === undefined ? { metadata } : { metadata, error });
    response.end(encodeEnvelope(endStreamFlag, end));
  }

  return (request, response) => {
    if (request.method !== "POST" || request.httpVersionMajor !== 1) return undefined;
    const spec = byPath.get(request.url ?? "");
    const form = spec === undefined ? undefined : readStreamForm(request.headers);
    if (spec === undefined || form === undefined) return undefined;
    const { method } = spec;
    const context = new CallContext({ ...form, method, request, response, shutdownSignal });
    return answer(spec, context);
  };
}

function isStream(spec: MethodImplSpec): spec is StreamMethod {
  return spec.kind === "server_streaming";
}

/** Undefined unless the body is one message, whole and not compressed. */
function readOnlyMessage<Desc extends DescMessage>(
  schema: Desc,
  body: Uint8Array,
): MessageShape<Desc> | undefined {
  if (body.length < envelopeBytes || body[0] !== 0) return undefined;
  const length = new DataView(body.buffer, body.byteOffset).getUint32(1);
  if (body.length !== envelopeBytes + length) return undefined;
  try {
    return fromBinary(schema, body.subarray(envelopeBytes));
  } catch {
    return undefined;
  }
}

/** The headers go with what comes first: the first message, or the end. */
function begin(context: CallContext): void {
  if (context.response.headersSent) return;
  const headers = { "content-type": "application/connect+proto", ...context.headersToSend() };
  context.response.writeHead(200, headers);
}

/**
 * Sends the headers alone where a method has nothing to say after one turn of the event loop, so that
 * the client sees that the stream is open. The method can set headers until then.
 */
function beginSilent(context: CallContext): void {
  const { response } = context;
  if (response.destroyed || response.headersSent) return;
  begin(context);
  response.flushHeaders();
}

/** Waits until the client has taken what was written, or is gone. */
function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      response.off("drain", end);
      response.off("close", end);
      resolve();
    };
    response.on("drain", end);
    response.on("close", end);
  });
}
