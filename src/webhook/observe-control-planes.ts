import type { FastifyInstance } from "fastify";
import type { CallObserver } from "../client/call-observer.ts";
import type { ResolvedOptions } from "./resolve-options.ts";

/** Observes every control plane that a webhook calls, as long as it is there. */
export function observeControlPlanes(
  app: FastifyInstance,
  { controlPlane, signalLinks, hooks }: ResolvedOptions,
  observer: CallObserver,
): void {
  const ofHooks = hooks.map(({ runAs }) => runAs.controlPlane);
  const all = [controlPlane, signalLinks?.controlPlane, ...ofHooks];
  const observed = new Set(all.filter((one) => one !== undefined));
  const ends = [...observed].map((one) => one.observe(observer));
  app.addHook("onClose", async () => {
    for (const end of ends) end[Symbol.dispose]();
  });
}
