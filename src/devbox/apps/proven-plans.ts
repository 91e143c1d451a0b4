import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Which plan of each app has shown that it runs, also after a restart of the devbox. */
export interface ProvenPlans {
  find(id: number): string | undefined;
  /** Undefined forgets. */
  keep(id: number, digest: string | undefined): void;
}

/**
 * Keeps the digests in one small file for each app. What a crash cuts off matches no plan, which then
 * has to show anew that it runs.
 */
export function openProvenPlans(folder: string): ProvenPlans {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = (id: number) => join(folder, String(id));
  return {
    find(id) {
      try {
        return readFileSync(path(id), "utf8");
      } catch {
        // Not proven.
        return undefined;
      }
    },
    keep(id, digest) {
      if (digest === undefined) rmSync(path(id), { force: true });
      else writeFileSync(path(id), digest, { mode: 0o600 });
    },
  };
}
