import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { keepTheme, keptTheme, readTheme } from "../session/theme.ts";
import { Field } from "../ui/field.tsx";

/** Light or dark: as the system has it, unless said otherwise. */
export function ThemeSwitch(): VNode {
  const [theme, setTheme] = useState(keptTheme);
  return (
    <Field label="Colours">
      {(field) => (
        <select
          {...field}
          value={theme}
          onChange={(event) => {
            const next = readTheme(event.currentTarget.value);
            keepTheme(next);
            setTheme(next);
          }}
        >
          <option value="system">As the system</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </select>
      )}
    </Field>
  );
}
