import type { JsonSchema } from "./json-schema.ts";
import type { Parameter } from "./parameters.ts";

export type EndpointName =
  | "health"
  | "me"
  | "run_task"
  | "get_task"
  | "get_run"
  | "get_run_io"
  | "abort_run"
  | "get_app"
  | "activate_app"
  | "deactivate_app"
  | "call_app"
  | "activate_trigger"
  | "deactivate_trigger"
  | "fire_trigger"
  | "run_task_and_wait"
  | "get_conditions"
  | "signal_condition"
  | "create_signal_link"
  | "get_run_events"
  | "get_run_logs"
  | "rerun_run"
  | "run_tasks"
  | "list_runs"
  | "list_tasks"
  | "list_apps"
  | "list_triggers"
  | "ready"
  | "metrics"
  | "build_image"
  | "prefetch_hf_model"
  | "get_prefetch_hf_model"
  | "get_prefetch_hf_model_io"
  | "abort_prefetch_hf_model"
  | "inspect"
  | "inspect_decision"
  | "inspect_deliveries"
  | "replay_delivery"
  | "inspect_audit";

/** `all` stands for the original's eighteen endpoints; the other groups here have to be named. */
export type EndpointGroup =
  | "all"
  | "core"
  | "task"
  | "run"
  | "app"
  | "trigger"
  | "build"
  | "prefetch"
  | "fire"
  | "wait"
  | "signal"
  | "live"
  | "rerun"
  | "batch"
  | "list"
  | "ops"
  | "inspect";

/**
 * Which guard a request to an endpoint has to pass: `fire` is that of a trigger and of its task, `list` leaves out what may
 * not be touched.
 */
export type Fence = "none" | "task" | "run" | "app" | "trigger" | "fire" | "list";

export interface RequestBody {
  readonly schema: JsonSchema;
  readonly required: boolean;
  readonly example: unknown;
}

export interface Endpoint {
  readonly name: EndpointName;
  readonly group: Exclude<EndpointGroup, "all">;
  readonly method: "GET" | "POST";
  /** Template with its parameters in braces; a parameter never spans a slash. */
  readonly path: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  /** The body, where it is not the object of the parameters; these come in the query alone then. */
  readonly body?: RequestBody;
  /** Parameters as they could come in the body. */
  readonly bodyExample?: unknown;
  /** The body of the answer with status 200. */
  readonly answer: JsonSchema;
  /** Its media type. @default `application/json` */
  readonly mediaType?: string;
  readonly example: unknown;
  /** What it answers instead, by media type, for endpoints whose answer has several; the first is the default. */
  readonly mediaTypes?: Readonly<
    Record<string, { readonly schema: JsonSchema; readonly example: unknown }>
  >;
  /** What it answers is another server's answer: any status and media type. */
  readonly passesOn?: true;
  readonly fence: Fence;
  /**
   * The original does not have it. It is served when its group or name is asked for, and not with
   * `all`; it reads requests alike in both modes.
   */
  readonly added?: true;
  /** Needs no credential. */
  readonly public?: true;
}
