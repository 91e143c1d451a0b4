import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { FlyteError } from "../../shared/errors.ts";

/** Largest code bundle, in bytes. */
const maxBytes = 256 * 1024 ** 2;
/** Longest time to fetch one, in milliseconds. */
const longestMs = 120_000;

/**
 * Reads a code bundle from where it was uploaded: a `file://` URI of the devbox, or a signed
 * `https://` URL.
 *
 * @throws FlyteError `unavailable` when it cannot be had; `unimplemented` for the URI of an object
 * store, which takes credentials that an app does not have
 */
export async function fetchCode(uri: string): Promise<Uint8Array> {
  const { protocol, host } = URL.canParse(uri) ? new URL(uri) : { protocol: "", host: "" };
  if (protocol === "file:") return readBundle(fileURLToPath(uri));
  if (protocol === "https:") return download(uri, host);
  throw new FlyteError(
    "unimplemented",
    `The code of the app is at ${protocol === "" ? "no URI" : `${protocol}//${host}`}, which cannot be read from here: only file:// and signed https:// can. Put the code into an image, and deploy with image and inImage.`,
  );
}

async function readBundle(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > maxBytes) throw tooLarge();
    return await file.readFile();
  } catch (error) {
    if (FlyteError.is(error)) throw error;
    throw gone((error as NodeJS.ErrnoException).code ?? "unknown error", error);
  }
}

/** The URL is a credential: nothing of it but the host is told. */
async function download(url: string, host: string): Promise<Uint8Array> {
  let status: number;
  try {
    const answer = await fetch(url, {
      redirect: "error",
      signal: AbortSignal.timeout(longestMs),
    });
    if (answer.ok && answer.body !== null) return await readAll(answer.body);
    ({ status } = answer);
    await answer.body?.cancel();
  } catch (error) {
    if (FlyteError.is(error)) throw error;
    throw gone(`${host} did not answer`);
  }
  throw gone(`${host} answered with status ${status}`);
}

async function readAll(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): FlyteError {
  return new FlyteError(
    "invalid_input",
    `The code bundle is refused: it has more than ${maxBytes} bytes.`,
  );
}

function gone(reason: string, cause?: unknown): FlyteError {
  return new FlyteError(
    "unavailable",
    `The code of the app cannot be read: ${reason}. Deploy the app again.`,
    { cause },
  );
}
