import type { FastifyRequest } from "fastify";
import type { Counter } from "../metrics/metrics.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import type { DeliveryFiles } from "./delivery-files.ts";
import type { RecentDeliveries } from "./recent-deliveries.ts";
import type { StartsUnderWay } from "./starts-under-way.ts";

/** What the hooks of a webhook share. */
export interface HookSite {
  readonly options: ResolvedOptions;
  readonly recent: RecentDeliveries;
  readonly underWay: StartsUnderWay;
  readonly files: DeliveryFiles;
  /** Deliveries by hook and verdict. */
  readonly deliveries: Counter;
}

/** The request that brought a delivery, or asked to give one to its hook again. */
export type AskingRequest = Pick<FastifyRequest, "id" | "record" | "authMetadata">;
