import type { FastifyInstance } from "fastify";
import type { Addressed } from "../find-endpoints.ts";
import { metricsOf } from "../metrics/metrics-of.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { answerDelivery } from "./answer-delivery.ts";
import { DeliveryFiles } from "./delivery-files.ts";
import type { HookSite } from "./hook-site.ts";
import { RecentDeliveries } from "./recent-deliveries.ts";
import type { ResolvedHook } from "./resolve-hooks.ts";
import { StartsUnderWay } from "./starts-under-way.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** The last deliveries of each hook; undefined without hooks. */
    recentDeliveries?: RecentDeliveries;
  }
}

/** An address that deliveries are sent to. */
export interface HookPage extends Addressed {
  readonly bodyLimitBytes: number;
}

/** The addresses of {@link addHooks}. */
export function hookPages(hooks: readonly ResolvedHook[]): readonly HookPage[] {
  return hooks.flatMap(({ path, methods, bodyLimitBytes }) =>
    methods.map((method) => ({ method, path, bodyLimitBytes })),
  );
}

/** What the hooks of a webhook share; undefined without hooks. */
export function createHookSite(
  app: FastifyInstance,
  options: ResolvedOptions,
): HookSite | undefined {
  const { hooks, logger } = options;
  if (hooks.length === 0) return undefined;
  const site: HookSite = {
    options,
    recent: new RecentDeliveries(),
    underWay: new StartsUnderWay(),
    files: new DeliveryFiles(logger),
    deliveries: metricsOf(options).counter(
      "flyte_webhook_hook_deliveries_total",
      "Deliveries to hooks by what came of them.",
      ["hook", "verdict"],
    ),
  };
  app.decorate("recentDeliveries", site.recent);
  return site;
}

/** Adds the addresses that signed deliveries are sent to. Closing waits for what was begun. */
export function addHooks(app: FastifyInstance, site: HookSite | undefined): void {
  if (site === undefined) return;
  for (const hook of site.options.hooks) {
    app.route({
      method: [...hook.methods],
      url: hook.path,
      // Pages have no business here, whichever may call the endpoints.
      config: { cors: false, endpoint: `hook:${hook.name}` },
      handler: (request, reply) => answerDelivery(site, hook, request, reply),
    });
  }
  app.addHook("onClose", async () => {
    await Promise.all([site.underWay.settled(), site.files.settled()]);
  });
}
