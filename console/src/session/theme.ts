const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const storageKey = "flyte-console-theme";

export function readTheme(text: string | null): Theme {
  return themes.find((theme) => theme === text) ?? "system";
}

/** What the person chose in this browser; otherwise as the system has it. */
export function keptTheme(): Theme {
  return readTheme(localStorage.getItem(storageKey));
}

export function keepTheme(theme: Theme): void {
  localStorage.setItem(storageKey, theme);
  applyTheme(theme);
}

/** Shows the page in the theme. Called before anything is shown. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** Chosen in one tab, it holds in all. */
export function followTheme(): void {
  addEventListener("storage", ({ key, newValue }) => {
    if (key === storageKey) applyTheme(readTheme(newValue));
  });
}
