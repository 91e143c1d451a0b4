const formats = new Map<string, Intl.DateTimeFormat>();

/** The zone of whoever reads. */
export const ownZone: string = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A time on the clocks of a zone, with the day of the week; undefined for a zone the browser does not know. */
export function toZoneTime(at: number, zone: string): string | undefined {
  try {
    const format = formats.get(zone) ?? createFormat(zone);
    formats.set(zone, format);
    return format.format(at);
  } catch {
    return undefined;
  }
}

function createFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(undefined, {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
}
