const units: readonly (readonly [name: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** A duration in milliseconds for people: `840 ms`, `12.4 s`, `3 min 20 s`, `2 d 4 h`. */
export function toDurationText(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "–";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const whole = Math.round(ms / 1_000) * 1_000;
  const first = units.findIndex(([, size]) => whole >= size);
  const [name, size] = units[first] ?? ["s", 1_000];
  const [nextName, nextSize] = units[first + 1] ?? ["s", 1_000];
  const rest = Math.floor((whole % size) / nextSize);
  const head = `${Math.floor(whole / size)} ${name}`;
  return rest === 0 ? head : `${head} ${rest} ${nextName}`;
}

/** How long ago, or how long from now: `5 s ago`, `in 3 min`. */
export function toAge(at: number, now: number): string {
  const distance = Math.abs(now - at);
  const [name, size] = units.find(([, ms]) => distance >= ms) ?? ["s", 1_000];
  const count = Math.floor(distance / size);
  if (count === 0) return "now";
  return at <= now ? `${count} ${name} ago` : `in ${count} ${name}`;
}
