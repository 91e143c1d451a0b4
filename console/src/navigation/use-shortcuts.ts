import { useSyncExternalStore } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";
import { type Pressed, pressKey, type ShortcutAction } from "./shortcut-keys.ts";

/** Shortcuts of one character can be switched off, for those who speak or whose hands slip (WCAG 2.1.4). */
const storageKey = "flyte-console-shortcuts";
const listeners = new Set<() => void>();

const areOn = (): boolean => localStorage.getItem(storageKey) !== "off";

export function useShortcutsOn(): readonly [areOn: boolean, change: (areOn: boolean) => void] {
  const current = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, areOn);
  return [current, change];
}

function change(on: boolean): void {
  if (on) localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, "off");
  for (const listener of listeners) listener();
}

/** Calls for each shortcut that is pressed, but where somebody types or a dialog is open. */
export function useShortcuts(act: (action: ShortcutAction) => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    let pressed: Pressed;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!isForUs(event)) return;
      const next = pressKey(event.key, event.timeStamp, pressed);
      pressed = next.pressed;
      if (next.action === undefined) return;
      event.preventDefault();
      latest.current(next.action);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

const typing = 'input, textarea, select, [contenteditable], [role="textbox"], [role="combobox"]';

function isForUs(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing || event.repeat) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.target instanceof Element && event.target.closest(typing) !== null) return false;
  return areOn() && document.querySelector("dialog[open]") === null;
}
