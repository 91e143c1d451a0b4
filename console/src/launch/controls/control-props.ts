import type { VNode } from "preact";
import type { Draft, DraftOf } from "../draft.ts";
import type { Shape } from "../shape.ts";

/** A value and where it stands. */
export interface ValueProps<Kind extends Draft["kind"] = Draft["kind"], Of extends Shape = Shape> {
  readonly shape: Of;
  readonly draft: DraftOf<Kind>;
  /** `id` of the control, which faults are found by. */
  readonly place: string;
  /** Its name for screen readers, safe to be shown. */
  readonly label: string;
  readonly onChange: (draft: Draft) => void;
  /** Without a way to edit it as JSON: it is part of what has one. */
  readonly isPlain?: boolean;
}

/** The control of a value of any type. */
export type ValueComponent = (props: ValueProps) => VNode;

/** What the control of a value of one kind takes. */
export interface ControlProps<Kind extends Draft["kind"] = Draft["kind"], Of extends Shape = Shape>
  extends ValueProps<Kind, Of> {
  /** Shows the values within it. */
  readonly Value: ValueComponent;
}
