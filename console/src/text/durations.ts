const units: readonly (readonly [name: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** A duration in milliseconds for people: `840 ms`, `12.4 s`, `3 min 20 s`, `2 d 4 h`. */
export function toDurationText(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "–";
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const whole = Math.round(ms / 1_000) * 1_000;
  const [name, size, next] = unitOf(whole);
  const head = `${Math.floor(whole / size)} ${name}`;
  if (next === undefined) return head;
  const rest = Math.floor((whole % size) / next[1]);
  return rest === 0 ? head : `${head} ${rest} ${next[0]}`;
}

/** How long ago, or how long from now: `just now`, `5 s ago`, `in 3 min`. */
export function toAge(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (!Number.isFinite(distance)) return "–";
  if (distance < 1_000) return "just now";
  const [name, size] = unitOf(distance);
  const count = Math.floor(distance / size);
  return at <= now ? `${count} ${name} ago` : `in ${count} ${name}`;
}

/** The largest unit that fits, and the one below it. */
function unitOf(
  ms: number,
): readonly [name: string, size: number, next: (typeof units)[number] | undefined] {
  const at = units.findIndex(([, size]) => ms >= size);
  const [name, size] = units[at] ?? ["s", 1_000];
  return [name, size, units[at + 1]];
}
