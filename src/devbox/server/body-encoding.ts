import { Code, ConnectError } from "@connectrpc/connect";
import type {
  Compression,
  UniversalServerRequest,
  UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { compressionGzip } from "@connectrpc/connect-node";

/** gzip whose broken input is the client's fault, and so not retried. */
export const strictGzip: Compression = {
  ...compressionGzip,
  decompress: async (bytes, readMaxBytes) => {
    try {
      return await compressionGzip.decompress(bytes, readMaxBytes);
    } catch (error) {
      const { code, rawMessage } = ConnectError.from(error);
      if (code !== Code.Internal) throw error;
      throw new ConnectError(`decompression failed: ${rawMessage}`, Code.InvalidArgument);
    }
  },
};

/** Whether a body is gzip, by its first two bytes: no message of protobuf or JSON begins like it. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Some clients label unary bodies gzip that are not, or the reverse; what they are counts. */
export async function withTrueEncoding(
  request: UniversalServerRequest,
): Promise<UniversalServerRequest> {
  const type = request.header.get("content-type") ?? "";
  const { body } = request;
  if (!/^application\/(?:proto|json)\b/i.test(type) || !isIterable(body)) return request;
  const chunks = body[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let start = new Uint8Array();
  while (start.byteLength < 2) {
    const next = await chunks.next();
    if (next.done === true) break;
    read.push(next.value);
    start = Uint8Array.from(Buffer.concat([start, next.value.subarray(0, 2)]));
  }
  const header = new Headers(request.header);
  const label = header.get("content-encoding")?.toLowerCase() ?? "identity";
  if (isGzip(start)) header.set("content-encoding", "gzip");
  else if (label === "gzip") header.delete("content-encoding");
  return { ...request, header, body: rejoin(read, chunks) };
}

/** What the sender of something else than the call's message is told. */
export const notAMessage = "The body is not a message of this call.";

/**
 * Connect answers a unary message that is not protobuf with `internal`, which clients retry;
 * it is invalid.
 */
export async function blameClient(
  response: UniversalServerResponse,
): Promise<UniversalServerResponse> {
  if (response.status !== 500 || !isIterable(response.body)) return response;
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (!bytes.includes('"message":"parse binary: ')) return { ...response, body: rejoin([bytes]) };
  const body = Buffer.from(JSON.stringify({ code: "invalid_argument", message: notAMessage }));
  const header = new Headers({
    "content-type": "application/json",
    "content-length": String(body.byteLength),
  });
  return { status: 400, header, body: rejoin([body]) };
}

function isIterable(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

async function* rejoin(
  read: readonly Uint8Array[],
  rest?: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  yield* read;
  if (rest === undefined) return;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    yield next.value;
  }
}
