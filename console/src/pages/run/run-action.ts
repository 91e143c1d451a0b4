import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type Action, ActionType } from "../../../../src/idl/runs.ts";
import type { TreeItem } from "./action-tree.ts";

/** Name of the action that a run is. */
export const rootAction = "a0";

/** An action of a run as the stream of its actions tells it. */
export interface RunAction extends TreeItem {
  /** What people call it: the task, trace or condition. */
  readonly label: string;
  readonly kind: "task" | "trace" | "condition";
  readonly group: string;
  readonly phase: number;
  readonly status: Action["status"];
  /** Grows whenever the stream tells of it, so that its details are read again. */
  readonly change: number;
}

export function toRunAction({ id, metadata, status }: Action, change: number): RunAction {
  const name = id?.name ?? "";
  return {
    name,
    parent: metadata?.parent ?? "",
    startMs: status?.startTime === undefined ? 0 : timestampMs(status.startTime),
    label: labelOf(metadata) || name,
    kind: kinds.get(metadata?.actionType ?? ActionType.TASK) ?? "task",
    group: metadata?.group ?? "",
    phase: status?.phase ?? 0,
    status,
    change,
  };
}

const kinds: ReadonlyMap<ActionType, RunAction["kind"]> = new Map([
  [ActionType.TRACE, "trace"],
  [ActionType.CONDITION, "condition"],
]);

/** What an action is called by whoever wrote it. */
export function labelOf(metadata: Action["metadata"]): string {
  const { spec, funtionName = "" } = metadata ?? {};
  switch (spec?.case) {
    case "task":
      return spec.value.shortName || spec.value.id?.name || funtionName;
    case "trace":
    case "condition":
      return spec.value.name || funtionName;
    default:
      return funtionName;
  }
}
