import type { DeliveryReading, RawDelivery } from "../provider.ts";

class ReadingFault extends Error {
  override readonly name = "ReadingFault";
  readonly kind: "refused" | "malformed";

  constructor(kind: "refused" | "malformed", reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** Gives a delivery up that is not proved. */
export function refuse(reason: string): never {
  throw new ReadingFault("refused", reason);
}

/** Gives a delivery up that is proved and not understood. */
export function malformed(reason: string): never {
  throw new ReadingFault("malformed", reason);
}

/** What `read` makes of a delivery, or why it was given up. */
export function readingOf(read: () => DeliveryReading): DeliveryReading {
  try {
    return read();
  } catch (error) {
    if (error instanceof ReadingFault) return { kind: error.kind, reason: error.message };
    throw error;
  }
}

/** The one value of a header that belongs to the proof. */
export function provingHeader(delivery: RawDelivery, name: string): string {
  const value = delivery.header(name);
  if (value === undefined || value === "") return refuse(`The header ${name} is missing.`);
  return value ?? refuse(`The header ${name} came more than once.`);
}

const visible = /^[\x21-\x7e]{1,256}$/;

/** The one value of a header that says what was delivered; undefined when it is absent. */
export function tellingHeader(delivery: RawDelivery, name: string): string | undefined {
  const value = delivery.header(name);
  if (value === undefined) return undefined;
  if (value === null) return malformed(`The header ${name} came more than once.`);
  if (visible.test(value)) return value;
  return malformed(`The header ${name} must be 1 to 256 visible ASCII characters.`);
}
