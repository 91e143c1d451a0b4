import { create } from "@bufbuild/protobuf";
import { type Inputs, InputsSchema } from "../../idl/tasks.ts";
import { toDeterministicBytes } from "./deterministic-bytes.ts";

/**
 * The hash of inputs that UploadInputs answers: FNV-64a of the deterministic bytes of
 * `flyteidl2.task.Inputs`, big-endian, in base64url without padding. Inputs that the task's cache
 * ignores do not count.
 */
export function hashInputs(inputs: Inputs, ignored: ReadonlySet<string> = new Set()): string {
  const counted = create(InputsSchema, {
    literals: inputs.literals.filter(({ name }) => !ignored.has(name)),
    context: inputs.context,
  });
  const hash = Buffer.alloc(8);
  hash.writeBigUInt64BE(fnv64a(toDeterministicBytes(InputsSchema, counted)));
  return hash.toString("base64url");
}

/**
 * Fowler-Noll-Vo 1a, 64 bits. The prime is 2^40 + 0x1b3, so the product is put together from
 * 16-bit limbs that stay exact in a number.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9923
 */
export function fnv64a(bytes: Uint8Array): bigint {
  let [a, b, c, d] = [0x2325, 0x8422, 0x9ce4, 0xcbf2];
  for (const byte of bytes) {
    a ^= byte;
    const [a0, b0] = [a, b];
    let sum = a * 0x1b3;
    a = sum & 0xffff;
    sum = b * 0x1b3 + (sum >>> 16);
    b = sum & 0xffff;
    sum = c * 0x1b3 + (sum >>> 16) + ((a0 << 8) & 0xffff00);
    c = sum & 0xffff;
    sum = d * 0x1b3 + (sum >>> 16) + (b0 << 8);
    d = sum & 0xffff;
  }
  return (BigInt(d) << 48n) | (BigInt(c) << 32n) | (BigInt(b) << 16n) | BigInt(a);
}
