/** A point in time: seconds since 1970 and the nanoseconds after them, as in `google.protobuf.Timestamp`. */
export interface Instant {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the range of `google.protobuf.Timestamp`. */
const minSeconds = -62_135_596_800;
const maxSeconds = 253_402_300_799;

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d\d:?\d\d)?)?$/;

/**
 * Reads an RFC 3339 datetime to the nanosecond. A missing offset means UTC and a missing time
 * midnight. Undefined for anything else, and for what lies outside the years 0001 to 9999 in UTC.
 */
export function parseDatetime(text: string): Instant | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = "", zone = "Z"] = match;
  const offset = offsetMinutes(zone);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (offset === undefined) return undefined;
  const date = new Date(0);
  // Unlike Date.UTC this takes the years 0 to 99 as they are.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    return undefined;
  }
  date.setUTCHours(Number(hour), Number(minute) - offset, Number(second));
  const seconds = date.getTime() / 1000;
  if (seconds < minSeconds || seconds > maxSeconds) return undefined;
  return { seconds: BigInt(seconds), nanos: Number(fraction.padEnd(9, "0")) };
}

/**
 * Prints a point in time in UTC: `2024-01-02T03:04:05+00:00`, with six decimals when it has
 * microseconds and nine when it has nanoseconds. Undefined outside the years 0001 to 9999.
 */
export function printDatetime({ seconds, nanos }: Instant): string | undefined {
  if (seconds < BigInt(minSeconds) || seconds > BigInt(maxSeconds)) return undefined;
  if (!Number.isInteger(nanos) || nanos < 0 || nanos > 999_999_999) return undefined;
  const start = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const digits = String(nanos).padStart(9, "0");
  const fraction = nanos === 0 ? "" : `.${nanos % 1000 === 0 ? digits.slice(0, 6) : digits}`;
  return `${start}${fraction}+00:00`;
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === "Z" || zone === "z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
