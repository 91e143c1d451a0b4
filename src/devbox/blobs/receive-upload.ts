import { createHash } from "node:crypto";
import type { FileBlobStore } from "./file-blob-store.ts";
import { readUpload } from "./upload-token.ts";

/** The most bytes one upload may have: 100 MiB, as in a real control plane. */
export const maxUploadBytes: number = 100 * 1024 * 1024;

/** A `PUT` on a signed upload URL. */
export interface UploadRequest {
  readonly token: string;
  /** Of the header `Content-Length`; undefined when the body comes in chunks. */
  readonly contentLength: number | undefined;
  /** Of the header `Content-MD5`. */
  readonly contentMd5: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Where uploads go, and what signed their URLs. */
export interface ReceiveUploadOptions {
  readonly blobs: FileBlobStore;
  readonly key: Uint8Array;
  /** @default Date.now */
  readonly now?: () => number;
}

/** Status and one line of text for the client. */
export interface UploadAnswer {
  readonly status: 200 | 400 | 403 | 413;
  readonly message: string;
}

/** Stores the body of a signed `PUT`, unless it breaks what the signature allows. */
export async function receiveUpload(
  request: UploadRequest,
  options: ReceiveUploadOptions,
): Promise<UploadAnswer> {
  const { blobs, key, now = Date.now } = options;
  const grant = readUpload(request.token, key);
  if (grant === undefined) return refuse(403, "The upload URL is not one of this devbox.");
  if (grant.expiresAt <= now()) return refuse(403, "The upload URL has expired; ask for another.");
  const md5 = grant.md5 ?? request.contentMd5;
  if (request.contentMd5 !== undefined && request.contentMd5 !== md5) {
    return refuse(400, "Content-MD5 differs from the one the upload URL was made for.");
  }
  const tooLong = `An upload may have at most ${maxUploadBytes} bytes.`;
  if ((request.contentLength ?? 0) > maxUploadBytes) return refuse(413, tooLong);
  const length = grant.length ?? request.contentLength;
  if (request.contentLength !== undefined && request.contentLength !== length) {
    return refuse(400, `Content-Length is not ${length}, which the upload URL was made for.`);
  }
  try {
    await blobs.writeStream(
      `${blobs.root}/${grant.path}`,
      checked(request.body, { md5, length, tooLong }),
    );
    return { status: 200, message: "" };
  } catch (error) {
    if (error instanceof RefusedUpload) return error.answer;
    throw error;
  }
}

interface Expected {
  readonly md5: string | undefined;
  readonly length: number | undefined;
  readonly tooLong: string;
}

async function* checked(
  body: AsyncIterable<Uint8Array>,
  { md5, length, tooLong }: Expected,
): AsyncIterable<Uint8Array> {
  const hash = createHash("md5");
  let received = 0;
  for await (const chunk of body) {
    received += chunk.byteLength;
    if (received > maxUploadBytes) throw new RefusedUpload(refuse(413, tooLong));
    hash.update(chunk);
    yield chunk;
  }
  if (length !== undefined && received !== length) {
    throw new RefusedUpload(refuse(400, `The body has ${received} bytes in place of ${length}.`));
  }
  if (md5 !== undefined && hash.digest("base64") !== md5) {
    throw new RefusedUpload(refuse(400, "The body's MD5 differs from Content-MD5."));
  }
}

/** Carries the answer out of the stream being written. */
class RefusedUpload extends Error {
  readonly answer: UploadAnswer;

  constructor(answer: UploadAnswer) {
    super(answer.message);
    this.answer = answer;
  }
}

function refuse(status: UploadAnswer["status"], message: string): UploadAnswer {
  return { status, message };
}
