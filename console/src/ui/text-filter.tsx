import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { toAttributeText } from "../text/attribute-text.ts";
import { Field } from "./field.tsx";

/** How long nothing is typed before the list follows. */
const pauseMs = 250;

/** A filter that is typed. */
export function TextFilter({
  label,
  placeholder,
  value,
  choices,
  after,
  onChange,
}: {
  readonly label: string;
  readonly placeholder?: string;
  readonly value: string;
  /** What may be chosen instead of typing; then the list follows when typing is over. */
  readonly choices?: readonly { readonly value: string; readonly words: string }[];
  readonly after?: ComponentChildren;
  readonly onChange: (value: string) => void;
}): VNode {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const told = useRef(value);
  const tell = (next: string): void => {
    told.current = next;
    onChange(next);
  };
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    const field = input.current;
    const commit = (): void => latest.current(field?.value.trim() ?? "");
    // As a property it would be `input`: preact/compat takes `onChange` as React does.
    field?.addEventListener("change", commit);
    return () => field?.removeEventListener("change", commit);
  }, []);
  useEffect(() => {
    // The address can change otherwise: by going back, or by clearing. What was told must not undo what is typed since.
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  const isLive = choices === undefined;
  const given = text.trim();
  useEffect(() => {
    if (!isLive || given === value) return;
    const timer = setTimeout(() => tell(given), pauseMs);
    return () => clearTimeout(timer);
  }, [given]);
  return (
    <Field label={label}>
      {(field) => (
        <div class="with-button">
          <input
            {...field}
            ref={input}
            type="search"
            placeholder={placeholder}
            autocomplete="off"
            spellcheck={false}
            list={isLive ? undefined : `${field.id}-choices`}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          {after}
          {choices !== undefined && (
            <datalist id={`${field.id}-choices`}>
              {choices.map((choice) => (
                <option key={choice.value} value={choice.value}>
                  {toAttributeText(choice.words)}
                </option>
              ))}
            </datalist>
          )}
        </div>
      )}
    </Field>
  );
}
