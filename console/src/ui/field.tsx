import type { ComponentChildren, VNode } from "preact";
import { useId } from "preact/hooks";

/** What a control takes so that its label, hint and error belong to it. */
export interface FieldControl {
  readonly id: string;
  readonly "aria-describedby"?: string;
  readonly "aria-invalid"?: boolean;
  readonly "aria-required"?: boolean;
}

export interface FieldProps {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  /** What is wrong with the value, in words. */
  readonly error?: string | undefined;
  readonly isRequired?: boolean;
  readonly children: (control: FieldControl) => VNode;
}

/** A labelled control with a hint and an error. */
export function Field({ label, hint, error, isRequired = false, children }: FieldProps): VNode {
  const id = useId();
  const described = [
    hint === undefined ? "" : `${id}-hint`,
    error === undefined ? "" : `${id}-error`,
  ]
    .filter((name) => name !== "")
    .join(" ");
  return (
    <div class="field">
      <label for={id}>
        {label}
        {isRequired && <span class="muted"> (required)</span>}
      </label>
      {hint !== undefined && (
        <div class="hint muted" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {children({
        id,
        ...(described !== "" && { "aria-describedby": described }),
        ...(error !== undefined && { "aria-invalid": true }),
        ...(isRequired && { "aria-required": true }),
      })}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
