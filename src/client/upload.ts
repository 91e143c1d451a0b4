import { createHash } from "node:crypto";
import { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { type CreateUploadLocationResponse, DataProxyService } from "../idl/data-proxy.ts";
import { FlyteError } from "../shared/errors.ts";
import { type CallContext, pause, startCall, withTimeLimit } from "./call-context.ts";
import type { CallOptions, ControlPlane, Scope } from "./control-plane.ts";
import { putFile, StoreFailure, toUploadWaitMs } from "./put-file.ts";
import { type Session, toProjectId, toScope } from "./session.ts";
import { sessionOf } from "./session-of.ts";

/** A file for the control plane's store. */
export interface Upload {
  readonly filename: string;
  readonly bytes: Uint8Array;
}

const longestMs = 600_000;
const retries = 3;
const expirySeconds = 60n;

/**
 * Stores a file (`DataProxyService.CreateUploadLocation`, then a PUT to the signed URL) and returns
 * the URI that tasks read it from. Equal content has an equal URI. Takes up to ten minutes, unless
 * `timeoutMs` says otherwise.
 *
 * @throws FlyteError `unavailable` when the store cannot be reached or refuses the file
 */
export async function upload(
  controlPlane: ControlPlane,
  file: Upload,
  given?: Partial<Scope>,
  options?: CallOptions,
): Promise<string> {
  const session = sessionOf(controlPlane);
  return uploadFile(session, file, toScope(session, given), startCall(options, longestMs));
}

/**
 * Asks for an address to upload to, and throws it away: whether the caller may upload there is known then, and nothing
 * is stored.
 *
 * @throws FlyteError what the control plane answers, such as `permission_denied`
 */
export async function assertMayUpload(
  controlPlane: ControlPlane,
  given: Partial<Scope>,
  options?: CallOptions,
): Promise<void> {
  const session = sessionOf(controlPlane);
  const file = { filename: "not-uploaded", bytes: new Uint8Array() };
  const md5 = createHash("md5").update(file.bytes).digest();
  const call = startCall(options, session.options.timeoutMs);
  await locate(session, { file, scope: toScope(session, given), md5 }, call);
}

/** {@link upload} as a part of another call. */
export async function uploadFile(
  session: Session,
  file: Upload,
  scope: Scope,
  call: CallContext,
): Promise<string> {
  const md5 = createHash("md5").update(file.bytes).digest();
  const limited = withTimeLimit(call, longestMs);
  for (let retry = 0; ; retry += 1) {
    // Anew for each try: the one before may have expired during the wait.
    const location = await locate(session, { file, scope, md5 }, limited);
    try {
      await putFile(file, { location, md5 }, limited);
      return location.nativeUrl;
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      const waitMs = toUploadWaitMs(retry, error.retryAfter);
      const inTime = performance.now() + waitMs < limited.deadline;
      if (!error.isPassing || retry >= retries || !inTime) throw toError(file, error);
      await pause(limited, waitMs);
    }
  }
}

interface LocateParts {
  readonly file: Upload;
  readonly scope: Scope;
  readonly md5: Uint8Array;
}

async function locate(
  session: Session,
  { file, scope, md5 }: LocateParts,
  call: CallContext,
): Promise<CreateUploadLocationResponse> {
  const asking = withTimeLimit(call, session.options.timeoutMs);
  const cluster = await session.clusters.route(
    {
      operation: SelectClusterRequest_Operation.CREATE_UPLOAD_LOCATION,
      resource: { case: "projectId", value: toProjectId(session, scope) },
    },
    asking,
  );
  return cluster.unary(
    DataProxyService.method.createUploadLocation,
    {
      org: session.options.org,
      ...scope,
      filename: file.filename,
      contentMd5: md5,
      contentLength: BigInt(file.bytes.length),
      expiresIn: { seconds: expirySeconds },
      addContentMd5Metadata: true,
    },
    asking,
  );
}

function toError({ filename }: Upload, { what, isPassing }: StoreFailure): FlyteError {
  const remedy = isPassing ? "Try again later." : "Check how the control plane reaches its store.";
  return new FlyteError("unavailable", `${filename} was not stored: ${what}. ${remedy}`);
}
