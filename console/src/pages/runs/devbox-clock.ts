let aheadMs = 0;

/** Learns the devbox's clock from the `Date` of an answer (RFC 9110, section 6.6.1), to the second. */
export function noteDevboxClock(headers: Headers): void {
  const time = Date.parse(headers.get("date") ?? "");
  if (!Number.isNaN(time)) aheadMs = time - Date.now();
}

/** The time by the devbox's clock, as far as it is known. */
export function devboxNow(): number {
  return Date.now() + aheadMs;
}
