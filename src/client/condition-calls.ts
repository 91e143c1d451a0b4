import type { JsonValue } from "../shared/json.ts";
import type { Phase } from "../values/phases.ts";
import type { CallOptions, RunRef, Scope } from "./control-plane.ts";

/** A condition of a run: what one of its tasks waits for a person to say. */
export interface ConditionRef extends RunRef {
  /** Its name, or that of its action where several have one name. */
  readonly condition: string;
}

/** The state of a condition as the control plane last told it. */
export interface ConditionStatus extends Scope {
  /** Name of the run. */
  readonly run: string;
  readonly name: string;
  /** Name of the action that stands for it. */
  readonly action: string;
  /** Name of the action that waits. */
  readonly parent: string;
  /** What it takes; undefined when the control plane does not tell. */
  readonly type: "boolean" | "integer" | "float" | "string" | undefined;
  readonly prompt: string;
  readonly promptType: "text" | "markdown";
  readonly description: string;
  readonly phase: Phase;
  /** Whether it waits. */
  readonly open: boolean;
  readonly since: Date | undefined;
  /** When it ends by itself. */
  readonly deadline: Date | undefined;
  readonly endedAt: Date | undefined;
  /** What it was signalled with; undefined before that, and when it ended otherwise. */
  readonly value: JsonValue | undefined;
  /** Subject of the caller who signalled it, when known. */
  readonly signalledBy: string | undefined;
}

/** The calls about conditions. */
export interface ConditionCalls {
  /**
   * The conditions of a run, the oldest first; ended ones too.
   *
   * @throws FlyteError `not_found` when there is no such run
   */
  list(run: RunRef, options?: CallOptions): Promise<readonly ConditionStatus[]>;
  /**
   * One condition. Of several with the name it is the one that waits, or else the last.
   *
   * @throws FlyteError `not_found`; `conflict` when several of that name wait, naming their actions
   */
  get(condition: ConditionRef, options?: CallOptions): Promise<ConditionStatus>;
  /**
   * Resolves a condition and reads it back. The value that has resolved it may be sent again.
   *
   * @throws FlyteError `not_found`; `invalid_input` for a value of another type; `conflict` when it was
   * resolved with another value, naming that, or has ended without one
   */
  signal(
    condition: ConditionRef,
    value: JsonValue,
    options?: CallOptions,
  ): Promise<ConditionStatus>;
}
