import type { JsonObject } from "../shared/json.ts";
import type { CallOptions, RunOptions, RunPlan, Scope, StartedRun } from "./control-plane.ts";
import type { ListPage, PageOptions } from "./page-options.ts";

/** A trigger of a task. Project and domain default to those of the control plane. */
export interface TriggerRef extends Partial<Scope> {
  readonly task: string;
  readonly name: string;
}

/** What a list tells of a trigger. */
export interface TriggerSummary extends Scope {
  readonly task: string;
  readonly name: string;
  /** Whether it starts runs. */
  readonly active: boolean;
  /** Counts every deployment, switch and deletion. */
  readonly revision: number;
  /**
   * When it starts runs, for people: `0 2 * * * (Europe/Berlin)`, `every 15 minutes`. Undefined when
   * it has no schedule.
   */
  readonly schedule: string | undefined;
  /**
   * When it fires next by its schedule, as seen from this machine's clock. Undefined when it is not
   * active, has no schedule, or one that this version does not understand.
   */
  readonly nextFireAt: Date | undefined;
  /** When it was due last and started a run; undefined when it never did. */
  readonly lastFiredAt: Date | undefined;
  /** Subject of who deployed or switched it last, when known. */
  readonly updatedBy: string | undefined;
  readonly updatedAt: Date | undefined;
  /** Address of the trigger's page in the console. */
  readonly url: string;
}

/** The state of a trigger as the control plane last told it. */
export interface TriggerStatus extends TriggerSummary {
  /** The version of the task it starts. */
  readonly taskVersion: string;
  readonly description: string;
  /** The input that gets the time of the fire. */
  readonly timeInput: string | undefined;
}

/** A change of a trigger. */
export interface TriggerRevision {
  readonly revision: number;
  readonly action: "deploy" | "activate" | "deactivate" | "delete" | "unspecified";
  /** Subject of who made it, when known. */
  readonly by: string | undefined;
  readonly at: Date | undefined;
}

/** When a trigger starts runs. */
export type TriggerSchedule =
  | {
      /** Five fields, `@daily` and its siblings, or `@every 90s`. */
      readonly cron: string;
      /** A name such as `Europe/Berlin`. @default "UTC" */
      readonly timezone?: string;
    }
  | {
      /** A whole number from 1. */
      readonly everyMinutes: number;
      /** The first fire. @default one interval after the trigger was switched on */
      readonly startTime?: Date;
    };

/** A trigger to be, of a task that is registered. */
export interface TriggerDeployment extends TriggerRef {
  readonly schedule: TriggerSchedule;
  /** The version of the task to start. @default the one deployed last, which it then stays with */
  readonly taskVersion?: string;
  /** At most 255 characters; the rest is cut off. @default "" */
  readonly description?: string;
  /** Whether it starts runs from now on. @default true */
  readonly active?: boolean;
  /** Values of the task's inputs; the task's defaults stand for others. @default {} */
  readonly inputs?: JsonObject;
  /** The input that gets the time of the fire. @default none */
  readonly timeInput?: string;
  /** Environment variables of its runs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whether its runs may be moved off machines that go away. @default the task's own */
  readonly interruptible?: boolean;
  /** Whether its runs compute cached outputs anew. @default false */
  readonly overwriteCache?: boolean;
  /** @default the control plane's choice */
  readonly queue?: string;
  /** The revision it must have, so that nobody else's change is overwritten. @default any */
  readonly revision?: number;
}

/** How a trigger is fired on demand. */
export type FireOptions = Omit<RunOptions, keyof Scope>;

/** The calls about triggers. */
export interface TriggerCalls {
  /** @throws FlyteError `not_found` when there is no such trigger */
  get(trigger: TriggerRef, options?: CallOptions): Promise<TriggerStatus>;
  /** The triggers of a project and domain, or of one task there; active ones first. */
  list(
    scope?: Partial<Scope> & { readonly task?: string },
    options?: CallOptions & { readonly limit?: number },
  ): Promise<readonly TriggerSummary[]>;
  /**
   * One page of {@link TriggerCalls.list}.
   *
   * @throws FlyteError `invalid_input` for a limit or an `after` that is none
   */
  page(
    scope?: Partial<Scope> & { readonly task?: string },
    options?: PageOptions,
  ): Promise<ListPage<TriggerSummary>>;
  /**
   * Creates a trigger, or replaces the one of its name.
   *
   * @throws FlyteError `not_found` when the task does not exist; `invalid_input` naming every fault
   * of the schedule and the inputs; `conflict` when the trigger has another revision than named
   */
  deploy(trigger: TriggerDeployment, options?: CallOptions): Promise<TriggerStatus>;
  /**
   * Switches a trigger on; the state is read back. Control planes answer nothing for an unknown
   * trigger, so it is looked up first.
   *
   * @throws FlyteError `not_found`; `conflict` when it is not in the wanted state afterwards
   */
  activate(trigger: TriggerRef, options?: CallOptions): Promise<TriggerStatus>;
  /** Switches a trigger off, as {@link TriggerCalls.activate} switches it on. */
  deactivate(trigger: TriggerRef, options?: CallOptions): Promise<TriggerStatus>;
  /** Deletes a trigger. One that is gone already is fine. Runs it started go on. */
  delete(trigger: TriggerRef, options?: CallOptions): Promise<void>;
  /**
   * What was done to a trigger, the latest first; also to one that was deleted.
   *
   * @throws FlyteError `not_found` when there never was such a trigger
   */
  history(
    trigger: TriggerRef,
    options?: CallOptions & { readonly limit?: number },
  ): Promise<readonly TriggerRevision[]>;
  /**
   * Starts a run of a trigger now, whether it is active or not: of its version of the task, with its
   * inputs and settings, over which those given are laid. The input of the fire time gets the
   * present. The run lives where the trigger does. The schedule goes on as it is.
   *
   * @throws FlyteError `not_found`; `invalid_input` naming every fault; `precondition_failed` when the
   * control plane keeps the trigger's inputs to itself and some, but not all, are given
   */
  fire(trigger: TriggerRef, inputs?: JsonObject, options?: FireOptions): Promise<StartedRun>;
  /** Decides all that {@link TriggerCalls.fire} decides, and starts nothing. */
  plan(trigger: TriggerRef, inputs?: JsonObject, options?: FireOptions): Promise<RunPlan>;
}
