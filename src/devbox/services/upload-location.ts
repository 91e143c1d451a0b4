import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { durationMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type CreateUploadLocationRequest,
  type CreateUploadLocationResponse,
  CreateUploadLocationResponseSchema,
} from "../../idl/data-proxy.ts";
import { FlyteError } from "../../shared/errors.ts";
import { toBlobSegment } from "../blobs/blob-path.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { maxUploadBytes } from "../blobs/receive-upload.ts";
import { signUpload } from "../blobs/upload-token.ts";

/** What signed URLs are made of. */
export interface UploadLocationOptions {
  readonly blobs: BlobStore;
  readonly uploadKey: Uint8Array;
  /** Where the client reaches this devbox, without a trailing slash. */
  readonly baseUrl: string;
  readonly now: number;
}

const maxExpiryMs = 3_600_000;

/**
 * A signed URL for one `PUT`, below `uploads/PROJECT/DOMAIN/` and the file name's root or the
 * content's MD5 in base32.
 *
 * @throws FlyteError `invalid_input`, or `conflict` when another file is under that name
 */
export async function createUploadLocation(
  request: CreateUploadLocationRequest,
  { blobs, uploadKey, baseUrl, now }: UploadLocationOptions,
): Promise<CreateUploadLocationResponse> {
  const md5 = readMd5(request);
  const expiresAt = now + readExpiryMs(request);
  const length = readLength(request);
  const root =
    request.filenameRoot === "" ? [toBase32(request.contentMd5)] : toSegments(request.filenameRoot);
  const file = request.filename === "" ? [] : toSegments(request.filename);
  const path = [
    "uploads",
    toBlobSegment(request.project),
    toBlobSegment(request.domain),
    ...root,
    ...file,
  ].join("/");
  const nativeUrl = `${blobs.root}/${path}`;
  if (request.filenameRoot !== "" && request.filename !== "") {
    await refuseOther(blobs, nativeUrl, md5);
  }
  const token = signUpload({ path, expiresAt, md5, length }, uploadKey);
  return create(CreateUploadLocationResponseSchema, {
    signedUrl: `${baseUrl}/blobs/upload/${token}`,
    nativeUrl,
    expiresAt: timestampFromMs(expiresAt),
    headers: md5 === undefined ? {} : { "Content-MD5": md5 },
  });
}

/** A name that is taken may only be used for the same bytes again. */
async function refuseOther(blobs: BlobStore, uri: string, md5: string | undefined): Promise<void> {
  const existing = await blobs.read(uri);
  if (existing === undefined) return;
  if (createHash("md5").update(existing).digest("base64") === md5) return;
  throw new FlyteError("conflict", "Another file is stored under this name; choose another root.");
}

function readMd5({ contentMd5, filenameRoot }: CreateUploadLocationRequest): string | undefined {
  if (contentMd5.length === 16) return Buffer.from(contentMd5).toString("base64");
  if (contentMd5.length > 0) throw invalid("content_md5 must have 16 bytes");
  if (filenameRoot === "") throw invalid("filename_root or content_md5 is required");
  return undefined;
}

function readExpiryMs({ expiresIn }: CreateUploadLocationRequest): number {
  const expiryMs = expiresIn === undefined ? maxExpiryMs : durationMs(expiresIn);
  if (expiryMs > 0 && expiryMs <= maxExpiryMs) return expiryMs;
  throw invalid("expires_in must be more than nothing and at most one hour");
}

function readLength({ contentLength }: CreateUploadLocationRequest): number | undefined {
  if (contentLength < 0n || contentLength > BigInt(maxUploadBytes)) {
    throw invalid(`content_length must be at most ${maxUploadBytes} bytes`);
  }
  return contentLength === 0n ? undefined : Number(contentLength);
}

function toSegments(name: string): readonly string[] {
  const segments = name.split("/").filter((segment) => segment !== "");
  if (segments.some((segment) => segment === "." || segment === "..") || segments.length > 16) {
    throw invalid(`${JSON.stringify(name.slice(0, 200))} is not a file name`);
  }
  return segments.map(toBlobSegment);
}

/** RFC 4648 base32 with padding. */
function toBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(value >>> (bits - 5)) & 31];
    value &= 31;
  }
  if (bits > 0) text += alphabet[(value << (5 - bits)) & 31];
  return text.padEnd(Math.ceil(text.length / 8) * 8, "=");
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_input", message);
}
