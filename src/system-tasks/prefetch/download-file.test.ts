import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ask, downloadFile } from "./download-file.ts";
import { HubError } from "./hub-errors.ts";
import type { HashAlgorithm, ModelFile } from "./model-file.ts";
import { createRetries } from "./retries.ts";

let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-download-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a server does with one request. */
type Step =
  /** Gives the part that was asked for, or all; the connection is cut after so many bytes of it. */
  | { readonly kind: "give"; readonly cutAfter: number; readonly ignoresRange: boolean }
  /** The same with a wrong byte. */
  | { readonly kind: "corrupt"; readonly at: number }
  /** Gives another part than that. */
  | { readonly kind: "shift"; readonly by: number }
  /** Says that the whole has another size. */
  | { readonly kind: "resize" }
  /** Has another content under another tag, from now on not. */
  | { readonly kind: "retag" }
  /** Is not reached, or busy. */
  | { readonly kind: "fail" }
  /** Gives more than there is. */
  | { readonly kind: "overlong" };

const honest: Step = { kind: "give", cutAfter: Number.POSITIVE_INFINITY, ignoresRange: false };

function toFile(content: Buffer, algorithm: HashAlgorithm): ModelFile {
  const hash =
    algorithm === "sha256"
      ? createHash("sha256")
      : createHash("sha1").update(`blob ${content.length}\0`);
  const digest = hash.update(content).digest("hex");
  return { path: "model.bin", size: content.length, algorithm, digest };
}

/** A server that does what its script says, and is honest when that has ended. */
function scripted(content: Buffer, script: readonly Step[]): { ask: Ask; requests: number } {
  const steps = [...script];
  const server = {
    requests: 0,
    ask: async (headers: Readonly<Record<string, string>>): Promise<Response> => {
      server.requests += 1;
      return answer(content, steps.shift() ?? honest, headers["range"]);
    },
  };
  return server;
}

function answer(content: Buffer, step: Step, range: string | undefined): Response {
  if (step.kind === "fail") throw new HubError("busy", { code: "HubBusy", transient: true });
  const asked = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  const isWhole = range === undefined || (step.kind === "give" && step.ignoresRange);
  const shift = step.kind === "shift" ? step.by : 0;
  const first = isWhole ? 0 : Math.min(Math.max(0, asked + shift), content.length - 1);
  const body = Buffer.from(content.subarray(first));
  const at = step.kind === "corrupt" ? step.at % Math.max(1, body.length) : -1;
  if (at >= 0 && body.length > 0) body[at] = (body[at] ?? 0) ^ 0xff;
  const sent = step.kind === "overlong" ? Buffer.concat([body, Buffer.from("more")]) : body;
  const cutAfter = step.kind === "give" ? step.cutAfter : sent.length;
  const total = content.length + (step.kind === "resize" ? 1 : 0);
  const headers = new Headers({ etag: step.kind === "retag" ? '"other"' : '"one"' });
  if (!isWhole) headers.set("content-range", `bytes ${first}-${content.length - 1}/${total}`);
  return new Response(toStream(sent.subarray(0, cutAfter), cutAfter < sent.length), {
    status: isWhole ? 200 : 206,
    headers,
  });
}

/** In pieces, with an error at the end of a connection that is cut. */
function toStream(bytes: Buffer, isCut: boolean): ReadableStream<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 7) pieces.push(bytes.subarray(at, at + 7));
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece !== undefined) controller.enqueue(piece);
      else if (isCut) controller.error(new TypeError("terminated"));
      else controller.close();
    },
  });
}

interface Outcome {
  readonly stored: Buffer;
  readonly error: unknown;
  /** Bytes that were told of. */
  readonly told: number;
  readonly requests: number;
}

async function download(
  content: Buffer,
  script: readonly Step[],
  { algorithm = "sha256" as HashAlgorithm, before = Buffer.alloc(0) } = {},
): Promise<Outcome> {
  count += 1;
  const part = join(folder, `${count}.part`);
  if (before.length > 0) await writeFile(part, before);
  const { signal } = new AbortController();
  const server = scripted(content, script);
  let told = 0;
  const error = await downloadFile(toFile(content, algorithm), {
    part,
    ask: (headers, until) => server.ask(headers, until),
    signal,
    retries: createRetries({
      most: 4,
      signal,
      pause: async () => undefined,
      log: { warn: () => undefined },
      what: "model.bin",
    }),
    onBytes: (change) => {
      told += change;
    },
  }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const stored = await readFile(part);
  return { stored, error, told, requests: server.requests };
}

const contents = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("give" as const),
    cutAfter: fc.nat(60),
    ignoresRange: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("corrupt" as const), at: fc.nat(300) }),
  fc.record({ kind: fc.constant("shift" as const), by: fc.integer({ min: -9, max: 9 }) }),
  fc.constantFrom<Step>(
    { kind: "resize" },
    { kind: "retag" },
    { kind: "fail" },
    { kind: "overlong" },
  ),
);

describe("a download", () => {
  test("that ends well has stored the content, whatever the server did on the way", async () => {
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.array(steps, { maxLength: 12 }),
        fc.constantFrom<HashAlgorithm>("sha256", "git-sha1"),
        fc.nat(250),
        fc.boolean(),
        async (content, script, algorithm, length, isWrong) => {
          // What an earlier attempt has left: the beginning, or something else.
          const before = isWrong ? Buffer.alloc(length, 1) : content.subarray(0, length);
          const { stored, error, told } = await download(content, script, { algorithm, before });
          if (error === undefined) expect(stored.equals(content)).toBe(true);
          else expect(error).toBeInstanceOf(HubError);
          expect(told).toBe(stored.length);
        },
      ),
      { numRuns: 400 },
    );
  });

  test("through cuts alone always ends well, and asks for no byte twice", async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(contents, cuts, async (content, lengths) => {
        const script = lengths.map(
          (cutAfter): Step => ({ kind: "give", cutAfter, ignoresRange: false }),
        );
        const { stored, error, requests } = await download(content, script);
        expect(error).toBeUndefined();
        expect(stored.equals(content)).toBe(true);
        // The model: each request brings what it is cut after, until nothing is left.
        let left = content.length;
        let expected = 0;
        for (const length of [...lengths, Number.POSITIVE_INFINITY]) {
          if (left === 0) break;
          expected += 1;
          left -= Math.min(left, length);
        }
        expect(requests).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });

  test("gives up after so many failures in a row without a byte more", async () => {
    const content = Buffer.from("0123456789");
    const cut: Step = { kind: "give", cutAfter: 3, ignoresRange: false };
    const fail: Step = { kind: "fail" };
    const patient = await download(content, [cut, fail, fail, cut, fail, fail, cut]);
    expect(patient.error).toBeUndefined();
    const { error, requests, stored } = await download(content, [cut, fail, fail, fail, fail]);
    expect([requests, stored.toString()]).toEqual([4, "012"]);
    expect(error).toMatchObject({ code: "HubBusy" });
  });

  test("that begins anew each time and comes no further gives up, too", async () => {
    const whole: Step = { kind: "give", cutAfter: 5, ignoresRange: true };
    const { error, requests } = await download(Buffer.from("0123456789"), Array(20).fill(whole));
    expect(error).toMatchObject({ code: "HubUnavailable" });
    expect(requests).toBe(4);
  });

  test("of wrong bytes is made once more, and then refused", async () => {
    const wrong: Step = { kind: "corrupt", at: 4 };
    const content = Buffer.from("0123456789");
    const once = await download(content, [wrong]);
    expect([once.error, once.requests]).toEqual([undefined, 2]);
    const twice = await download(content, [wrong, wrong]);
    expect(twice.error).toMatchObject({ code: "ChecksumMismatch", retryable: false });
    expect(twice.stored.length).toBe(0);
  });

  test("of nothing asks nobody", async () => {
    const { error, requests } = await download(Buffer.alloc(0), []);
    expect([error, requests]).toEqual([undefined, 0]);
  });

  test("that was whole before asks nobody, and one that was longer is made anew", async () => {
    const content = Buffer.from("0123456789");
    expect((await download(content, [], { before: content })).requests).toBe(0);
    const longer = await download(content, [], { before: Buffer.alloc(11) });
    expect([longer.error, longer.requests]).toEqual([undefined, 1]);
  });

  test("ends when the server stops half-way, and is tried again", async () => {
    count += 1;
    const content = Buffer.from("0123456789");
    const { signal } = new AbortController();
    let requests = 0;
    const ask: Ask = async (headers, until) => {
      requests += 1;
      if (requests > 1) return answer(content, honest, headers["range"]);
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(content.subarray(0, 4));
          until.addEventListener("abort", () => controller.error(until.reason));
        },
      });
      return new Response(stream);
    };
    const options = { most: 4, signal, log: { warn: () => undefined }, what: "model.bin" };
    await downloadFile(toFile(content, "sha256"), {
      part: join(folder, `${count}.part`),
      ask,
      signal,
      retries: createRetries({ ...options, pause: async () => undefined }),
      onBytes: () => undefined,
      stallMs: 10,
    });
    expect(requests).toBe(2);
    expect(await readFile(join(folder, `${count}.part`), "utf8")).toBe("0123456789");
  });
});
