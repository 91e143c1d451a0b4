import type { VNode } from "preact";
import { places } from "../navigation/shortcut-keys.ts";
import { useShortcutsOn } from "../navigation/use-shortcuts.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";

const words: readonly (readonly [keys: readonly string[], what: string])[] = [
  ...Object.entries(places).map(([key, place]) => [["g", key], `Go to ${place}`] as const),
  [["/"], "Search in the page"],
  [["?"], "Show this"],
  [["Esc"], "Close what is open"],
];

/** What can be pressed, and a switch for who does not want it. */
export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }): VNode {
  const [areOn, change] = useShortcutsOn();
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="shortcuts">
        {words.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key, index) => (
                <kbd key={`${index} ${key}`}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="row">
        <input
          type="checkbox"
          checked={areOn}
          onChange={(event) => change(event.currentTarget.checked)}
        />
        Shortcuts of single keys are on in this browser
      </label>
      <p class="muted">They do nothing while you type in a field.</p>
      <div class="row">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
