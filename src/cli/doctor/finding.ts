/** What one check has found. */
export interface Finding {
  /** What was looked at, in a word or two: `clock`, `task allowlist`. */
  readonly check: string;
  readonly level: "ok" | "warning" | "problem" | "skipped";
  readonly text: string;
}

export const ok = (check: string, text: string): Finding => ({ check, level: "ok", text });
export const warning = (check: string, text: string): Finding => ({
  check,
  level: "warning",
  text,
});
export const problem = (check: string, text: string): Finding => ({
  check,
  level: "problem",
  text,
});
export const skipped = (check: string, text: string): Finding => ({
  check,
  level: "skipped",
  text,
});
