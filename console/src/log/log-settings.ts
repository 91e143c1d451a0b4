import { useState } from "preact/hooks";

/** How a reader likes logs. */
export interface LogSettings {
  readonly hasTimes: boolean;
  readonly isWrapped: boolean;
  readonly onlyFound: boolean;
}

const storageKey = "flyte-console-log";

/** Kept by the browser, but for `onlyFound`, which would hide lines of the next log. */
export function useLogSettings(): readonly [LogSettings, (name: keyof LogSettings) => void] {
  const [settings, set] = useState<LogSettings>(() => {
    const kept = localStorage.getItem(storageKey) ?? "times wrap";
    return {
      hasTimes: kept.includes("times"),
      isWrapped: kept.includes("wrap"),
      onlyFound: false,
    };
  });
  const toggle = (name: keyof LogSettings): void => {
    const next = { ...settings, [name]: !settings[name] };
    set(next);
    localStorage.setItem(
      storageKey,
      [next.hasTimes ? "times" : "", next.isWrapped ? "wrap" : ""].join(" "),
    );
  };
  return [settings, toggle];
}
