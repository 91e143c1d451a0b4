import type { Condition } from "../../../../src/idl/apps.ts";

/** What is known of a revision: the control plane keeps the last conditions of an app only. */
export interface AppRevision {
  readonly revision: bigint;
  /** Its first condition that is still known. */
  readonly first: Condition;
  readonly last: Condition;
}

/** The revisions that conditions tell of, the newest first. */
export function toRevisions(conditions: readonly Condition[]): readonly AppRevision[] {
  const revisions = new Map<bigint, AppRevision>();
  for (const condition of conditions) {
    const { revision } = condition;
    const first = revisions.get(revision)?.first ?? condition;
    revisions.set(revision, { revision, first, last: condition });
  }
  return [...revisions.values()].toSorted((a, b) => (a.revision < b.revision ? 1 : -1));
}
