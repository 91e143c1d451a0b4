import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { expect, onTestFinished, test } from "vitest";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import { startCall } from "../../src/client/call-context.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { putFile } from "../../src/client/put-file.ts";
import { upload } from "../../src/client/upload.ts";
import { ClusterService } from "../../src/idl/clusters.ts";
import {
  type CreateUploadLocationRequest,
  CreateUploadLocationResponseSchema,
  DataProxyService,
} from "../../src/idl/data-proxy.ts";
import { startStub } from "../support/scripted-control-plane.ts";
import { type StoreAnswer, startStore } from "../support/store-stub.ts";

const bytes = new TextEncoder().encode("a file");
const md5 = createHash("md5").update(bytes).digest();
const file = { filename: "a.bin", bytes };
const again: StoreAnswer = { status: 503, headers: { "retry-after": "0" } };

interface Named {
  readonly signedUrl?: string;
  readonly nativeUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A control plane that names `location`, by default in a store with these answers. */
async function start(answers: readonly StoreAnswer[] = [], location: Named = {}) {
  const store = await startStore(...answers);
  const asked: CreateUploadLocationRequest[] = [];
  const stub = await startStub((router) => {
    router.service(ClusterService, { selectCluster: () => ({}) });
    router.service(DataProxyService, {
      createUploadLocation: (request) => {
        asked.push(request);
        return {
          signedUrl: `${store.url}/bucket/a.bin?X-Signature=planted-${asked.length}`,
          nativeUrl: "s3://bucket/a.bin",
          ...location,
          headers: { ...location.headers },
        };
      },
    });
  });
  const flyte = createControlPlane({ endpoint: stub.url, org: "o", project: "p", domain: "d" });
  onTestFinished(() => flyte.close());
  return { store, asked, flyte };
}

async function failureOf(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  return promise.then(
    () => expect.unreachable("it succeeded"),
    (error) => error,
  );
}

test("a file is put to the signed URL under its own hash, for a minute, and its URI returned", async () => {
  const { store, asked, flyte } = await start();
  expect(await upload(flyte, file)).toBe("s3://bucket/a.bin");
  expect(asked).toMatchObject([
    {
      org: "o",
      project: "p",
      domain: "d",
      filename: "a.bin",
      contentLength: 6n,
      addContentMd5Metadata: true,
    },
  ]);
  expect(Buffer.from(asked[0]?.contentMd5 ?? [])).toEqual(md5);
  expect(durationMs(asked[0]?.expiresIn as Duration)).toBe(60_000);
  expect(store.puts).toMatchObject([
    {
      method: "PUT",
      path: "/bucket/a.bin?X-Signature=planted-1",
      headers: { "content-md5": md5.toString("base64"), "content-length": "6" },
      body: Buffer.from(bytes),
    },
  ]);
  expect(store.puts[0]?.headers).not.toHaveProperty("x-ms-blob-type");
});

test("the store gets the headers it asks for, each once, and no credential of the caller", async () => {
  const { store, flyte } = await start([], {
    headers: { "Content-MD5": "asked-for", "x-goog-meta-a": "b" },
  });
  const credential = [["authorization", "Bearer planted-key"]] as const;
  await authMetadata(credential, () => upload(flyte, file));
  expect(store.puts[0]?.headers).toMatchObject({
    "content-md5": "asked-for",
    "x-goog-meta-a": "b",
  });
  expect(JSON.stringify(store.puts[0]?.headers)).not.toContain("planted-key");
});

test.each(["abfs://container/a.bin", "abfss://container/a.bin"])(
  "a file for %s is said to be a block blob",
  async (nativeUrl) => {
    const { store, flyte } = await start([], { nativeUrl });
    expect(await upload(flyte, file)).toBe(nativeUrl);
    expect(store.puts[0]?.headers["x-ms-blob-type"]).toBe("BlockBlob");
  },
);

test.each([200, 201, 204])("status %d is success", async (status) => {
  const { flyte } = await start([{ status }]);
  expect(await upload(flyte, file)).toBe("s3://bucket/a.bin");
});

test.each([408, 429, 500, 502, 503, 504])(
  "after status %d the file is sent again, whole and to a new URL",
  async (status) => {
    const { store, flyte } = await start([{ status, headers: { "retry-after": "0" } }]);
    expect(await upload(flyte, file)).toBe("s3://bucket/a.bin");
    expect(store.puts.map(({ path, body }) => [path, String(body)])).toEqual([
      ["/bucket/a.bin?X-Signature=planted-1", "a file"],
      ["/bucket/a.bin?X-Signature=planted-2", "a file"],
    ]);
  },
);

test("a connection that breaks is tried again", async () => {
  const { store, flyte } = await start(["hang-up"]);
  expect(await upload(flyte, file)).toBe("s3://bucket/a.bin");
  expect(store.puts).toHaveLength(2);
});

test("three retries are all there are", async () => {
  const { store, flyte } = await start([again, again, again, again, again]);
  expect(await failureOf(upload(flyte, file))).toMatchObject({
    code: "unavailable",
    message: `a.bin was not stored: ${store.url} answered with status 503. Try again later.`,
  });
  expect(store.puts).toHaveLength(4);
});

test.each([301, 307, 400, 401, 403, 404, 409, 411, 413, 501])(
  "status %d is final, and the signature of the URL is in no part of the error",
  async (status) => {
    const { store, flyte } = await start([{ status, headers: { location: "/elsewhere" } }]);
    const error = await failureOf(upload(flyte, file));
    expect(error).toMatchObject({
      code: "unavailable",
      message: `a.bin was not stored: ${store.url} answered with status ${status}. Check how the control plane reaches its store.`,
    });
    expect(store.puts).toHaveLength(1);
    expect(showAll(error)).not.toContain("planted");
  },
);

test.each([
  ["https://user:planted@[::1]:bad/?X-Signature=planted", "internal"],
  ["file:///etc/passwd?X-Signature=planted", "internal"],
  ["planted", "internal"],
  ["", "internal"],
])("a signed URL of %j is refused without a word of it", async (signedUrl, code) => {
  const { flyte } = await start([], { signedUrl });
  const error = await failureOf(upload(flyte, file));
  expect(error).toMatchObject({ code });
  expect(showAll(error)).not.toContain("planted");
});

test("a store that asks for more patience than the call has is not waited for", async () => {
  const { store, flyte } = await start([{ status: 429, headers: { "retry-after": "60" } }]);
  await expect(upload(flyte, file, {}, { timeoutMs: 59_000 })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("status 429"),
  });
  expect(store.puts).toHaveLength(1);
});

test("a store that cannot be reached is named by its host alone", async () => {
  const location = create(CreateUploadLocationResponseSchema, {
    signedUrl: "http://planted:planted@127.0.0.1:1/planted?X-Signature=planted",
  });
  const error = await failureOf(putFile(file, { location, md5 }, startCall({}, 600_000)));
  expect(error).toMatchObject({
    what: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1 did not answer \(\w+\)$/),
    isPassing: true,
  });
  expect(showAll(error)).not.toContain("planted");
});

test("headers that cannot be sent are not tried twice", async () => {
  const { asked, flyte } = await start([], { headers: { "bad name": "x" } });
  await expect(upload(flyte, file)).rejects.toMatchObject({ code: "unavailable" });
  expect(asked).toHaveLength(1);
});

test("the time limit and the caller's signal end an upload that is not answered", async () => {
  const { flyte } = await start(["hold", "hold"]);
  await expect(upload(flyte, file, {}, { timeoutMs: 200 })).rejects.toMatchObject({
    code: "deadline_exceeded",
  });
  const controller = new AbortController();
  const { store, flyte: other } = await start(["hold"]);
  const stored = failureOf(upload(other, file, {}, { signal: controller.signal }));
  await expect.poll(() => store.puts.length).toBe(1);
  controller.abort();
  expect(await stored).toMatchObject({ code: "canceled" });
});

/** All that a logger could print of an error. */
function showAll(error: Error): string {
  const { message, stack, cause, ...rest } = error;
  const inner = cause instanceof Error ? showAll(cause) : String(cause);
  return [message, stack, JSON.stringify(rest), inner].join("\n");
}
