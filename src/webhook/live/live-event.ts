import type { JsonObject } from "../../shared/json.ts";

/** One thing that a live stream tells. */
export interface LiveEvent {
  /** Where a reader that comes back goes on. Absent where it goes on as if this had not been told. */
  readonly id?: string;
  /** What it is; readers pass over those they do not know. */
  readonly event: "phase" | "line" | "end" | "error" | "restart";
  readonly data: JsonObject;
}

/** The identifier of the last event of a stream that can tell nothing more. */
export const endId = "end";
