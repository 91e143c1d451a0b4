import type { TaskType } from "./task-type.ts";

/** A value a person can give. */
export type ConditionValue = boolean | number | bigint | string;

/** What a task asks a person for. */
export interface ConditionOptions<Value extends ConditionValue> {
  /** `t.boolean()`, `t.int()`, `t.bigint()`, `t.float()` or `t.string()`. @default t.boolean() */
  readonly type?: TaskType<Value>;
  /** What the person is asked, at most 10000 characters. @default "Approve?" */
  readonly prompt?: string;
  /** How the prompt is meant to be read. @default "text" */
  readonly promptType?: "text" | "markdown";
  /** More about it. @default "" */
  readonly description?: string;
  /** How long it is waited for, in milliseconds. @default for ever */
  readonly timeoutMs?: number;
}

/** How a task waits for a person. */
export type WaitFor = <Value extends ConditionValue = boolean>(
  name: string,
  options?: ConditionOptions<Value>,
) => Promise<Value>;
