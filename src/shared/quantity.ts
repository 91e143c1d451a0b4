/** An amount of a resource, as Kubernetes writes it. */
export interface Quantity {
  /** As it was given: `500m`, `1.5`, `512Mi`. */
  readonly text: string;
  /** In billionths of the unit (a core, a byte), exact. */
  readonly nanos: bigint;
}

const nano = 1_000_000_000n;

/** What each suffix stands for, in billionths. */
const suffixes: ReadonlyMap<string, bigint> = new Map([
  ["n", 1n],
  ["u", 1_000n],
  ["m", 1_000_000n],
  ["", nano],
  ...["k", "M", "G", "T", "P", "E"].map((suffix, index): [string, bigint] => [
    suffix,
    nano * 1000n ** BigInt(index + 1),
  ]),
  ...["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].map((suffix, index): [string, bigint] => [
    suffix,
    nano * 1024n ** BigInt(index + 1),
  ]),
]);

const form = /^(\d{1,18})?(?:\.(\d{0,18}))?(?:([a-zA-Z]{1,2})|[eE]([+-]?\d{1,2}))?$/;

/**
 * Reads an amount in the grammar of Kubernetes: a decimal number with a suffix out of `n u m k M G T
 * P E Ki Mi Gi Ti Pi Ei`, or with an exponent (`1e3`). Undefined for anything else, for a negative
 * one, and for one finer than a billionth.
 */
export function parseQuantity(text: string): Quantity | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, whole = "", fraction = "", suffix = "", exponent = "0"] = match;
  const unit = suffixes.get(suffix);
  if (unit === undefined || whole + fraction === "") return undefined;
  const shift = Number(exponent) - fraction.length;
  const product = BigInt(whole + fraction) * unit;
  if (shift >= 0) return { text, nanos: product * 10n ** BigInt(shift) };
  const divisor = 10n ** BigInt(-shift);
  return product % divisor === 0n ? { text, nanos: product / divisor } : undefined;
}
