import type { CallOptions, Scope } from "./control-plane.ts";

/** A trigger of a task. Project and domain default to those of the control plane. */
export interface TriggerRef extends Partial<Scope> {
  readonly task: string;
  readonly name: string;
}

/** The state of a trigger as the control plane last told it. */
export interface TriggerStatus extends Scope {
  readonly task: string;
  readonly name: string;
  /** Whether it starts runs. */
  readonly active: boolean;
  /** Counts every deployment and every switch. */
  readonly revision: number;
  /** The version of the task it starts. */
  readonly taskVersion: string;
  readonly description: string;
  /** Address of the trigger's page in the console. */
  readonly url: string;
}

/** The calls about triggers. */
export interface TriggerCalls {
  /** @throws FlyteError `not_found` when there is no such trigger */
  get(trigger: TriggerRef, options?: CallOptions): Promise<TriggerStatus>;
  /**
   * Switches a trigger on; the state is read back. Control planes answer nothing for an unknown
   * trigger, so it is looked up first.
   *
   * @throws FlyteError `not_found`; `conflict` when it is not in the wanted state afterwards
   */
  activate(trigger: TriggerRef, options?: CallOptions): Promise<TriggerStatus>;
  /** Switches a trigger off, as {@link TriggerCalls.activate} switches it on. */
  deactivate(trigger: TriggerRef, options?: CallOptions): Promise<TriggerStatus>;
}
