import type { StartedRun } from "../../client/control-plane.ts";
import type { JsonValue } from "../../shared/json.ts";
import type { Problem } from "../problem.ts";
import type { HookEvent, RawDelivery } from "./provider.ts";

/** A delivery, undefined where it could not be read, and what became of it. */
export interface DecidedDelivery {
  readonly delivery: RawDelivery | undefined;
  readonly outcome: DeliveryOutcome;
}

/** What became of a delivery, and so what is answered. */
export type DeliveryOutcome =
  | {
      readonly verdict: "started" | "duplicate";
      readonly event: HookEvent;
      readonly run: StartedRun;
      /** Whom the control plane takes the hook for; undefined where it does not say. */
      readonly subject: string | undefined;
    }
  | {
      readonly verdict: "ignored" | "refused";
      readonly event: HookEvent;
      readonly reason: string;
    }
  | {
      readonly verdict: "answered";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: JsonValue | undefined;
      readonly what: string;
    }
  | {
      readonly verdict: "bad_signature" | "malformed" | "failed";
      readonly event?: HookEvent;
      readonly problem: Problem;
      /** For the log and the list of deliveries, where the problem does not say it. */
      readonly reason?: string;
    };
