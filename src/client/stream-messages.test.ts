import { create, toBinary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, test } from "vitest";
import "../../test/support/property-seed.ts";
import { UserInfoResponseSchema } from "../idl/auth.ts";
import { readMessages, toEnvelope } from "./stream-messages.ts";

const maxBytes = 1000;

async function* inChunks(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  const sorted = places.sort((a, b) => a - b);
  for (const [index, place] of sorted.entries())
    yield bytes.subarray(sorted[index - 1] ?? 0, place);
}

async function read(bytes: Buffer, cuts: readonly number[] = []) {
  const source = { baseUrl: "http://a", chunks: inChunks(bytes, cuts), maxBytes };
  const messages = readMessages(UserInfoResponseSchema, source);
  const names: string[] = [];
  for (;;) {
    const next = await messages.next();
    if (next.done === true) return { names, end: next.value };
    names.push(next.value.subject);
  }
}

const envelopeOf = (name: string): Buffer =>
  toEnvelope(toBinary(UserInfoResponseSchema, create(UserInfoResponseSchema, { subject: name })));

function end(text: string, flags = 2): Buffer {
  const envelope = toEnvelope(Buffer.from(text));
  envelope[0] = flags;
  return envelope;
}

test("messages are the same however they arrive", async () => {
  const names = fc.array(fc.string({ maxLength: 60 }), { maxLength: 8 });
  const cuts = fc.array(fc.nat(), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(names, cuts, fc.boolean(), async (given, places, isWhole) => {
      const bytes = Buffer.concat([...given.map(envelopeOf), ...(isWhole ? [end("{}")] : [])]);
      const expected = { names: given, end: isWhole ? "ended" : "broke off" };
      expect(await read(bytes, places)).toEqual(expected);
    }),
  );
});

test("a stream that breaks off tells the messages that were whole", async () => {
  const bytes = Buffer.concat([envelopeOf("one"), envelopeOf("two")]);
  const { names, end } = await read(bytes.subarray(0, -1), [3]);
  expect([names, end]).toEqual([["one"], "broke off"]);
});

test("bytes of any kind end, with an error of ours or without", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.array(fc.nat()), async (bytes, cuts) => {
      const outcome = await read(Buffer.from(bytes), cuts).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ConnectError);
    }),
  );
});

test("an error at the end has its code, its words and its metadata", async () => {
  const text =
    '{"error":{"code":"resource_exhausted","message":"later"},"metadata":{"Retry-After":["7"],"bad name":["x"],"n":3}}';
  const error = await read(Buffer.concat([envelopeOf("one"), end(text)])).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 8, rawMessage: "later" });
  expect(error.metadata.get("retry-after")).toBe("7");
});

test.each([
  ['{"metadata":{}}', "ended"],
  ['{"error":null}', "ended"],
  ["null", "ended"],
])("%s is an end without an error", async (text, expected) => {
  expect((await read(end(text))).end).toBe(expected);
});

test.each([
  ["no JSON at the end", end("{"), /not JSON/],
  ["an error without a code", end('{"error":{}}'), /unknown/],
  ["an error of another kind", end('{"error":5}'), /HTTP status/],
  ["a compressed message", end("x", 1), /compressed/],
  ["a broken message", toEnvelope(Buffer.from([0xff])), /broken message/],
  ["an endless message", Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), /longer than the limit of 1000/],
  ["one byte too many", toEnvelope(Buffer.alloc(1001)), /longer than the limit of 1000/],
])("%s is refused", async (_title, bytes, message) => {
  await expect(read(bytes)).rejects.toThrow(message);
});
