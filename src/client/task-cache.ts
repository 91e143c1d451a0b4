import { LRUCache } from "lru-cache";
import type { AuthMetadata } from "./auth-metadata.ts";
import type { TaskDetails } from "./control-plane.ts";
import { toCredentialKey } from "./credential-headers.ts";
import type { KnownTask } from "./task-details.ts";

/** Which version of a task, exactly. */
export type ExactTask = Pick<TaskDetails, "project" | "domain" | "name" | "version"> & {
  readonly org: string;
};

const mostTasks = 1_000;

/**
 * Details of exact task versions, kept for a short time and for each credential apart: what one
 * caller may see must not reach another. Credentials are kept as hashes only.
 */
export class TaskCache {
  readonly #entries: LRUCache<string, KnownTask> | undefined;

  constructor(ttlMs: number) {
    // Looking at the clock costs less than the timer by which it would be remembered for a moment.
    if (ttlMs > 0) this.#entries = new LRUCache({ max: mostTasks, ttl: ttlMs, ttlResolution: 0 });
  }

  get(task: ExactTask, auth: AuthMetadata | undefined): KnownTask | undefined {
    return this.#entries?.get(toKey(task, auth));
  }

  set(task: ExactTask, auth: AuthMetadata | undefined, known: KnownTask): void {
    this.#entries?.set(toKey(task, auth), known);
  }
}

function toKey(task: ExactTask, auth: AuthMetadata | undefined): string {
  const { org, project, domain, name, version } = task;
  return JSON.stringify([org, project, domain, name, version, toCredentialKey(auth)]);
}
