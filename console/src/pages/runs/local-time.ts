/** A time in the reader's zone as `<input type="datetime-local">` has it, to the second. */
export function toLocalTime(ms: number): string {
  const date = new Date(ms);
  const [year, ...rest] = [
    date.getFullYear(),
    date.getMonth() + 1,
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  ];
  const [month, day, hour, minute, second] = rest.map((part) => String(part).padStart(2, "0"));
  return `${String(year).padStart(4, "0")}-${month}-${day}T${hour}:${minute}:${second}`;
}

/** Undefined where there is no whole time. */
export function fromLocalTime(text: string): number | undefined {
  // Without a zone it is the reader's (ECMA-262, Date Time String Format).
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
