import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

const themes = ["system", "light", "dark"] as const;
type Theme = (typeof themes)[number];

const storageKey = "flyte-console-theme";

function keptTheme(): Theme {
  const kept = localStorage.getItem(storageKey);
  return themes.find((theme) => theme === kept) ?? "system";
}

/** Light or dark: as the system has it, unless said otherwise. */
export function ThemeSwitch(): VNode {
  const [theme, setTheme] = useState(keptTheme);
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const change = (value: string): void => {
    const next = themes.find((each) => each === value) ?? "system";
    localStorage.setItem(storageKey, next);
    setTheme(next);
  };
  return (
    <select
      class="theme-switch"
      aria-label="Colours"
      value={theme}
      onChange={(event) => change(event.currentTarget.value)}
    >
      <option value="system">System</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}
