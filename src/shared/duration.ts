import { FlyteError } from "./errors.ts";

const second = 1_000_000_000n;

const nanosPerUnit: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", second],
  ["m", 60n * second],
  ["h", 3_600n * second],
  ["d", 86_400n * second],
  ["w", 604_800n * second],
]);

const amount = String.raw`\d{1,18}(?:[.,]\d{1,18})?`;
const units = new RegExp(`^(?:${amount}(?:ns|us|µs|μs|ms|s|m|h|d|w))+$`);
const part = new RegExp(`(${amount})([a-zµμ]+)`, "g");
const iso = new RegExp(
  `^P(?=.)(?:(${amount})W)?(?:(${amount})D)?(?:T(?=.)(?:(${amount})H)?(?:(${amount})M)?(?:(${amount})S)?)?$`,
  "i",
);
const decimal = /^(\d+)(?:[.,](\d+))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * Reads a duration into milliseconds.
 *
 * Accepts seconds as a number (`90`, `0.25`) or numeric text, amounts with units (`90s`, `1h30m`,
 * `250ms`; ns, us, ms, s, m, h, d, w) and ISO 8601 (`PT1H30M`, weeks and days of 24 hours; no years
 * or months, whose length varies). A sign may stand in front.
 *
 * @throws {@link FlyteError} `invalid_input` for anything else.
 */
export function parseDuration(value: string | number): number {
  const nanos = parseDurationNanos(value);
  return Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;
}

/**
 * Reads a duration, in the forms of {@link parseDuration}, into nanoseconds; finer parts are rounded.
 *
 * @throws {@link FlyteError} `invalid_input` for anything else.
 */
export function parseDurationNanos(value: string | number | bigint): bigint {
  const text = String(value).trim();
  const nanos = text.length > 200 ? undefined : readNanos(text);
  if (nanos === undefined) {
    const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
    throw new FlyteError(
      "invalid_input",
      `${shown} is not a duration; give seconds (90), units (1h30m, 250ms) or ISO 8601 (PT1H30M)`,
    );
  }
  return nanos;
}

/** Prints milliseconds in the largest units that fit, as {@link parseDuration} reads them: `1h30m`. */
export function printDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return String(durationMs);
  let rest = Math.round(Math.abs(durationMs));
  if (rest === 0) return "0s";
  let text = durationMs < 0 ? "-" : "";
  for (const [unit, size] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
    ["ms", 1],
  ] as const) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${BigInt(count)}${unit}`;
    rest -= count * size;
  }
  return text;
}

function readNanos(text: string): bigint | undefined {
  const sign = text.startsWith("-") ? -1n : 1n;
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  const nanos = readSeconds(body) ?? readUnits(body) ?? readIso(body);
  return nanos === undefined ? undefined : sign * nanos;
}

function readSeconds(text: string): bigint | undefined {
  const match = decimal.exec(text);
  return match === null ? undefined : scale(match, second);
}

function readUnits(text: string): bigint | undefined {
  if (!units.test(text)) return undefined;
  let nanos = 0n;
  for (const [, count, unit] of text.matchAll(part)) {
    nanos += multiply(count, nanosPerUnit.get(unit ?? "") ?? 0n);
  }
  return nanos;
}

function readIso(text: string): bigint | undefined {
  const match = iso.exec(text);
  if (match === null) return undefined;
  const [, weeks, days, hours, minutes, seconds] = match;
  return (
    multiply(weeks, 604_800n * second) +
    multiply(days, 86_400n * second) +
    multiply(hours, 3_600n * second) +
    multiply(minutes, 60n * second) +
    multiply(seconds, second)
  );
}

function multiply(count: string | undefined, unit: bigint): bigint {
  const match = count === undefined ? null : decimal.exec(count);
  return match === null ? 0n : scale(match, unit);
}

/** A decimal number times a unit, exact and rounded half up to a whole. */
function scale(match: RegExpExecArray, unit: bigint): bigint {
  const [, whole = "0", fraction = "", exponent = "0"] = match;
  const shift = Number(exponent) - fraction.length;
  const product = BigInt(whole + fraction) * unit;
  if (shift >= 0) return product * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (product + divisor / 2n) / divisor;
}
