import type { ComponentChildren, VNode } from "preact";
import { toAttributeText } from "../text/attribute-text.ts";

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly kind?: "primary" | "danger" | "plain";
  readonly type?: "button" | "submit";
  readonly onClick?: () => void;
  /** Works on it: cannot be pressed, and says so to screen readers. */
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  /** What it does, where its text alone does not say it. */
  readonly label?: string;
  readonly pressed?: boolean;
  /** For what moves the focus to it. */
  readonly id?: string;
}

export function Button({
  children,
  kind = "plain",
  type = "button",
  onClick,
  isBusy = false,
  isDisabled = false,
  label,
  pressed,
  id,
}: ButtonProps): VNode {
  return (
    <button
      class={`button button-${kind}`}
      id={id}
      type={type}
      // A disabled button loses the focus of who pressed it.
      aria-disabled={isBusy || isDisabled}
      aria-busy={isBusy}
      aria-label={label === undefined ? undefined : toAttributeText(label)}
      aria-pressed={pressed}
      onClick={(event) => {
        if (isBusy || isDisabled) event.preventDefault();
        else onClick?.();
      }}
    >
      {children}
    </button>
  );
}
