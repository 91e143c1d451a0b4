import { parseDatetime, printDatetime } from "../../../src/values/datetimes.ts";
import type { Zone } from "./draft.ts";

const local = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)((?:[.,]\d{1,9})?))?)?$/;

/** Whether a datetime says itself which zone it is in. */
export function namesZone(text: string): boolean {
  return /(?:[Zz]|[+-]\d\d:?\d\d)$/.test(text.trim()) && parseDatetime(text.trim()) !== undefined;
}

/**
 * The value of a datetime as it was entered: what names no zone is in that of the reader, or in UTC, as is said beside
 * it. A local time that there is twice, as at the end of summer time, is the first of both; one that there is not is
 * moved by what was skipped. A text that is no datetime comes back as it is.
 */
export function toDatetimeValue(entered: string, zone: Zone): string {
  const text = entered.trim();
  const found = zone === "local" && parseDatetime(text) !== undefined ? local.exec(text) : null;
  if (found === null) return text;
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = ""] = found;
  const date = new Date(2000, 0, 1);
  // Unlike the constructor this takes the years 0 to 99 as they are.
  date.setFullYear(Number(year), Number(month) - 1, Number(day));
  date.setHours(Number(hour), Number(minute), Number(second), 0);
  const nanos = Number(fraction.slice(1).padEnd(9, "0"));
  const seconds = BigInt(Math.floor(date.getTime() / 1000));
  return printDatetime({ seconds, nanos }) ?? text;
}

/** The name of the reader's zone. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A moment as a person enters it: `2026-03-01 12:30:00`, in the reader's zone. */
export function toLocalText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
