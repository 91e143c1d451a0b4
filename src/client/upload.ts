import { createHash } from "node:crypto";
import { request } from "undici";
import { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { DataProxyService } from "../idl/data-proxy.ts";
import { FlyteError } from "../shared/errors.ts";
import { startCall } from "./call-context.ts";
import type { CallOptions, ControlPlane, Scope } from "./control-plane.ts";
import { toProjectId, toScope } from "./session.ts";
import { sessionOf } from "./session-of.ts";

/** A file for the control plane's store. */
export interface Upload {
  readonly filename: string;
  readonly bytes: Uint8Array;
}

const acceptedStatuses: ReadonlySet<number> = new Set([200, 201, 204]);

/**
 * Stores a file (`DataProxyService.CreateUploadLocation`, then a PUT to the signed URL) and returns
 * the URI that tasks read it from. Equal content has an equal URI.
 *
 * @throws FlyteError `unavailable` when the store refuses the file
 */
export async function upload(
  controlPlane: ControlPlane,
  { filename, bytes }: Upload,
  given?: Partial<Scope>,
  options?: CallOptions,
): Promise<string> {
  const session = sessionOf(controlPlane);
  const call = startCall(options, session.options.timeoutMs);
  const scope = toScope(session, given);
  const md5 = createHash("md5").update(bytes).digest();
  const cluster = await session.clusters.route(
    {
      operation: SelectClusterRequest_Operation.CREATE_UPLOAD_LOCATION,
      resource: { case: "projectId", value: toProjectId(session, scope) },
    },
    call,
  );
  const location = await cluster.unary(
    DataProxyService.method.createUploadLocation,
    {
      org: session.options.org,
      ...scope,
      filename,
      contentMd5: md5,
      contentLength: BigInt(bytes.length),
    },
    call,
  );
  const answer = await request(location.signedUrl, {
    method: "PUT",
    body: bytes,
    signal: call.signal ?? null,
    headers: toHeaders(location.headers, md5),
  });
  await answer.body.dump();
  if (acceptedStatuses.has(answer.statusCode)) return location.nativeUrl;
  throw new FlyteError(
    "unavailable",
    `The store refused ${filename} with status ${answer.statusCode}. Try again later.`,
  );
}

/** What the store asks for, with one `Content-MD5` however it spells the name. */
function toHeaders(
  asked: Readonly<Record<string, string>>,
  md5: Uint8Array,
): Record<string, string> {
  const pairs = Object.entries(asked).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    "content-md5": Buffer.from(md5).toString("base64"),
    ...(Object.fromEntries(pairs) as Record<string, string>),
  };
}
