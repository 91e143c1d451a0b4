import type { FastifyRequest } from "fastify";
import type { Problem } from "../problem.ts";
import { readBytes } from "../read-body.ts";
import type { RawDelivery } from "./provider.ts";

/**
 * Reads a request as it came: the exact bytes, since these were signed, and the headers unjoined.
 *
 * @throws FlyteError `canceled` when the sender goes away in the middle
 */
export async function readDelivery(
  { raw, method, record }: FastifyRequest,
  limitBytes: number,
): Promise<{ readonly delivery: RawDelivery } | { readonly problem: Problem }> {
  const header = (name: string) => headerOf(raw.rawHeaders, name);
  const encoding = header("content-encoding");
  if (encoding !== undefined && encoding?.trim().toLowerCase() !== "identity") {
    const detail = "Send the body uncompressed, without the header content-encoding.";
    return { problem: { code: "unsupported_media_type", detail } };
  }
  const read = await readBytes(raw, limitBytes);
  if ("problem" in read) return read;
  const headerNames = raw.rawHeaders.filter((_, index) => index % 2 === 0);
  return {
    delivery: { method, header, headerNames, body: read.bytes, receivedAt: record.startedAt },
  };
}

/** A header's value; null when it came more than once. */
function headerOf(rawHeaders: readonly string[], name: string): string | null | undefined {
  const wanted = name.toLowerCase();
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== wanted) continue;
    if (found !== undefined) return null;
    found = rawHeaders[index + 1] ?? "";
  }
  return found;
}
