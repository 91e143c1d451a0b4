/** A point in time as answers have it (RFC 3339), or null. */
export function toTime(date: Date | undefined): string | null {
  return date === undefined ? null : date.toISOString();
}
