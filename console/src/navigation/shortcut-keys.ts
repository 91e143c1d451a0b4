/** What a key does: goes to a page, or something on the page. */
export type ShortcutAction =
  | { readonly kind: "go"; readonly to: Place }
  | { readonly kind: "help" }
  | { readonly kind: "search" };

export type Place = "runs" | "tasks" | "triggers" | "apps" | "webhook";

/** The letter after `g`. */
export const places: Readonly<Record<string, Place>> = {
  r: "runs",
  t: "tasks",
  g: "triggers",
  a: "apps",
  w: "webhook",
};

/** Longest time between the two keys of a shortcut. */
export const pairMs = 1_500;

/** What was pressed so far: when `g` was, in milliseconds. */
export type Pressed = number | undefined;

/** One key more: what it does, and what is remembered for the next. */
export function pressKey(
  key: string,
  at: number,
  before: Pressed,
): { readonly action?: ShortcutAction; readonly pressed: Pressed } {
  if (before !== undefined && at - before <= pairMs) {
    const to = Object.hasOwn(places, key) ? places[key] : undefined;
    if (to !== undefined) return { action: { kind: "go", to }, pressed: undefined };
  }
  if (key === "g") return { pressed: at };
  if (key === "?") return { action: { kind: "help" }, pressed: undefined };
  if (key === "/") return { action: { kind: "search" }, pressed: undefined };
  return { pressed: undefined };
}
