import type { Scope } from "./scope.ts";

/** Of a page: where it is, and the other parts of its address, decoded. */
export interface PageProps {
  readonly scope: Scope;
  readonly params: Readonly<Record<string, string>>;
}
